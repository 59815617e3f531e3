"""`check`: everything that must hold before the daemon can be trusted with a night."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import urlsplit

from adapters.alerts import unusable
from adapters.transport import HttpTransport
from adapters.wire import WireError
from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED
from gateway.cli.output import say_json, say_table
from gateway.cli.soundness import Result, faults_of
from gateway.clock import SystemClock
from gateway.daemon.carriers import carrier, second_carrier
from gateway.domain.documents import DocumentError, compile_account
from gateway.settings import Settings, SettingsError
from gateway.store import accounts, migrate
from gateway.store.cluster import EmbeddedError
from gateway.store.pool import Connection, DatabaseError, place

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_NO_CALL: Final = "CA" + "0" * 32
_SKEW_SECONDS: Final = 2.0
_CONNECT, _TOTAL = 3.0, 5.0
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its name, how it stands, and why in words without a secret."""

    name: str
    result: Result
    words: str


def examine(*, fix: bool = False, as_json: bool) -> int:
    """Check every point, print a line for each, and return 1 if one fails."""
    points = list(_points())
    failed = any(point.result == "fail" for point in points)
    if as_json:
        say_json({"ok": not failed, "points": [asdict(point) for point in points]}, indent=True)
    else:
        say_table(("", "point", ""), [(p.result, p.name, p.words) for p in points])
    return FAILED if failed else 0


def _points() -> Iterator[Point]:
    try:
        settings = chosen_settings()
    except SettingsError as fault:
        yield Point("settings", "fail", str(fault))
        return
    yield Point("settings", "ok", f"carrier {settings.carrier}")
    yield from _stored(settings)
    yield from asyncio.run(_outside(settings))
    yield _alerts(settings)
    yield _mail(settings)


def _stored(settings: Settings) -> list[Point]:
    """Look at the database and, where it is up to date, at the accounts in it."""
    own = settings.database_url is None

    async def look(conn: Connection, clock: SystemClock) -> list[Point]:
        skew = _skew((SystemClock().now() - clock.now()).total_seconds())
        base = await _base(conn, settings, own=own)
        if base.words.endswith(_BEHIND):
            return [base, skew]
        return [base, skew, *await _accounts(conn, clock)]

    try:
        return with_database(settings, look, fitting=False)
    except (DatabaseError, EmbeddedError, migrate.MigrationError) as fault:
        return [Point("database", "fail", str(fault))]


_BEHIND: Final = "not migrated yet"


async def _base(conn: Connection, settings: Settings, *, own: bool) -> Point:
    url = settings.database_url
    where = f"embedded in {settings.data_dir}" if url is None else place(url.get_secret_value())
    version = conn.get_server_version()
    where += f", Postgres {version.major}"
    pending = await migrate.pending(conn)
    if pending:
        result: Result = "warn" if own else "fail"
        hint = "" if own else " (run `dispatchd migrate`)"
        return Point("database", result, f"{where}{hint}: {_BEHIND}")
    await migrate.check(conn)
    return Point("database", "ok", f"{where}, up to date")


def _skew(seconds: float) -> Point:
    words = (
        f"this host is {abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} the database"
    )
    result: Result = "warn" if abs(seconds) > _SKEW_SECONDS else "ok"
    return Point("clock", result, words)


async def _accounts(conn: Connection, clock: SystemClock) -> list[Point]:
    listed = await accounts.list_all(conn)
    documents = await accounts.in_force(conn, [one.account for one in listed])
    points: list[Point] = []
    for number, document in documents.items():
        try:
            account = compile_account(document, f"account {number}")
        except DocumentError as fault:
            points.append(Point(f"account {number}", "fail", str(fault).replace("\n", "; ")))
            continue
        flags = await accounts.flags_of(conn, number)
        found = faults_of(account, clock.now(), flags)
        points += [Point(f"account {number}", result, words) for result, words in found]
    sound = len(listed) - len({point.name for point in points})
    words = f"{len(listed)} in force, {sound} without a remark"
    return [Point("accounts", "ok" if listed else "warn", words), *points]


async def _outside(settings: Settings) -> list[Point]:
    transport = HttpTransport(timeout=_TOTAL, connect=_CONNECT)
    try:
        first = await _carrier(settings, transport)
        second = await _second(settings, transport)
        return [first, *second, await _public(settings, transport)]
    finally:
        await transport.close()


async def _carrier(settings: Settings, transport: HttpTransport) -> Point:
    """Ask for a call that cannot be: an answer shows that the credentials are good."""
    simulated = settings.carrier == "simulator"
    if simulated and settings.twilio_base_url is None:
        return Point("carrier", "warn", "simulator, started by `run`: nobody real is called")
    try:
        await carrier(settings, transport).fetch(_NO_CALL)
    except WireError as fault:
        return Point("carrier", "fail", f"the credentials could not be used: {fault}")
    if simulated:
        return Point("carrier", "warn", "simulator answers: nobody real is called")
    senders = ", ".join(settings.twilio_from)
    return Point("carrier", "ok", f"the credentials are good; sending from {senders}")


async def _second(settings: Settings, transport: HttpTransport) -> list[Point]:
    """Ask the second carrier the same, where there is one."""
    other = second_carrier(settings, transport)
    if other is None:
        return []
    try:
        await other.fetch(_NO_CALL, call=True)
    except WireError as fault:
        if not fault.declined:
            words = f"the credentials could not be used: {fault}"
            return [Point("second carrier", "fail", words)]
    words = f"the credentials are good; sending from {', '.join(settings.second_from)}"
    return [Point("second carrier", "ok", words)]


async def _public(settings: Settings, transport: HttpTransport) -> Point:
    parts = urlsplit(settings.public_url)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    inside = parts.hostname in _LOOPBACK
    if inside and settings.carrier == "twilio":
        return Point("public url", "fail", f"{shown}: the carrier cannot reach this host there")
    if not inside and parts.scheme != "https":
        return Point("public url", "fail", f"{shown}: must be https outside this host")
    try:
        reply = await transport.request("GET", f"{settings.public_url}/healthz", {}, b"")
    except WireError as fault:
        return Point("public url", "warn", f"{shown}: no answer; is the daemon running? ({fault})")
    if reply.status != _OK:
        return Point("public url", "fail", f"{shown}: /healthz answers {reply.status}")
    return Point("public url", "ok", f"{shown} answers")


def _alerts(settings: Settings) -> Point:
    lead = [one.get_secret_value() for one in settings.alerts_lead]
    if not lead:
        words = "DISPATCHD_ALERTS_LEAD is empty: nobody hears when nobody can be reached"
        return Point("alerts", "fail", words)
    named = {
        "ALERTS_LEAD": lead,
        "ALERTS_DISPATCH": [one.get_secret_value() for one in settings.alerts_dispatch],
        "ALERTS_SPECIALS": [one.get_secret_value() for one in settings.alerts_specials],
    }
    bad = [f"DISPATCHD_{name}: {_places(urls)}" for name, urls in named.items() if unusable(urls)]
    if bad:
        return Point("alerts", "fail", "; ".join(bad))
    return Point("alerts", "ok", f"{len(lead)} URL{'s' * (len(lead) > 1)} for a lead")


def _places(urls: Iterable[str]) -> str:
    places = ", ".join(str(place) for place in unusable(list(urls)))
    return f"no notification URL at place {places}"


def _mail(settings: Settings) -> Point:
    if settings.smtp_host is None:
        return Point("mail", "ok", "no mail server is set: e-mail steps will fail")
    return Point("mail", "ok", f"{settings.smtp_host}:{settings.smtp_port}, {settings.smtp_tls}")
