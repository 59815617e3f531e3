"""The demo: one night of dispatching with real processes and real seconds, judged at its end."""
