"""`coverage`: a calendar of green, yellow and red days, and exactly when nobody is on call."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Mistake
from gateway.cli.output import console, on_terminal, say, say_json
from gateway.cli.who import usual_schedule
from gateway.clock import SystemClock
from gateway.domain.accounts import Account
from gateway.domain.document_fields import parse_date
from gateway.domain.documents import compile_account
from gateway.domain.uncovered import in_office
from gateway.store import accounts
from gateway.store.pool import Connection
from schedules.coverage import Day, Gap

if TYPE_CHECKING:
    from rich.table import Table

_HOUR: Final = timedelta(hours=1)
_WEEK: Final = 7
_SHADES: Final = {"green": "black on green", "yellow": "black on yellow", "red": "white on red"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days of which schedule; what is not given is today, and the usual schedule."""

    account: str
    first: str | None
    days: int
    schedule: str | None


def tell(asked: Asked, *, as_json: bool) -> None:
    """Print the days; Mistake for an unknown account or a question without sense."""

    async def look(conn: Connection, clock: SystemClock) -> tuple[Account, datetime]:
        document = (await accounts.in_force(conn, [asked.account])).get(asked.account)
        if document is None:
            raise Mistake(f"there is no account {asked.account}")
        return compile_account(document), clock.now()

    account, now = with_database(chosen_settings(), look)
    first = _date(asked.first) if asked.first else account.local_date(now)
    schedule = usual_schedule(account, asked.schedule)
    days = account.coverage(schedule, first, asked.days)
    if as_json:
        from gateway.web.days import day_view  # noqa: PLC0415 - the web side loads slowly

        say_json([day_view(account, day) for day in days])
        return
    say(f"{account.account} {account.name}, schedule {schedule or '(none)'}")
    if on_terminal():
        console().print(_calendar(days), soft_wrap=False)
    for line in lines_of(account, days, bare=on_terminal()):
        say(line)


def _date(text: str) -> date:
    try:
        return parse_date(text)
    except ValueError as fault:
        raise Mistake(f"--from: {fault}") from None


def lines_of(account: Account, days: Sequence[Day], *, bare: bool = False) -> Iterator[str]:
    """Yield one line for each day, or with `bare` for those that have a gap, in local times."""
    for day in days:
        if day.gaps or not bare:
            line = (
                f"{day.date:%a %Y-%m-%d}  {day.color:<6}  {_hours(day):<14}  {_gaps(account, day)}"
            )
            yield line.rstrip()
    if bare and not any(day.gaps for day in days):
        yield "Somebody is on call all the time."


def _hours(day: Day) -> str:
    return f"{_number(day.covered)} of {_number(day.required)} h"


def _number(length: timedelta) -> str:
    return f"{round(length / _HOUR, 2):g}"


def _gaps(account: Account, day: Day) -> str:
    if not day.gaps:
        return ""
    shown = f"nobody {_spans(account, day, day.gaps)}"
    office = tuple(in_office(account, day.gaps))
    if not office:
        return shown
    return (
        f"{shown} (office open{'' if office == day.gaps else ' ' + _spans(account, day, office)})"
    )


def _spans(account: Account, day: Day, gaps: Iterable[Gap]) -> str:
    zone = account.zone
    return ", ".join(f"{_clock(gap.start, zone)}-{_end(gap.end, day, zone)}" for gap in gaps)


def _end(at: datetime, day: Day, zone: ZoneInfo) -> str:
    return _clock(at, zone) if at.astimezone(zone).date() == day.date else "24:00"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    """Return `17:00`, with the zone's name where the hour comes twice."""
    there = at.astimezone(zone)
    twice = there.utcoffset() != there.replace(fold=1 - there.fold).utcoffset()
    second = f":{there:%S}" if there.second else ""
    return f"{there:%H:%M}{second}" + (f" {there:%Z}" if twice else "")


def _calendar(days: Sequence[Day]) -> "Table":
    """Return weeks as rows, Monday first; each day in its colour with its covered hours."""
    from rich.table import Table  # noqa: PLC0415 - rich is loaded only where there is a terminal
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        table.add_column(name, justify="right", no_wrap=True)
    cells = [Text("")] * (days[0].date.weekday() if days else 0)
    for day in days:
        words = f"{day.date.day} {day.date:%b} {_number(day.covered):>4}h"
        cells.append(Text(words, style=_SHADES[day.color]))
    cells += [Text("")] * (-len(cells) % _WEEK)
    for start in range(0, len(cells), _WEEK):
        table.add_row(*cells[start : start + _WEEK])
    return table
