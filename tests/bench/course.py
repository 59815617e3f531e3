"""A course: the server that everything is measured on, how much of it, and until when."""

import time
from typing import Final, NamedTuple

from gateway.clock import SystemClock
from gateway.store.migrate import migrate
from gateway.store.pool import Connection, connect


class Scale(NamedTuple):
    """How much is measured: messages in a round, rounds, seconds of a run at a rate."""

    many: int
    rounds: int
    seconds: float
    drained: int
    callbacks: int
    pending: tuple[int, ...]
    cycles: int
    accounts: int
    posts: int
    idle: float
    night: tuple[int, int]
    queued: int
    history: int = 0


FULL: Final = Scale(
    many=10_000,
    rounds=3,
    seconds=20,
    drained=100_000,
    callbacks=10_000,
    pending=(10_000, 100_000, 1_000_000),
    cycles=1_000,
    accounts=10_000,
    posts=150,
    idle=60,  # as long as the longest of what comes again and again
    night=(200, 5_000),
    queued=1_000_000,
)
QUICK: Final = Scale(
    many=2_000,
    rounds=1,
    seconds=5,
    drained=5_000,
    callbacks=2_000,
    pending=(10_000, 50_000),
    cycles=100,
    accounts=200,
    posts=30,
    idle=10,
    night=(20, 200),
    queued=10_000,
)


class Course(NamedTuple):
    """What a part is given: the server's URL, how much, and when all must be over."""

    server: str
    scale: Scale
    until: float

    @property
    def left(self) -> float:
        """Seconds that are left for everything."""
        return self.until - time.perf_counter()

    async def fresh(self, name: str) -> str:
        """Make a migrated database of that name; return its URL."""
        clock = SystemClock()
        url = await self.created(name)
        conn = await connect(url, clock)
        await migrate(conn, clock.now())
        await conn.close()
        return url

    async def created(self, name: str) -> str:
        """Make an empty database of that name; return its URL."""
        conn = await connect(self.server, SystemClock())
        await conn.execute(f"create database {name}")
        await conn.close()
        return self.server.replace("/postgres?", f"/{name}?")

    async def dropped(self, name: str) -> None:
        """Remove a database: the server is to have nothing else to see to."""
        conn = await connect(self.server, SystemClock())
        await conn.execute(f"drop database {name} with (force)")
        await conn.execute("checkpoint")
        await conn.close()

    async def conn(self, url: str) -> Connection:
        """Open a connection to a database."""
        return await connect(url, SystemClock())
