"""Scratch databases: fresh, migrated, on a server that forgets everything."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from gateway.clock import SystemClock
from gateway.store.migrate import migrate
from gateway.store.pool import connect

_PATTERN = "template1"  # what every new database is a copy of


@dataclass(slots=True)
class Scratch:
    """Makes database after database on the throwaway server at `url`."""

    url: str
    made: int = 0

    @classmethod
    async def on(cls, url: str) -> Self:
        """Migrate the server's own pattern, so that all databases to come are migrated."""
        clock = SystemClock()
        conn = await connect(named(url, _PATTERN), clock, tries=1)
        try:
            await migrate(conn, clock.now())
        finally:
            await conn.close()
        return cls(url)

    async def fresh(self) -> str:
        """Make one more database and return its URL."""
        self.made += 1
        name = f"scratch_{self.made}"
        conn = await connect(self.url, SystemClock(), tries=1)
        try:
            await conn.execute(f"create database {name}")
        finally:
            await conn.close()
        return named(self.url, name)


def named(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()
