"""Compose: settings and adapters become a running house. No logic, only what goes where."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Self

from fastapi import FastAPI

from adapters.feeds import FeedFetcher
from adapters.transport import HttpTransport, Limits
from adapters.twilio.client import TwilioWire
from adapters.twilio.signature import Verifier
from adapters.twilio.text import whole
from adapters.web_posts import WebPoster
from adapters.wire import Transport
from gateway.chance import SystemChance
from gateway.clock import Clock, SystemClock
from gateway.daemon.alerting import Alarm, Alerting
from gateway.daemon.announcing import Announcing
from gateway.daemon.carriers import alerts, auth_tokens, carriers, mailer, rates, signing_keys
from gateway.daemon.coverage import CoverageWatch
from gateway.daemon.daily import Daily
from gateway.daemon.deliveries import Deliveries, DeliveryRecords, Reports
from gateway.daemon.duties import Duties, Work
from gateway.daemon.engine import Engine
from gateway.daemon.errands import Errands
from gateway.daemon.failing import PhoneWatch
from gateway.daemon.farewell import Farewell
from gateway.daemon.feeds import FeedWatch, Fetcher
from gateway.daemon.gathering import SETTLED, Gathering
from gateway.daemon.heartbeat import beating
from gateway.daemon.herald import SILENT, Herald, SignsOfLife
from gateway.daemon.house_retention import HouseRetention
from gateway.daemon.loop import EngineLoop
from gateway.daemon.matters import house_work
from gateway.daemon.notices import Notices
from gateway.daemon.perform import Performer, Post, Wires
from gateway.daemon.places import Places
from gateway.daemon.planning import Minds
from gateway.daemon.posting import Poster, Posting
from gateway.daemon.records import Records
from gateway.daemon.retention import Retention
from gateway.daemon.sending import Sending, by_letter
from gateway.daemon.supervisor import Keeper, Supervisor
from gateway.daemon.sweeping import Sweeping
from gateway.daemon.turnstile import Turnstile
from gateway.daemon.watch import Watch
from gateway.domain.chance import Chance
from gateway.domain.duties import DutyKind
from gateway.domain.sharing import Rules
from gateway.domain.uncovered import Ahead
from gateway.metrics import Metrics, build_metrics
from gateway.settings import Settings
from gateway.store import jobs
from gateway.store.desk import Desk
from gateway.store.pool import Connection, Pool, close_soon, connect, open_pool
from gateway.store.states import States
from gateway.tally import Tally
from gateway.web.app import create_app
from gateway.web.booth import booths
from gateway.web.inbox import Inbox
from gateway.web.pages import pages
from gateway.web.parts import Parts
from gateway.web.seals import Seals
from gateway.web.twilio import CarrierDoor

Role = Literal["all", "engine", "web"]
_Loop = EngineLoop | None
# What is slow keeps its connection while others go on (`gateway.store.outages`).
_CONNECTIONS = 768


@dataclass(frozen=True, slots=True)
class Outside:
    """What the house speaks through: carrier, mail, alerts; and what time and chance it has.

    The carrier is built on the transport unless one is given, and the second carrier on `second`
    if that is given, so that neither waits for the other's connections; without `fetch` no feed is
    read, and without `poster` web posts wait.
    """

    transport: Transport
    mailer: Post | None
    alarm: Alarm
    clock: Clock
    chance: Chance
    metrics: Metrics
    carrier: TwilioWire | None = None
    fetch: Fetcher | None = None
    poster: Poster | None = None
    second: Transport | None = None

    def over(self, transport: Transport) -> Self:
        """Return it with other connections to our carriers."""
        return replace(self, transport=transport, second=transport)

    async def close(self) -> None:
        """Let go of the connections to our carriers."""
        await self.transport.close()
        if self.second is not None:
            await self.second.close()


@dataclass(slots=True)
class House:
    """A running house: the store's connections, the engine's parts and the web application."""

    settings: Settings
    outside: Outside
    pool: Pool
    desk: Desk
    conn: Connection
    engine: Engine
    app: FastAPI

    async def close(self) -> None:
        """Let go of everything in order."""
        await self.conn.close()
        await self.pool.close()
        await self.outside.close()

    def kill(self) -> None:
        """End all database sessions at once, as a crash does."""
        self.conn.terminate()
        self.pool.terminate()


def outside(settings: Settings, chance: Chance, metrics: Metrics) -> Outside:
    """Build the real outside from settings."""
    return Outside(
        transport=HttpTransport(limits=Limits(connections=_CONNECTIONS)),
        mailer=mailer(settings),
        alarm=alerts(settings),
        clock=SystemClock(),
        chance=chance,
        metrics=metrics,
        fetch=fetcher(settings).fetch,
        poster=WebPoster(private=settings.posts_private),
        second=HttpTransport(limits=Limits(connections=_CONNECTIONS)),
    )


def fetcher(settings: Settings) -> FeedFetcher:
    """Build what fetches calendar feeds; files come from DATA_DIR/feeds."""
    return FeedFetcher(settings.data_dir / "feeds", private=settings.feeds_private)


async def open_house(settings: Settings, url: str, outside: Outside) -> House:
    """Connect to the database at `url` and put the parts together; raises DatabaseError."""
    clock = outside.clock
    desk = build_desk(settings, outside, await open_pool(url, clock))
    conn = await connect(url, clock, name="dispatchd engine")
    engine = await build_engine(settings, outside, desk, conn)
    return House(settings, outside, desk.pool, desk, conn, engine, _app(settings, outside, desk))


def build_desk(settings: Settings, outside: Outside, pool: Pool) -> Desk:
    """Build the desk at which everything is decided."""
    states = States(settings.public_url)
    return Desk(pool, states, outside.clock, rates(settings), Tally(outside.metrics))


async def serve(
    settings: Settings,
    url: str,
    *,
    role: Role = "all",
    on_ready: Callable[[int], Awaitable[None]] | None = None,
    herald: Herald = SILENT,
) -> int:
    """Run the daemon on the database at `url` until SIGTERM; return the exit code.

    `on_ready` hears the port. Raises DatabaseError (the database stays away), OSError (the port).
    """
    world = outside(settings, SystemChance(), build_metrics())
    lists = HttpTransport()  # its connections are its own: no call waits for one or inherits it
    desk = build_desk(settings, world, await open_pool(url, world.clock))
    ours = rates(settings).numbers["text"]
    watch = Watch(desk.pool, world.clock, world.metrics, world.chance, ours)
    loop = EngineLoop(_builder(settings, url, world, desk), world.clock)
    engine = None if role == "web" else loop
    app = _app(settings, world, desk, engine)
    try:
        await watch.look()
        beside = _beside(settings, world.over(lists), desk, loop, role)
        supervisor = Supervisor(
            engine,
            app if role != "engine" else None,
            [watch.keep, SignsOfLife(herald, world.clock, engine).keep, *beside],
            settings.http_host,
            settings.http_port,
            Farewell(desk.pool, world.clock),
            on_ready,
            app.state.floor.close,
            herald,
        )
        return await supervisor.run()
    finally:
        await close_soon(desk.pool)
        await world.close()
        await lists.close()


def _beside(
    settings: Settings, outside: Outside, desk: Desk, loop: EngineLoop, role: Role
) -> list[Keeper]:
    """Build what keeps on beside the web and beside an engine, in a process that has one."""
    sweeps = Sweeping(desk, settings.data_dir).keep
    if role == "web":
        return [sweeps]
    outside.metrics.engine_silent_seconds.labels(role).set_function(loop.silent)
    beats = beating(settings.heartbeat_url, outside.transport, loop.amiss, outside.clock)
    shown = booths(_parts(settings, outside, desk, loop)) if role == "engine" else []
    erases = HouseRetention(desk, settings.matter_retention_days)
    return [gathering(settings, outside, desk).keep, erases.keep, sweeps, *beats, *shown]


def _builder(
    settings: Settings, url: str, world: Outside, desk: Desk
) -> Callable[[], Awaitable[tuple[Engine, Connection, Connection]]]:
    async def build() -> tuple[Engine, Connection, Connection]:
        conn = await connect(url, world.clock, name="dispatchd engine", tries=1, brief=True)
        ears = await connect(url, world.clock, name="dispatchd ears", tries=1)
        return await build_engine(settings, world, desk, conn), conn, ears

    return build


async def build_engine(
    settings: Settings, outside: Outside, desk: Desk, conn: Connection
) -> Engine:
    """Build an engine on a connection of its own; it holds the boot's lock."""
    speaks = carriers(settings, outside.transport, outside.second, outside.carrier)
    wires = Wires(speaks, outside.mailer, Places(settings.public_url))
    records = Records(desk.pool)
    performer = Performer(wires, desk, records, outside.clock, outside.chance, outside.metrics)
    alerting = Alerting(outside.alarm, desk, performer, outside.metrics)
    errands = Errands(wires, alerting, desk, performer)
    duties = _duties(settings, outside, desk, performer)
    boot = await jobs.board(conn)
    rules = Rules(settings.share_calls_across_accounts, whole)
    minds = Minds(outside.chance, rules, outside.metrics)
    return Engine(conn, desk, performer, errands, duties, minds, boot)


