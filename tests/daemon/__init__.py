"""The daemon, tested on the real store with the simulated carrier."""
