"""The demo: one night of dispatching with real processes, sockets and seconds, judged at its end."""
