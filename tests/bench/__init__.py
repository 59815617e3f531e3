"""Measurements: what the program can do on this machine, printed, never asserted in CI."""
