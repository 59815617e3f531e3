"""The world of a chaos run: Postgres, three daemons behind gates, and a carrier, all processes."""

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg

from gateway.clock import SystemClock
from gateway.daemon.carriers import SIMULATED_ACCOUNT
from tests.chaos.daemon import HASTY
from tests.chaos.gate import Ends, Gate
from tests.chaos.story import DAEMONS
from tests.kit.nursery import Nursery
from tests.kit.own_postgres import Server
from tests.kit.programs import ADMIN, Daemon, free_port
from tests.kit.real_house import TOKEN, RealHouse, standing

CLOCK: Final = SystemClock()
_DATABASE: Final = "chaos"
_PATIENCE: Final = aiohttp.ClientTimeout(total=8)
_LONGEST: Final = aiohttp.ClientTimeout(total=60)
_HEALTH: Final = aiohttp.ClientTimeout(total=1.5)
_LOOKS: Final = 0.7
# No trouble of a story keeps the database away for so long.
_AWAY_AT_MOST: Final = 120.0
# The machine's clock as the program sees it: our own function stands before the server's.
_OWN_CLOCK: Final = (
    "create schema chaos",
    "create table chaos.step (seconds double precision not null)",
    "insert into chaos.step values (0)",
    """create function chaos.clock_timestamp() returns timestamptz language sql volatile as
    'select pg_catalog.clock_timestamp() + make_interval(secs => seconds) from chaos.step'""",
    "grant all on schema chaos to public",
    f"alter database {_DATABASE} set search_path = public, chaos, pg_catalog",
)


@dataclass(slots=True)
class Member:
    """One daemon, the gate to its database, and how it fares."""

    number: int
    daemon: Daemon
    gate: Gate
    ready: bool = False
    # Held while something is done to it.
    trouble: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def role(self) -> str:
        """The name under which Postgres knows it."""
        return f"chaos_{self.number}"


@dataclass(slots=True)
class World:
    """All of it, and the ways to speak to it."""

    server: Server
    house: RealHouse
    members: tuple[Member, ...]
    front: Gate
    web: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Where the carrier and the agents find us, whichever daemon is up."""
        return f"http://127.0.0.1:{self.front.port}"

    async def ask(self, method: str, path: str, body: object, key: str = "") -> int:
        """Make an API call through the front door; return its status, 0 when nobody answered."""
        headers = {"Authorization": f"Bearer {ADMIN}", **({"Idempotency-Key": key} if key else {})}
        try:
            async with self.web.request(
                method, f"{self.url}{path}", json=body, headers=headers, timeout=_PATIENCE
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, OSError, TimeoutError):
            return 0

    async def carrier(self, what: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Make a control request of the carrier; None when it cannot be done."""
        try:
            return await self._control(what, body)
        except aiohttp.ServerDisconnectedError:  # it had closed that idle connection just then
            return await self._control(what, body)

    async def _control(self, what: str, body: object) -> Any:  # noqa: ANN401 - JSON
        url = f"{self.house.carrier.url}/control/{what}"
        async with self.web.post(url, json=body or {}, timeout=_LONGEST) as answer:
            return await answer.json() if answer.ok else None

    async def listed(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read a page of the carrier's own lists, as its customers do."""
        headers = {"Authorization": aiohttp.encode_basic_auth(SIMULATED_ACCOUNT, TOKEN)}
        url = f"{self.house.carrier.url}{path}"
        async with self.web.get(url, headers=headers, timeout=_LONGEST) as answer:
            assert answer.ok, answer.status
            return await answer.json()

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Connect to the database beside all gates; OSError or PostgresError while it is away."""
        return await asyncpg.connect(_named(self.server.url), timeout=5)

    async def sql(self, query: str, *values: object) -> Sequence[Mapping[str, Any]]:
        """Ask the database, again while it is away, which no trouble is for long."""
        end = CLOCK.monotonic() + _AWAY_AT_MOST
        while True:
            try:
                conn = await self.connect()
                try:
                    return await conn.fetch(query, *values)
                finally:
                    await conn.close()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                if CLOCK.monotonic() > end:
                    raise
                await CLOCK.sleep(0.3)

    async def watch_health(self) -> None:
        """Ask each daemon again and again whether it is ready, as a load balancer does."""
        while True:
            await asyncio.gather(*(self._look(one) for one in self.members))
            await CLOCK.sleep(_LOOKS)

    async def _look(self, member: Member) -> None:
        try:
            url = f"{member.daemon.url}/readyz"
            async with self.web.get(url, timeout=_HEALTH) as answer:
                member.ready = answer.ok
        except (aiohttp.ClientError, OSError, TimeoutError):
            member.ready = False


@contextlib.asynccontextmanager
async def built(*, hasty: bool = False) -> AsyncIterator[World]:
    """Start everything; it is gone at the end, whatever became of it."""
    folder = Path(tempfile.mkdtemp(prefix="dispatchd-chaos-", dir="/tmp"))
    with contextlib.ExitStack() as stack:
        nursery = Nursery()
        stack.callback(nursery.close)
        server = await asyncio.to_thread(Server, folder)
        stack.callback(server.close)
        await _prepare(server)
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatchd-chaos-")))
        house = stack.enter_context(standing(_named(server.url), logs, nursery))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as web:
            world = await _peopled(server, house, web, hasty=hasty)
            try:
                yield world
            finally:
                for one in (*world.members, world):
                    await (one.front if isinstance(one, World) else one.gate).close()


async def _peopled(
    server: Server, house: RealHouse, web: aiohttp.ClientSession, *, hasty: bool
) -> World:
    doors: list[Member] = []
    turns = itertools.count()

    async def somebody() -> Ends:
        """Take the next daemon that is ready; while none is, the next one."""
        able = [one for one in doors if one.ready] or doors
        for _ in able:
            port = able[next(turns) % len(able)].daemon.port
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        raise ConnectionRefusedError

    front = Gate(somebody)
    await front.listen()
    made = [_member(n, server, house, front.port, hasty=hasty) for n in range(DAEMONS)]
    doors += await asyncio.gather(*made)
    world = World(server, house, tuple(doors), front, web)
    await world.carrier("public", {"url": world.url})
    return world


async def _member(
    number: int, server: Server, house: RealHouse, front: int, *, hasty: bool
) -> Member:
    socket = server.folder / ".s.PGSQL.5432"
    gate = Gate(lambda: asyncio.open_unix_connection(str(socket)))
    await gate.listen()
    url = f"postgresql://chaos_{number}@127.0.0.1:{gate.port}/{_DATABASE}?sslmode=disable"
    daemon = house.daemon(
        free_port(),
        DATABASE_URL=url,
        PUBLIC_URL=f"http://127.0.0.1:{front}",
        CALLS_PER_SECOND="200",
        TEXTS_PER_SECOND="200",
        COVERAGE_HOURS="0",
    )
    daemon.process.words = ["tests.chaos.daemon", "run", "--role=all"]
    if hasty:
        daemon.process.env = {**daemon.process.env, HASTY: "1"}
    return Member(number, daemon, gate)


async def _prepare(server: Server) -> None:
    """Make the database of the run: migrated, with a clock of its own, a role for each daemon."""
    conn = await asyncpg.connect(server.url)
    await conn.execute(f"create database {_DATABASE} template postgres")
    for number in range(DAEMONS):
        await conn.execute(f"create role chaos_{number} superuser login")
    await conn.close()
    conn = await asyncpg.connect(_named(server.url))
    for statement in _OWN_CLOCK:
        await conn.execute(statement)
    await conn.close()


def _named(url: str) -> str:
    return url.replace("/postgres?", f"/{_DATABASE}?")
