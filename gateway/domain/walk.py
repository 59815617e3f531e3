"""The walk: who may have a turn in this round, in what order, and why somebody has none."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.domain.accounts import Account
from gateway.domain.contacts import Contact, Rung
from gateway.domain.jobs import Job
from gateway.domain.masking import mask_address
from gateway.domain.messages import Priority
from gateway.domain.protocols import Protocol, Step
from gateway.domain.specials import SOURCE as SPECIAL
from gateway.domain.state import State
from gateway.domain.turns import Slot, Turns
from schedules.roster import Line, Roster

__all__ = [
    "OFFICE",
    "TEXTS",
    "Slot",
    "address_of",
    "had_a_turn",
    "pause_until",
    "place_of",
    "slot_of",
    "slots",
    "turns_of",
    "why_skipped",
]

TEXTS = frozenset({"sms", "secure"})
OFFICE = "office"
_BY_NAME = "contact:"
_NO_STEP = Step(reach="")
_EMERGENCY, _ROUTINE = Priority.EMERGENCY, Priority.ROUTINE


def slots(account: Account, protocol: Protocol, roster: Roster, job: Job) -> Iterator[Slot]:
    """Yield the turns of a round in order (CONTRACT section 4, rotation of a round).

    A target stands alone; a blank schedule goes straight to the permanent list.
    """
    if job.target:
        line = _named(account, roster, job.target.contact, "target", job.target.reason)
        return iter((slot_of(account, line, f"t.0.{line.contact}"),))
    return iter(turns_of(account, protocol, roster).slots)


def turns_of(account: Account, protocol: Protocol, roster: Roster) -> Turns:
    """Return the turns of a round, as they were for the very same lines if they can be kept."""
    place = (protocol.name, roster.schedule)
    kept = account.turns.get(place)
    if kept and kept[:3] == (protocol, roster.lines, roster.blank):
        return kept
    found = tuple(_turns(account, protocol, roster))
    people = ", ".join(dict.fromkeys(slot.contact for slot in found))
    turns = Turns(protocol, roster.lines, roster.blank, found, people)
    named = {step.reach.removeprefix(_BY_NAME) for step in protocol.steps}
    # Whoever is named out of turn may be away at another instant of the same roster.
    if named.isdisjoint(account.crew.watched):
        account.turns[place] = turns
    return turns


def _turns(account: Account, protocol: Protocol, roster: Roster) -> Iterator[Slot]:
    steps = _steps(account, protocol, roster)
    special = next((line for line in roster.lines if line.source == SPECIAL), None)
    place = _place_of_special(steps) if special else None
    if special and place is None:
        place = len(steps) + 1
        steps = [(place, _NO_STEP), *steps]
    for number, step in steps:
        at_place = special is not None and number == place
        lines = [special] if special and at_place else _people(account, protocol, roster, step)
        for turn in range(step.repeat):
            times: dict[str, int] = {}
            for line in lines:
                before = times.get(line.contact, 0)
                times[line.contact] = before + 1
                nth = f"+{before}" if before else ""
                yield slot_of(account, line, f"{number}.{turn}.{line.contact}{nth}", step)


def _place_of_special(steps: Sequence[tuple[int, Step]]) -> int | None:
    """Return the step that a special's contact takes; None when there is none for it.

    It is the first that reaches the schedule's people, else the first that names somebody.
    """
    people = (number for number, step in steps if step.reach in {"oncall", "backup"})
    named = (number for number, step in steps if step.reach.startswith(_BY_NAME))
    return next(people, next(named, None))


def slot_of(account: Account, line: Line, name: str = "", step: Step = _NO_STEP) -> Slot:
    """Return a turn of one line; outside of any step it is reached by its own status."""
    method = line.status if step.by == "status" else step.by
    to = _address(account, line, method)
    shown = mask_address(to) if to else ""
    return Slot(name, line.contact, line, method, step.wait, step.repeat, to, shown)


def _steps(account: Account, protocol: Protocol, roster: Roster) -> list[tuple[int, Step]]:
    """Return the steps to walk with their numbers, from the permanent list on if blank.

    Where there is no schedule that could be blank, or no list to go to, every step has its turn.
    """
    steps = list(enumerate(protocol.steps))
    if not roster.blank:
        return steps
    lists = [number for number, step in steps if step.reach == "permanent"]
    if not lists:
        lists, steps = [len(steps)], [*steps, (len(steps), Step(reach="permanent"))]
    return steps[lists[0] :] if account.schedules and account.permanent else steps


def _people(account: Account, protocol: Protocol, roster: Roster, step: Step) -> list[Line]:
    if step.reach == "permanent":
        wanted = roster.blank or protocol.permanent == "after_shift"
        return [line for line in roster.lines if line.role == "permanent"] if wanted else []
    if step.reach == OFFICE:
        why = "the office is a step of the protocol"
        return [Line(OFFICE, OFFICE, "call", OFFICE, why)] if account.office else []
    if step.reach.startswith(_BY_NAME):
        key = step.reach.removeprefix(_BY_NAME)
        return [_named(account, roster, key, "target", "named by the protocol")]
    # Whoever was overridden has given the turn away and is not passed over (CONTRACT section 4).
    return [
        line
        for line in roster.lines
        if line.role == step.reach and line.skipped != "overridden" and line.source != SPECIAL
    ]


def _named(account: Account, roster: Roster, key: str, source: str, reason: str) -> Line:
    """Return a line for somebody named out of turn, by the status the roster gives them."""
    listed = next((line for line in roster.lines if line.contact == key), None)
    status = listed.status if listed else "call"
    return account.crew.seen(Line(key, source, status, source, reason), roster.at)


def address_of(account: Account, slot: Slot) -> str | None:
    """Return the address that an account has for a slot, of whatever version the slot is."""
    return _address(account, slot.line, slot.method)


def _address(account: Account, line: Line, method: str) -> str | None:
    if line.contact == OFFICE and line.role == OFFICE:
        office = account.office
        return (office.email if method == "email" else office.phone) if office else None
    contact = account.contacts.get(line.contact)
    return contact.address(method) if contact else None


def why_skipped(state: State, job: Job, slot: Slot, now: datetime) -> tuple[str, str] | None:
    """Say why this turn goes to nobody: the contract's word and a sentence; None to go ahead."""
    account = state.account
    if account is None:
        return None
    if slot.line.skipped:
        return slot.line.skipped, slot.line.reason
    contact = account.contacts.get(slot.contact)
    if contact and job.priority is _ROUTINE and account.quiet(contact.key, now):
        return "quiet", "it is their quiet time and the message is routine"
    fault = _address_fault(state, slot)
    limited = fault is None and contact is not None and _limited(job, slot)
    if contact and limited and _over_limit(state, contact, (job, slot), now):
        return "rate_limited", "the limit of calls to that phone is reached"
    return fault


