"""`check`: everything that must hold before the daemon can be trusted with a night."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Final

from adapters.alerts import unusable
from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED
from gateway.cli.output import say_json, say_table
from gateway.cli.outside import NTP, outside
from gateway.cli.points import Point, Result, rows
from gateway.cli.soundness import faults_of
from gateway.cli.upkeep import Upkeep, upkeep
from gateway.clock import SystemClock
from gateway.domain.documents import DocumentError, compile_account
from gateway.settings import Settings, SettingsError
from gateway.settings_files import PREFIX
from gateway.store import accounts, chores, migrate
from gateway.store.cluster import EmbeddedError
from gateway.store.pool import Connection, DatabaseError, place

_SKEW_SECONDS: Final = 2.0


def examine(*, fix: bool, as_json: bool) -> int:
    """Check every point, print a line for each and its remedy, and return 1 if one fails.

    With `fix`, numbers that the carrier sends elsewhere are pointed at us.
    """
    points = list(_points(fix=fix))
    failed = any(point.result == "fail" for point in points)
    if as_json:
        say_json({"ok": not failed, "points": [asdict(point) for point in points]}, indent=True)
    else:
        say_table(("", "point", ""), rows(points))
    return FAILED if failed else 0


def _points(*, fix: bool) -> Iterator[Point]:
    try:
        settings = chosen_settings()
    except SettingsError as fault:
        for words in fault.faults:
            yield Point("settings", "fail", words, _help(words))
        return
    yield Point("settings", "ok", f"carrier {settings.carrier}")
    yield from _stored(settings)
    yield from asyncio.run(outside(settings, fix=fix))
    yield _alerts(settings)
    yield _mail(settings)
    yield _handoffs(settings)


def _help(fault: str) -> str:
    """Return the help of the setting that a fault begins with, or where all of them stand."""
    name = fault.removeprefix(PREFIX).partition(":")[0].partition(" ")[0].lower()
    field = Settings.model_fields.get(name)
    return (field and field.description) or "`dispatchd init` writes all, with their help"


def _stored(settings: Settings) -> list[Point]:
    """Look at the database and, where it is up to date, at the accounts in it."""
    own = settings.database_url is None

    async def look(conn: Connection, clock: SystemClock) -> list[Point]:
        skew = _skew((SystemClock().now() - clock.now()).total_seconds())
        base = await _base(conn, settings, own=own)
        if base.words.endswith(_BEHIND):
            return [base, skew]
        return [base, skew, *await _upkeep(conn, clock, own=own), *await _accounts(conn, clock)]

    try:
        return with_database(settings, look, fitting=False)
    except (DatabaseError, EmbeddedError, migrate.MigrationError) as fault:
        remedy = "start it, and look at DISPATCHD_DATABASE_URL or DISPATCHD_DATA_DIR"
        return [Point("database", "fail", str(fault), remedy)]


_BEHIND: Final = "not migrated yet"


async def _base(conn: Connection, settings: Settings, *, own: bool) -> Point:
    url = settings.database_url
    where = f"embedded in {settings.data_dir}" if url is None else place(url.get_secret_value())
    version = conn.get_server_version()
    where += f", Postgres {version.major}"
    pending = await migrate.pending(conn)
    if pending:
        result: Result = "warn" if own else "fail"
        remedy = "`dispatchd run` does it" if own else "run `dispatchd migrate`"
        return Point("database", result, f"{where}: {_BEHIND}", remedy)
    await migrate.check(conn)
    return Point("database", "ok", f"{where}, up to date")


def _skew(seconds: float) -> Point:
    words = (
        f"this host is {abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} the database"
    )
    result: Result = "warn" if abs(seconds) > _SKEW_SECONDS else "ok"
    return Point("clock", result, words, NTP if result == "warn" else "")


async def _upkeep(conn: Connection, clock: SystemClock, *, own: bool) -> list[Point]:
    done, since = await chores.load_all(conn), await chores.in_use_since(conn)
    return list(upkeep(Upkeep(done, clock.now(), since, own)))


async def _accounts(conn: Connection, clock: SystemClock) -> list[Point]:
    listed = await accounts.list_all(conn)
    documents = await accounts.in_force(conn, [one.account for one in listed])
    points: list[Point] = []
    for number, document in documents.items():
        try:
            account = compile_account(document, f"account {number}")
        except DocumentError as fault:
            words = str(fault).replace("\n", "; ")
            remedy = f"`dispatchd dump {number}`, correct that place, and `dispatchd load` it"
            points.append(Point(f"account {number}", "fail", words, remedy))
            continue
        flags = await accounts.flags_of(conn, number)
        found = faults_of(account, clock.now(), flags)
        points += [Point(f"account {number}", *fault) for fault in found]
    sound = len(listed) - len({point.name for point in points})
    words = f"{len(listed)} in force, {sound} without a remark"
    if not listed:
        return [Point("accounts", "warn", words, "`dispatchd load FILE`")]
    return [Point("accounts", "ok", words), *points]


def _alerts(settings: Settings) -> Point:
    lead = [one.get_secret_value() for one in settings.alerts_lead]
    if not lead:
        words = "DISPATCHD_ALERTS_LEAD is empty: nobody hears when nobody can be reached"
        remedy = "set it to whatever wakes a lead: mailto://…, slack://…, pover://…"
        return Point("alerts", "fail", words, remedy)
    named = {
        "ALERTS_LEAD": lead,
        "ALERTS_DISPATCH": [one.get_secret_value() for one in settings.alerts_dispatch],
        "ALERTS_SPECIALS": [one.get_secret_value() for one in settings.alerts_specials],
        "ALERTS_INCIDENT": [one.get_secret_value() for one in settings.alerts_incident],
    }
    bad = [f"DISPATCHD_{name}: {_places(urls)}" for name, urls in named.items() if unusable(urls)]
    if bad:
        remedy = "https://github.com/caronc/apprise/wiki shows how each is written"
        return Point("alerts", "fail", "; ".join(bad), remedy)
    return Point("alerts", "ok", f"{len(lead)} URL{'s' * (len(lead) > 1)} for a lead")


def _places(urls: Iterable[str]) -> str:
    places = ", ".join(str(place) for place in unusable(list(urls)))
    return f"no notification URL at place {places}"


def _mail(settings: Settings) -> Point:
    if settings.smtp_host is None:
        return Point("mail", "ok", "no mail server is set: e-mail steps will fail")
    return Point("mail", "ok", f"{settings.smtp_host}:{settings.smtp_port}, {settings.smtp_tls}")


def _handoffs(settings: Settings) -> Point:
    """Say what hand-offs to the product team lack (S0-11)."""
    mailbox = settings.handoff_product_email or settings.mail_from
    lacks = [
        *([] if settings.smtp_host else ["SMTP_HOST"]),
        *([] if settings.mail_from else ["MAIL_FROM"]),
    ]
    if not lacks:
        return Point("hand-offs", "ok", f"mailed to {mailbox}")
    named = ", ".join(f"DISPATCHD_{one}" for one in lacks)
    if settings.carrier == "simulator":
        words = f"the simulator takes their mails; in earnest they need {named}"
        return Point("hand-offs", "ok", words)
    words = f"their mails cannot leave: {named} {'is' if len(lacks) == 1 else 'are'} not set"
    return Point("hand-offs", "warn", words, "set them, if tickets are handed to a product team")
