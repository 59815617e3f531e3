"""The dashboard's panels as a real Prometheus answers them, drawn: `python -m tests.screen`."""
