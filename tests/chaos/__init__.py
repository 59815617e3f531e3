"""Chaos: real processes, broken on purpose by a plan that a seed makes."""