def _limited(job: Job, slot: Slot) -> bool:
    """Per-phone limits hold for calls; an emergency is exempt (CONTRACT section 4)."""
    return slot.method == "call" and job.priority is not _EMERGENCY


def pause_until(state: State, job: Job, slot: Slot, now: datetime) -> datetime | None:
    """Return until when a phone rests after its last call; None when it need not.

    Whom a person names out of turn is called however lately that was; so is the office. After a
    job's own call a phone does not rest for it: its cue, its steps and orders pace it.
    """
    contact = state.account.contacts.get(slot.contact) if state.account else None
    rung = state.rung.get(slot.address or "")
    if contact is None or contact.phone_limit or rung is None or job.target:
        return None
    until = rung.pause_until(job.round.at or now, now) if _limited(job, slot) else None
    return None if until is None or _own(state, job, slot, rung) else until


def _own(state: State, job: Job, slot: Slot, rung: Rung) -> bool:
    """Tell whether a phone's last call was for this job."""
    mine = (one.started_at for one in state.of_job(job.id) if one.address == slot.address)
    return rung.last in mine


def _over_limit(state: State, contact: Contact, turn: tuple[Job, Slot], now: datetime) -> bool:
    """Tell whether a phone was called often enough: by its own limit, else by the usual one.

    Of the usual one's two parts a person's own naming sets the pause between calls aside.
    """
    job, slot = turn
    limit, phone = contact.phone_limit, slot.address
    if limit is None or phone is None:
        rung = state.rung.get(phone or "")
        if rung is None:
            return False
        return rung.enough or pause_until(state, job, slot, now) is not None
    lately = [at for at in state.calls.get(phone, ()) if now - at < limit.per]
    return len(lately) >= limit.calls


def _address_fault(state: State, slot: Slot) -> tuple[str, str] | None:
    if slot.address is None:
        return "no_address", f"they have no address for {slot.method}"
    flags = state.flags.get(slot.address)
    if flags and flags.suspended:
        return "no_address", f"the number is suspended: {flags.reason}"
    if flags and flags.opted_out and slot.method in TEXTS:
        return "opted_out", "the number opted out of texts"
    return None


def had_a_turn(slot: Slot, tried: frozenset[tuple[str, str]]) -> bool:
    """Tell whether another line or step of this round tried this person.

    `tried` holds contacts and slots; another turn of the very same line is a repeat.
    """
    mine = _line_of(slot.id)
    return any(who == slot.contact and _line_of(of) != mine for who, of in tried)


def place_of(slot: Slot) -> tuple[int, int]:
    """Return a turn's step, and how often that step was walked before; a target has no place."""
    step, turn, _ = slot.id.split(".", 2)
    return int(step), int(turn)


def _line_of(slot: str) -> tuple[str, str]:
    """Return the step and the line of a slot, without its turn."""
    step, _, rest = slot.partition(".")
    return step, rest.partition(".")[2]
