"""Rehearsals: the whole program on a virtual clock. Builds and steps parts, decides nothing."""
