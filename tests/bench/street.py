"""The street measured: real database with fsync, real plans, chained history, durable results."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from adapters.alerts import Alerts
from adapters.transport import HttpTransport, Limits
from adapters.twilio.client import CallRequest, TextRequest, TwilioWire
from adapters.wire import Accepted, Answer
from gateway.chance import SystemChance
from gateway.clock import SystemClock
from gateway.compose import Outside, build_desk, build_engine
from gateway.daemon.engine import Engine
from gateway.metrics import build_metrics
from gateway.settings import Settings, load_settings
from gateway.store.desk import Desk
from gateway.store.pool import Connection, connect, open_pool, steer
from tests.bench.burned import Burned, Meter
from tests.bench.town import Town, build_town

CONNECTIONS = 768  # as the daemon has
_SPEED = {"calls_per_second": 1e9, "texts_per_second": 1e9}


class Memory(TwilioWire):
    """A carrier that answers in memory: what remains is our own cost and the database's."""

    def __init__(self) -> None:
        super().__init__("AC" + "0" * 32, "key", "secret", HttpTransport())
        self.requests = 0

    async def place_call(self, request: CallRequest) -> Answer:
        """Accept at once."""
        return self._accepted("CA", request.attempt)

    async def send_text(self, request: TextRequest) -> Answer:
        """Accept at once."""
        return self._accepted("SM", request.attempt)

    def _accepted(self, prefix: str, _attempt: str) -> Answer:
        self.requests += 1
        return Accepted(f"{prefix}{self.requests:032x}")


@dataclass(slots=True)
class Bench:
    """An engine on a database, with a town to dispatch for."""

    settings: Settings
    outside: Outside
    desk: Desk
    conn: Connection
    engine: Engine
    town: Town
    url: str
    meter: Meter

    async def engine_on(self, conn: Connection) -> Engine:
        """Build another engine of the same house."""
        return await build_engine(self.settings, self.outside, self.desk, conn)


@dataclass(frozen=True, slots=True)
class Stub:
    """The stub carrier's process and where it listens."""

    url: str
    pid: int


@contextlib.asynccontextmanager
async def bench(
    url: str, many: int, stub: Stub, *, memory: bool = False, status: str = "sms"
) -> AsyncIterator[Bench]:
    """Build a town for `many` messages and an engine that speaks to `stub`, or to memory."""
    transport = HttpTransport(limits=Limits(connections=CONNECTIONS))
    settings = load_settings(isolated=True, twilio_base_url=stub.url, **_SPEED)
    clock = SystemClock()
    alarm = Alerts((), (), ())
    world = (transport, None, alarm, clock, SystemChance(), build_metrics())
    outside = Outside(*world, carrier=Memory() if memory else None)
    pool = await open_pool(url, clock)
    conn = await connect(url, clock)
    await steer(conn, clock)
    desk = build_desk(settings, outside, pool)
    engine = await build_engine(settings, outside, desk, conn)
    town = await build_town(pool, many, clock.now(), status)
    try:
        meter = Meter(conn.get_server_pid(), stub.pid)
        yield Bench(settings, outside, desk, conn, engine, town, url, meter)
    finally:
        await engine.settle()
        await conn.close()
        await pool.close()
        await transport.close()


@dataclass(frozen=True, slots=True)
class Drained:
    """How long it took to dispatch `many` due messages, and what was burned for them."""

    many: int
    seconds: float
    burned: Burned

    @property
    def rate(self) -> float:
        """Dispatches a second."""
        return self.many / self.seconds

    @property
    def microseconds(self) -> Burned:
        """Processor time for one dispatch, in microseconds."""
        return Burned(*(one / self.many * 1e6 for one in self.burned))


async def compiled(one: Bench) -> None:
    """Compile every account of the town, as in a daemon that has been up for a while."""
    await one.desk.states.accounts.known(one.conn, {(name, 1) for name in one.town.accounts})


async def put_aside(one: Bench) -> None:
    """Let what was dispatched before be over: a minute later each would be asked after."""
    await one.conn.execute("update jobs set next_at = null where next_at is not null")


async def drain(one: Bench, many: int) -> Drained:
    """Take `many` messages that are due, then dispatch them all; only that is measured."""
    clock = one.outside.clock
    await put_aside(one)
    await one.town.taken(many, clock.now())
    before, began = one.meter.look(), time.perf_counter()
    following: datetime | None = clock.now()
    while following is not None and following <= clock.now():
        following = await one.engine.turn(clock.now())
        await one.engine.room()
    await one.engine.settle()
    seconds = time.perf_counter() - began
    return Drained(many, seconds, one.meter.look().since(before))


@contextlib.asynccontextmanager
async def stub_process() -> AsyncIterator[Stub]:
    """Run the simulator's stub endpoint as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.simulator", "--port", "0", "--answers", "instant"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield Stub(orjson.loads(await process.stdout.readline())["url"], process.pid)
    finally:
        process.terminate()
        await process.wait()
