"""Where randomness comes from: the operating system, or a seed that repeats a rehearsal."""

import os
import random
from uuid import UUID

# The six bits that say "random id" (RFC 9562, version 4), and those they leave free.
_RANDOM = 4 << 76 | 2 << 62
_FREE = ~(0xF << 76 | 3 << 62)


def _id_of(raw: bytes) -> UUID:
    """Return `UUID(bytes=raw, version=4)` without its checks, which cost more than the id."""
    return UUID(int=int.from_bytes(raw, "big") & _FREE | _RANDOM)


class SystemChance:
    """Unguessable, from the operating system."""

    def uuid(self) -> UUID:
        """Return a random (version 4) id."""
        return _id_of(os.urandom(16))

    def raw(self, count: int) -> bytes:
        """Return `count` unguessable bytes."""
        return os.urandom(count)

    def below(self, limit: int) -> int:
        """Return a whole number from 0 up to, not including, `limit`; its bias is below 2**-40."""
        return int.from_bytes(os.urandom(8), "big") % limit


class SeededChance:
    """The same every time for the same seed: for rehearsals and tests only."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a rehearsal must repeat itself

    def uuid(self) -> UUID:
        """Return the next id."""
        return _id_of(self._random.randbytes(16))

    def raw(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        return self._random.randbytes(count)

    def below(self, limit: int) -> int:
        """Return the next whole number below `limit`."""
        return self._random.randrange(limit)
