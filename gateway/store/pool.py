"""Connections to Postgres: opened with patience, with the same types and settings everywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg
import orjson
import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential

from gateway.clock import Clock, SystemClock
from gateway.store.queries import load

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection
Record = asyncpg.Record

OLDEST_POSTGRES: Final = 15
TRIES: Final = 10  # with the pauses below about a minute
CONNECT_SECONDS: Final = 10.0
_CLOSING_SECONDS: Final = 5.0
# Before the server ends the transaction: a slow statement is told as that, not as a lost one.
COMMAND_SECONDS: Final = 8.0
AT_ONCE: Final = 5_000  # rows that one statement of the upkeep deletes: well below a second
# A process that is stopped in mid-transaction must not hold its locks for ever. Stopped while a
# statement of the transaction is being prepared it is not idle to Postgres, nor does the limit of
# statements count; only the limit of transactions does.
_LIMIT_TRANSACTIONS: Final = "set transaction_timeout = '10s'"
_KNOWS_LIMIT: Final = 17
_DEADLOCKS: Final = 3
_CLOCK_SET: Final = 2.0  # seconds; less may be a host that is slow
# What a statement or a connect raises while the database is away; the same call may work later.
AWAY: Final[tuple[type[Exception], ...]] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection cut while a statement is being prepared
)
_FAULTS: Final[tuple[type[Exception], ...]] = (*AWAY, asyncpg.PostgresError)
# Every statement of ours touches few rows by their keys. On a young or a badly measured table the
# planner may think a scan cheaper, and goes on doing so when the table has grown.
_PLANS: Final = {
    "jit": "off",  # compiling plans costs more than our short statements last
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # Left to itself the planner takes values for cheaper than no values wherever months are
    # narrowed by them, and plans anew each time: 2 ms a statement, with six years of months 18.
    "plan_cache_mode": "force_generic_plan",
}
# A plan is kept for so long, in seconds: one that was made for an empty table (a month begins) must
# not be that of a full one until somebody analyzes it.
_PLAN_LASTS: Final = 60
_T = TypeVar("_T")
_log = structlog.get_logger(__name__)
_queries = load("pool")


class DatabaseError(Exception):
    """The database cannot be used: away for too long, refused, or too old. Words for the user."""


async def open_pool(
    url: str, clock: Clock, *, name: str = "dispatchd", size: int = 10, tries: int = TRIES
) -> Pool:
    """Open up to `size` connections; retried with growing pauses of `clock`, one log line per try.

    Raises DatabaseError after so many tries, and at once when trying again cannot help.
    """

    async def attempt() -> Pool:
        pool: Pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=_prepare_brief,
            reset=_keep,
            **_options(name, COMMAND_SECONDS),
        )
        return pool

    return await _patiently(attempt, url, clock, tries)


async def close_soon(pool: Pool) -> None:
    """Close the connections, those to a database that no longer answers by force."""
    try:
        async with asyncio.timeout(_CLOSING_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def connect(
    url: str,
    clock: Clock,
    *,
    name: str = "dispatchd",
    tries: int = TRIES,
    brief: bool = False,
) -> "asyncpg.Connection[asyncpg.Record]":
    """Open one connection of its own (claim, record, LISTEN, migrate), as `open_pool` does.

    Its commands have no time limit, unless all transactions are `brief`: then Postgres 17 and later
    ends one that lasts too long.
    """

    async def attempt() -> "asyncpg.Connection[asyncpg.Record]":
        conn: asyncpg.Connection[asyncpg.Record]
        conn = await asyncpg.connect(url, **_options(name, None))
        try:
            await (_prepare_brief if brief else _prepare)(conn)
        except BaseException:
            conn.terminate()
            raise
        return conn

    return await _patiently(attempt, url, clock, tries)


async def untangled(work: Callable[[], Awaitable[_T]]) -> _T:
    """Do a transaction's work, again when Postgres broke a deadlock at its cost."""
    for _ in range(_DEADLOCKS):
        try:
            return await work()
        except asyncpg.DeadlockDetectedError:
            _log.warning("deadlock", action="database.deadlock")
    return await work()


async def steer(conn: Connection, clock: SystemClock) -> None:
    """Measure the database's clock over this connection and let ours follow it."""
    was, sent = clock.now(), clock.monotonic()
    at = await conn.fetchval(_queries.read_clock)
    received = clock.monotonic()
    clock.steer(at, sent, received)
    ahead = (clock.now() - was).total_seconds() - (clock.monotonic() - sent)
    # At the first measurement it is what the host's own clock is wrong by.
    if abs(ahead) > max(_CLOCK_SET, received - sent):
        words = "the database's clock is another, and is followed"
        _log.warning(words, action="clock.set", ahead_by=round(ahead, 1))


def place(url: str) -> str:
    """Name a database for people: host, port and database, never the password."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
    port = "" if host.startswith("/") else f":{parts.port or 5432}"
    return f"{host}{port} {parts.path.lstrip('/') or 'postgres'}"


def _options(name: str, command_seconds: float | None) -> dict[str, Any]:
    return {
        "timeout": CONNECT_SECONDS,
        "command_timeout": command_seconds,
        "max_cached_statement_lifetime": _PLAN_LASTS,
        "server_settings": {
            "application_name": name,
            "timezone": "UTC",
            # A process that is stopped in mid-transaction must not hold its locks for ever.
            "idle_in_transaction_session_timeout": "5s",
            **_PLANS,
        },
    }


async def _keep(_conn: Connection) -> None:
    """Give a connection back as it is: nothing of ours leaves anything behind in its session."""


async def _prepare(conn: Connection) -> None:
    """Refuse a server that is too old; read and write jsonb as Python objects."""
    if conn.get_server_version().major < OLDEST_POSTGRES:
        raise DatabaseError(f"Postgres {OLDEST_POSTGRES} or later is needed")
    await conn.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=_to_jsonb, decoder=_from_jsonb
    )


async def _prepare_brief(conn: Connection) -> None:
    """The same, for transactions that last no longer than a moment."""
    await _prepare(conn)
    if conn.get_server_version().major >= _KNOWS_LIMIT:
        await conn.execute(_LIMIT_TRANSACTIONS)


def _to_jsonb(value: object) -> bytes:
    return b"\x01" + orjson.dumps(value)


def _from_jsonb(raw: bytes) -> object:
    return orjson.loads(memoryview(raw)[1:])


async def _patiently(
    attempt: Callable[[], Awaitable[_T]], url: str, clock: Clock, tries: int
) -> _T:
    """Repeat `attempt` while the database is away; turn what remains into DatabaseError."""

    def tell(state: RetryCallState) -> None:
        fault = state.outcome.exception() if state.outcome else None
        _log.warning(
            "database away",
            action="database.away",
            database=place(url),
            attempt=state.attempt_number,
            of=tries,
            fault=_words(fault),
        )

    retrying = AsyncRetrying(
        sleep=clock.sleep,
        stop=stop_after_attempt(tries),
        wait=wait_exponential(multiplier=0.5, max=10),
        retry=retry_if_exception_type(AWAY),
        before_sleep=tell,
        reraise=True,
    )
    try:
        return await retrying(attempt)
    except asyncpg.ClientConfigurationError as fault:
        raise DatabaseError(f"DISPATCHD_DATABASE_URL: {fault}") from None
    except _FAULTS as fault:
        raise DatabaseError(f"database {place(url)}: {_words(fault)}") from None


def _words(fault: BaseException | None) -> str:
    return str(fault) or type(fault).__name__
