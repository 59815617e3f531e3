"""The adapters against real sockets: a stub carrier, a mail server, a notification sink."""
