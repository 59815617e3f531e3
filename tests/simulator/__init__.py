"""The simulated carrier, in process and over real HTTP."""
