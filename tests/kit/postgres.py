"""A throwaway Postgres for the whole run, and a fresh migrated database for each test.

Under xdist the controlling process starts the server and tells the workers where it is; it is gone
with the controller, even when that one is killed.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
import pytest_asyncio

from gateway.clock import SystemClock
from gateway.store.embedded import throwaway
from gateway.store.migrate import migrate
from gateway.store.months import make_room
from gateway.store.pool import Connection, Pool, connect, open_pool
from tests.kit.desk import NOON

TEMPLATE = "migrated"
GIVEN_BACK_SECONDS = 10
_RUN = pytest.StashKey[contextlib.ExitStack]()
_URL = pytest.StashKey[str]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker which server to use; the first one makes us start it."""
    config = node.config  # type: ignore[attr-defined] # xdist has no types
    node.workerinput["postgres"] = server_of(config)  # type: ignore[attr-defined] # the same


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if this process started one."""
    if _RUN in config.stash:
        config.stash[_RUN].close()


def server_of(config: pytest.Config) -> str:
    """Answer the URL of this run's server, started and given its template when first asked."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["postgres"])
    if _URL not in config.stash:
        config.stash[_RUN] = contextlib.ExitStack()
        config.stash[_URL] = config.stash[_RUN].enter_context(throwaway())
        _on(config.stash[_URL], lambda conn: conn.execute(f"create database {TEMPLATE}"))
        _on(database_url(config.stash[_URL], TEMPLATE), _migrated)
    return config.stash[_URL]


def database_url(server: str, name: str) -> str:
    """Answer the URL of a named database of that server."""
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> str:
    """URL of the run's Postgres (its maintenance database)."""
    return server_of(pytestconfig)


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """URL of a fresh, migrated database, dropped after the test."""
    name = f"test_{secrets.token_hex(6)}"
    _on(
        server,
        lambda conn: conn.execute(f"create database {name} template {TEMPLATE} strategy file_copy"),
    )
    yield database_url(server, name)
    _on(server, lambda conn: conn.execute(f"drop database {name} with (force)"))


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """URL of a fresh database that was never migrated, dropped after the test."""
    name = f"empty_{secrets.token_hex(6)}"
    _on(server, lambda conn: conn.execute(f"create database {name}"))
    yield database_url(server, name)
    _on(server, lambda conn: conn.execute(f"drop database {name} with (force)"))


@pytest_asyncio.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """Open a pool on a fresh, migrated database; a test gives its connections back."""
    opened = await open_pool(database, SystemClock(), tries=1)
    yield opened
    async with asyncio.timeout(GIVEN_BACK_SECONDS):
        await opened.close()


async def _migrated(conn: Connection) -> None:
    await migrate(conn, SystemClock().now())
    await make_room(conn, NOON)


def _on(url: str, work: Callable[[Connection], Awaitable[object]]) -> None:
    """Do something over a connection of its own, in a loop that no test sees."""

    async def done() -> None:
        conn = await connect(url, SystemClock(), tries=1)
        try:
            await work(conn)
        finally:
            await conn.close()

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(done())
    finally:
        loop.close()
