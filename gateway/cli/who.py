"""`who`: the people of an account at an instant, in order, each with the rule behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Mistake
from gateway.cli.files import read_text
from gateway.cli.instants import local, read_instant
from gateway.cli.output import say, say_json, say_table
from gateway.clock import SystemClock
from gateway.domain.accounts import Account
from gateway.domain.choosing import unfit
from gateway.domain.documents import compile_account
from gateway.domain.heeding import in_force, roster_at
from gateway.domain.history import stamp
from gateway.domain.marked_yaml import read_marked
from gateway.domain.messages import Priority
from gateway.domain.outlook import Known, candidates, idle_overrides
from gateway.domain.protocols import Protocol
from gateway.domain.specials import Special
from gateway.domain.walk import slot_of
from gateway.store import accounts, specials
from gateway.store.pool import Connection
from schedules.roster import Line, Roster

_USUAL = "OnCall"
_HEADS = ("", "contact", "name", "role", "by", "address", "why")


@dataclass(frozen=True, slots=True)
class Question:
    """Whom to look for; what is not given is asked of the account, the clock, or left open."""

    account: str
    at: str | None = None
    schedule: str | None = None
    message: Path | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The part of a message that selects schedule and protocol."""

    priority: str
    form: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer; `schedule` None: none or several fit, so such a message is held for a lead."""

    account: Account
    version: int
    at: datetime
    protocol: Protocol
    schedule: str | None
    blank: bool
    lines: tuple[Line, ...]
    special: Special | None = None
    remarks: tuple[str, ...] = ()


def tell(question: Question, *, as_json: bool) -> None:
    """Print the roster; Mistake for an unknown account or a question without sense."""
    draft = read_message(question.message) if question.message else None

    async def look(conn: Connection, clock: SystemClock) -> Found:
        document = (await accounts.in_force(conn, [question.account])).get(question.account)
        if document is None:
            raise Mistake(f"there is no account {question.account}")
        version = await accounts.version_of(conn, question.account) or 0
        account = compile_account(document)
        at = read_instant(question.at, account.zone, "--at") if question.at else clock.now()
        flags = await accounts.flags_of(conn, question.account)
        calls, rung = await accounts.calls_of(conn, account, at)
        found = await specials.active_at(conn, question.account, at)
        posted = tuple(one.special for one in found)
        urgency = Priority[draft.priority.upper()] if draft else Priority.URGENT
        known = Known(flags, calls, urgency, specials=posted, rung=rung)
        return find((account, version), at, (question.schedule, draft), known)

    found = with_database(chosen_settings(), look)
    if as_json:
        say_json(as_values(found))
    else:
        _say(found)


def read_message(path: Path) -> Draft:
    """Read the part of a message that matters here; DocumentError and Mistake name its faults."""
    marked = read_marked(read_text(path), str(path))
    body = marked[0].value if marked else None
    if not isinstance(body, dict):
        raise Mistake(f"{path}: must hold a message, as POST /v1/messages takes it")
    words = [each.word for each in Priority]
    priority = body.get("priority", Priority.URGENT.word)
    if priority not in words:
        raise Mistake(f"{path}: priority: must be {', '.join(words)}")
    fields = body.get("fields") or {}
    if not isinstance(fields, dict):
        raise Mistake(f"{path}: fields: must be a mapping of keys to values")
    form = body.get("form")
    named = {str(key): str(value) for key, value in fields.items()}
    return Draft(str(priority), str(form) if form else None, named)


def find(
    version: tuple[Account, int],
    at: datetime,
    asked: tuple[str | None, Draft | None],
    known: Known,
) -> Found:
    """Answer whom a message would meet at an instant; the very functions of the daemon answer."""
    account, number = version
    schedule, draft = asked
    chosen = _schedule(account, schedule, draft)
    if draft:
        protocol = account.protocol_for(draft.priority, draft.form, at)
    else:
        protocol = account.protocol_at(at)
    if chosen is None:
        why = unfit(account, draft.fields, draft.form) if draft else ""
        return Found(account, number, at, protocol, None, blank=False, lines=(), remarks=(why,))
    roster: Roster = roster_at(account, chosen, at, known.specials)
    lines = candidates(account, protocol, roster, known)
    special = in_force(account, at, known.specials)
    remarks = idle_overrides(account, chosen, at)
    blank = roster.blank
    return Found(account, number, at, protocol, roster.schedule, blank, lines, special, remarks)


def _schedule(account: Account, named: str | None, draft: Draft | None) -> str | None:
    if named is None and draft:
        return account.schedule_for(draft.fields, draft.form)
    return usual_schedule(account, named)


def usual_schedule(account: Account, named: str | None) -> str:
    """Return the schedule named, the only one, or the one called OnCall (S3-88); else Mistake."""
    names = ", ".join(account.schedules)
    if named is not None and named.casefold() not in account.names:
        raise Mistake(f"--schedule: there is no {named!r}; there are {names or 'none'}")
    if named is not None:
        return account.names[named.casefold()]
    if len(account.schedules) <= 1:
        return next(iter(account.schedules), "")
    if _USUAL.casefold() in account.names:
        return account.names[_USUAL.casefold()]
    raise Mistake(f"the account has several schedules ({names}): name one with --schedule")


def as_values(found: Found) -> dict[str, Any]:
    """Return the answer as JSON values, its roster as the API gives it."""
    return {
        "account": found.account.account,
        "version": found.version,
        "at": stamp(found.at),
        "schedule": found.schedule,
        "protocol": found.protocol.name,
        "blank": found.blank,
        "roster": [_line(line) for line in found.lines],
        **({"special": _ruling(found.special)} if found.special else {}),
        **({"remarks": found.remarks} if found.remarks else {}),
    }


def _ruling(special: Special) -> dict[str, str]:
    return {"id": special.id, "effect": special.effect, "until": stamp(special.end)}


def _line(line: Line) -> dict[str, str]:
    values = {
        "contact": line.contact,
        "role": line.role,
        "status": line.status,
        "source": line.source,
        "reason": line.reason,
    }
    return {**values, "skipped": line.skipped} if line.skipped else values


def _say(found: Found) -> None:
    account = found.account
    say(f"{account.account} {account.name}, version {found.version}")
    hours = "office hours" if account.office_open(found.at) else "after hours"
    say(f"{local(found.at, account.zone)}, {hours}, protocol {found.protocol.name}")
    if found.schedule is None:
        say(f"{' '.join(found.remarks)} It would be held for a lead.")
        return
    say(f"schedule {found.schedule or '(none)'}{': nobody is scheduled' if found.blank else ''}")
    if found.special and found.special.hold:
        until = local(found.special.end, account.zone)
        say(f"Special {found.special.id}: dispatch is held until {until}.")
    turn = 0
    rows = []
    for line in found.lines:
        turn += line.skipped is None
        rows.append(_row(account, line, turn))
    if rows:
        say_table(_HEADS, rows)
    for remark in found.remarks:
        say(f"Note: {remark}.")
    if not turn:
        say("Nobody can be reached: a lead would be alerted.")


def _row(account: Account, line: Line, turn: int) -> list[str]:
    contact = account.contacts.get(line.contact)
    return [
        "-" if line.skipped else str(turn),
        line.contact,
        contact.name if contact else line.contact,
        line.role,
        line.status,
        slot_of(account, line).shown,
        _why(line),
    ]


def _why(line: Line) -> str:
    """Name the rule that put somebody there, or the one that passes them over."""
    if line.skipped is None:
        return f"{line.source}: {line.reason}"
    return line.reason if line.reason.startswith(line.skipped) else f"{line.skipped}: {line.reason}"
