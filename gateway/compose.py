"""Compose: settings and adapters become a running house. No logic, only what goes where."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from fastapi import FastAPI

from adapters import dictionary
from adapters.alerts import Alerts
from adapters.feeds import FeedFetcher
from adapters.smtp import Mailer
from adapters.transport import HttpTransport
from adapters.twilio.client import TwilioWire
from adapters.twilio.signature import Verifier
from adapters.twilio.text import whole
from adapters.web_posts import WebPoster
from adapters.wire import Transport
from gateway.chance import SystemChance
from gateway.clock import Clock, SystemClock
from gateway.daemon.alerting import Alarm, Alerting
from gateway.daemon.announcing import Announcing
from gateway.daemon.carriers import auth_tokens, carrier, rates
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
from gateway.daemon.loop import EngineLoop
from gateway.daemon.notices import Notices
from gateway.daemon.perform import Performer, Post, Wires
from gateway.daemon.places import Places
from gateway.daemon.posting import Poster, Posting
from gateway.daemon.records import Records
from gateway.daemon.retention import Retention
from gateway.daemon.supervisor import Keeper, Supervisor
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
from gateway.store.pool import Connection, Pool, connect, open_pool
from gateway.store.states import States
from gateway.tally import Tally
from gateway.web.app import create_app
from gateway.web.calendars import CalendarDoor
from gateway.web.inbox import Inbox
from gateway.web.parts import Parts, Ready, nothing_amiss
from gateway.web.secure import SecureDoor
from gateway.web.twilio import CarrierDoor

_CLOSING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outside:
    """What the house speaks through: carrier, mail, alerts; and what time and chance it has.

    The carrier is built on the transport unless one is given; without `fetch` no feed is read,
    and without `poster` web posts wait.
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
        await self.outside.transport.close()

    def kill(self) -> None:
        """End all database sessions at once, as a crash does."""
        self.conn.terminate()
        self.pool.terminate()


def outside(settings: Settings, chance: Chance, metrics: Metrics) -> Outside:
    """Build the real outside from settings."""
    return Outside(
        transport=HttpTransport(),
        mailer=_mailer(settings),
        alarm=Alerts(
            [one.get_secret_value() for one in settings.alerts_dispatch],
            [one.get_secret_value() for one in settings.alerts_specials],
            [one.get_secret_value() for one in settings.alerts_lead],
        ),
        clock=SystemClock(),
        chance=chance,
        metrics=metrics,
        fetch=fetcher(settings).fetch,
        poster=WebPoster(private=settings.posts_private),
    )


def fetcher(settings: Settings) -> FeedFetcher:
    """Build what fetches calendar feeds; files come from DATA_DIR/feeds."""
    return FeedFetcher(settings.data_dir / "feeds", private=settings.feeds_private)


def _mailer(settings: Settings) -> Mailer | None:
    if settings.smtp_host is None or settings.mail_from is None:
        return None
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return Mailer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_username,
        password,
        settings.smtp_tls,
        settings.mail_from,
    )


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
    role: Literal["all", "engine", "web"] = "all",
    on_ready: Callable[[int], Awaitable[None]] | None = None,
) -> int:
    """Run the daemon on the database at `url` until SIGTERM; return the exit code.

    `on_ready` hears the port. Raises DatabaseError when the database stays away at the start, and
    OSError when the port cannot be had.
    """
    if role != "engine":
        dictionary.load()  # before anybody waits for it
    world = outside(settings, SystemChance(), build_metrics())
    lists = HttpTransport()  # its connections are its own: no call waits for one or inherits it
    desk = build_desk(settings, world, await open_pool(url, world.clock))
    watch = Watch(desk.pool, world.clock, world.metrics, world.chance)
    loop = EngineLoop(_builder(settings, url, world, desk), world.clock)
    app = _app(settings, world, desk, nothing_amiss if role == "web" else loop.amiss)
    try:
        await watch.look()
        keepers: list[Keeper] = [watch.keep]
        if role != "web":
            keepers.append(gathering(settings, replace(world, transport=lists), desk).keep)
        supervisor = Supervisor(
            loop if role != "web" else None,
            app if role != "engine" else None,
            keepers,
            settings.http_host,
            settings.http_port,
            Farewell(desk.pool, world.clock),
            on_ready,
            app.state.floor.close,
        )
        return await supervisor.run()
    finally:
        await _let_go(desk.pool)
        await world.transport.close()
        await lists.close()


async def _let_go(pool: Pool) -> None:
    """Close the connections, those to a database that no longer answers by force."""
    try:
        async with asyncio.timeout(_CLOSING_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


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
    speaks = outside.carrier or carrier(settings, outside.transport)
    wires = Wires(speaks, outside.mailer, Places(settings.public_url))
    records = Records(desk.pool)
    performer = Performer(wires, desk, records, outside.clock, outside.chance, outside.metrics)
    alerting = Alerting(outside.alarm, desk, performer, outside.metrics)
    errands = Errands(wires, alerting, desk, performer)
    duties = _duties(settings, outside, desk, wires)
    boot = await jobs.board(conn)
    rules = Rules(settings.share_calls_across_accounts, whole)
    parts = desk, performer, errands, duties, outside.chance, outside.metrics
    return Engine(conn, *parts, boot, rules)


def gathering(
    settings: Settings, outside: Outside, desk: Desk, settled: timedelta = SETTLED
) -> Gathering:
    """Build what takes in the texts that no webhook brought."""
    parts = Parts(desk, outside.clock, settings, outside.metrics, outside.chance)
    speaks = outside.carrier or carrier(settings, outside.transport)
    numbers = rates(settings).numbers["text"]
    return Gathering(desk, speaks, numbers, Inbox(parts).take, settled)


def _duties(settings: Settings, outside: Outside, desk: Desk, wires: Wires) -> Duties:
    announcing, notices = Announcing(desk.rates), Notices(wires, desk, outside.metrics)
    phones = PhoneWatch(desk)
    ahead = Ahead(timedelta(hours=settings.coverage_hours), office=settings.coverage_office)
    kinds: dict[str, Work] = {
        DutyKind.COVERAGE: phones.beside(Daily(desk.pool, CoverageWatch(ahead).look).look),
        DutyKind.PHONES: phones.look,
        DutyKind.FEED: FeedWatch(desk, outside.fetch).look,
        DutyKind.HANDOFF: announcing.handoff,
        DutyKind.DIGEST: announcing.digest,
        DutyKind.NOTICE: notices.send,
        DutyKind.REPORT: Reports().plan,
        DutyKind.RETENTION: Retention(desk).look,
        DutyKind.DELIVERY: _deliveries(outside, desk, wires).send,
    }
    return Duties(desk, kinds)


def _deliveries(outside: Outside, desk: Desk, wires: Wires) -> Deliveries:
    records = DeliveryRecords(desk, outside.chance)
    turnstile = Turnstile(outside.clock)
    posting = Posting(outside.poster, records, outside.metrics, turnstile)
    return Deliveries(wires, records, outside.metrics, posting.see_to)


def _app(settings: Settings, outside: Outside, desk: Desk, ready: Ready = nothing_amiss) -> FastAPI:
    parts = Parts(desk, outside.clock, settings, outside.metrics, outside.chance, ready)
    verifier = Verifier(settings.public_url, auth_tokens(settings))
    doors = (CarrierDoor(parts, verifier), SecureDoor(parts), CalendarDoor(parts))
    return create_app(parts, [route for door in doors for route in door.routes()])
