"""Where randomness comes from: the operating system, or a seed that repeats a rehearsal."""

import os
import random
from uuid import UUID

_VERSION_4 = 4


class SystemChance:
    """Unguessable, from the operating system."""

    def uuid(self) -> UUID:
        """Return a random (version 4) id."""
        return UUID(bytes=os.urandom(16), version=_VERSION_4)

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
        return UUID(bytes=self._random.randbytes(16), version=_VERSION_4)

    def raw(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        return self._random.randbytes(count)

    def below(self, limit: int) -> int:
        """Return the next whole number below `limit`."""
        return self._random.randrange(limit)