def gathering(
    settings: Settings, outside: Outside, desk: Desk, settled: timedelta = SETTLED
) -> Gathering:
    """Build what takes in the texts that no webhook brought."""
    parts = _parts(settings, outside, desk)
    numbers = rates(settings).numbers["text"]
    speaks = carriers(settings, outside.transport, outside.second, outside.carrier)
    return Gathering(desk, speaks, numbers, Inbox(parts).take, settled)


def _duties(settings: Settings, outside: Outside, desk: Desk, performer: Performer) -> Duties:
    wires, announcing = performer.wires, Announcing(desk)
    sending = Sending(wires, desk, performer.pulse)
    letters = by_letter(sending, settings.carrier)
    phones = PhoneWatch(desk)
    ahead = Ahead(timedelta(hours=settings.coverage_hours), office=settings.coverage_office)
    kinds: dict[str, Work] = {
        DutyKind.COVERAGE: phones.beside(Daily(desk.pool, CoverageWatch(ahead).look).look),
        DutyKind.PHONES: phones.look,
        DutyKind.FEED: FeedWatch(desk, outside.fetch).look,
        DutyKind.HANDOFF: announcing.handoff,
        DutyKind.DIGEST: announcing.digest,
        DutyKind.NOTICE: Notices(sending, outside.metrics).send,
        DutyKind.REPORT: Reports().plan,
        DutyKind.RETENTION: Retention(desk).look,
        DutyKind.DELIVERY: _deliveries(outside, desk, wires).send,
    }
    return Duties(desk, kinds, house_work(letters, outside.chance, outside.metrics))


def _deliveries(outside: Outside, desk: Desk, wires: Wires) -> Deliveries:
    records = DeliveryRecords(desk, outside.chance)
    posting = Posting(outside.poster, records, outside.metrics, Turnstile(outside.clock))
    return Deliveries(wires, records, outside.metrics, posting.see_to)


def _seals(settings: Settings) -> Seals:
    """Build what judges our carriers' signatures."""
    first = Verifier(settings.public_url, auth_tokens(settings))
    keys = signing_keys(settings)
    second = Verifier(settings.public_url, keys) if settings.second_account else None
    return Seals(first, second, frozenset(settings.second_from))


def _parts(settings: Settings, outside: Outside, desk: Desk, loop: _Loop = None) -> Parts:
    judges = (loop.amiss, loop.hung) if loop else ()
    return Parts(desk, outside.clock, settings, outside.metrics, outside.chance, *judges)


def _app(settings: Settings, outside: Outside, desk: Desk, loop: _Loop = None) -> FastAPI:
    parts = _parts(settings, outside, desk, loop)
    doors = (CarrierDoor(parts, _seals(settings)), *pages(parts))
    return create_app(parts, [route for door in doors for route in door.routes()])
