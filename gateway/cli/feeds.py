"""`feeds list` and `feeds refresh`: the calendars from outside whose events are shifts."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED, Mistake
from gateway.cli.instants import local
from gateway.cli.output import say, say_json, say_table
from gateway.clock import SystemClock
from gateway.compose import fetcher
from gateway.daemon.feeds import Case, cases, refresh, settle
from gateway.domain.feeding import Standing
from gateway.domain.feeds import ahead, source_of
from gateway.domain.history import stamp
from gateway.store import accounts, feeds
from gateway.store.pool import Connection
from schedules.walltime import zone_of

_NEVER: Final = "not read yet"


class Listed(NamedTuple):
    """A feed, how it stands, and how many of its shifts are still to come."""

    case: Case
    standing: Standing | None
    ahead: int

    @property
    def state(self) -> str:
        """Say how it stands in one word or two."""
        if self.standing is None or (self.standing.read_at is None and not self.standing.fault):
            return _NEVER
        return "failing" if self.standing.fault else "ok"


def list_feeds(numbers: Sequence[str] | None, *, as_json: bool) -> None:
    """Print the feeds of these accounts (None: all); Mistake for unknown ones."""

    async def look(conn: Connection, clock: SystemClock) -> list[Listed]:
        return await _listed(conn, numbers, clock.now())

    found = with_database(chosen_settings(), look)
    if as_json:
        say_json([_json(one) for one in found], indent=True)
        return
    say_table(("account", "schedule", "from", "state", "read", "ahead"), map(_row, found))
    for one in found:
        for line in _remarks(one):
            say(line)


def refresh_feeds(numbers: Sequence[str] | None) -> int:
    """Read the feeds of these accounts (None: all) now; return 1 if one cannot be read."""
    settings = chosen_settings()
    fetch = fetcher(settings).fetch

    async def read(conn: Connection, clock: SystemClock) -> bool:
        sound = True
        for one in await _listed(conn, numbers, clock.now()):
            now = clock.now()
            outcome = await refresh(one.case, one.standing, now, fetch)
            version = await settle(conn, one.case, one.standing, outcome, now)
            fault = outcome.standing.fault
            sound = sound and fault is None
            shifts = one.case.feed.shifts if outcome.shifts is None else outcome.shifts
            words = fault or f"shifts to come {ahead(shifts, now)}, version {version}"
            say(f"{one.case.document.account}  {one.case.schedule}: {words}")
            for line in _remarks(Listed(one.case, outcome.standing, 0)):
                say(line)
        return sound

    return 0 if with_database(settings, read) else FAILED


async def _listed(conn: Connection, numbers: Sequence[str] | None, now: datetime) -> list[Listed]:
    known = [one.account for one in await accounts.list_all(conn)]
    unknown = sorted(set(numbers or ()) - set(known))
    if unknown:
        raise Mistake(f"there is no account {', '.join(unknown)}")
    documents = await accounts.in_force(conn, numbers or known)
    standings = await feeds.standings(conn, numbers)
    found = cases([*documents.values()])
    return [
        Listed(
            one, standings.get((one.document.account, one.schedule)), ahead(one.feed.shifts, now)
        )
        for one in found
    ]


def _row(one: Listed) -> tuple[str, ...]:
    standing, zone = one.standing, zone_of(one.case.document.timezone)
    read_at = standing.read_at if standing else None
    return (
        one.case.document.account,
        one.case.schedule,
        _place(one.case),
        one.state,
        _local(read_at, zone),
        str(one.ahead),
    )


def _place(case: Case) -> str:
    """Name the host or file; the rest of an address is often its secret."""
    return urlsplit(case.feed.url).hostname or "" if case.feed.url else source_of(case.feed)


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return local(at, zone) if at else "never"


def _remarks(one: Listed) -> Iterator[str]:
    standing = one.standing
    if standing is None:
        return
    where = f"{one.case.document.account}  {one.case.schedule}"
    if standing.failing_since is not None:
        since = _local(standing.failing_since, zone_of(one.case.document.timezone))
        yield f"{where}: fails since {since}: {standing.fault}"
    yield from (f"{where}: nobody on duty by {words}" for words in standing.strangers)


def _json(one: Listed) -> dict[str, object]:
    standing = one.standing or Standing("")
    instants = {"read_at": standing.read_at, "failing_since": standing.failing_since}
    return {
        "account": one.case.document.account,
        "schedule": one.case.schedule,
        "from": _place(one.case),
        "state": one.state,
        **{key: stamp(at) if at else None for key, at in instants.items()},
        "fault": standing.fault,
        "ahead": one.ahead,
        "strangers": standing.strangers,
    }
