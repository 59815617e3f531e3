"""Randomness as an argument, so that the pure part stays pure and a rehearsal repeats itself."""

from typing import Protocol
from uuid import UUID


class Chance(Protocol):
    """Where ids, salts, link tokens and reply codes come from."""

    def uuid(self) -> UUID:
        """Return a fresh id."""
        ...

    def raw(self, count: int) -> bytes:
        """Return `count` unguessable bytes."""
        ...

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, not including, `limit`."""
        ...
