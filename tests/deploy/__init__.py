"""What operators put around the daemon, held against the program."""
