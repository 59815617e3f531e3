"""The database as commands reach it: embedded and kept up to date, or one's own and looked at."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from gateway.clock import SystemClock
from gateway.log import set_up
from gateway.settings import Settings
from gateway.store import migrate
from gateway.store.embedded import shared
from gateway.store.pool import Connection, connect, steer

_TRIES: Final = 3
_T = TypeVar("_T")
Work = Callable[[Connection, SystemClock], Awaitable[_T]]


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Hold the database of the settings for a while: DATABASE_URL, else the embedded one.

    Raises EmbeddedError.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with shared(settings.data_dir) as url:
        yield url


def with_database(settings: Settings, work: Work[_T], *, fitting: bool = True) -> _T:
    """Do some work over one connection to a database that fits this program.

    The embedded one is migrated, any other is refused when it is behind (MigrationError); with
    `fitting` false it is taken as it is. Raises DatabaseError and EmbeddedError.
    """
    set_up("console", "error", SystemClock().now)
    with database_url(settings) as url:
        own = settings.database_url is None
        return asyncio.run(_with_connection(url, work, own=own, fitting=fitting))


async def _with_connection(url: str, work: Work[_T], *, own: bool, fitting: bool) -> _T:
    clock = SystemClock()
    conn = await connect(url, clock, name="dispatchd command", tries=_TRIES)
    try:
        await steer(conn, clock)
        if fitting:
            await fit(conn, clock, own=own)
        return await work(conn, clock)
    finally:
        await conn.close()


async def fit(conn: Connection, clock: SystemClock, *, own: bool) -> None:
    """Migrate an embedded database; refuse another one that does not fit (MigrationError)."""
    if own:
        await migrate.migrate(conn, clock.now())
    else:
        await migrate.check(conn)
