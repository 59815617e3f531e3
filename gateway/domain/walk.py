"""The walk: who may have a turn in this round, in what order, and why somebody has none."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.accounts import Account
from gateway.domain.contacts import Contact
from gateway.domain.jobs import Job
from gateway.domain.messages import Priority
from gateway.domain.protocols import Protocol, Step
from gateway.domain.state import State
from schedules.roster import Line, Roster

TEXTS = frozenset({"sms", "secure"})
OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn in a round: a person, by what method, and how long the turn may hold the round."""

    id: str
    line: Line
    method: str
    wait: timedelta | None
    repeat: int

    @property
    def contact(self) -> str:
        """The contact's key."""
        return self.line.contact


def slots(account: Account, protocol: Protocol, roster: Roster, job: Job) -> Iterator[Slot]:
    """Yield the turns of a round in order (CONTRACT section 4, rotation of a round).

    A target stands alone; a blank schedule goes straight to the permanent list.
    """
    if job.target:
        line = _named(account, roster, job.target.contact, "target", job.target.reason)
        yield Slot(f"t.0.{line.contact}", line, line.status, None, 1)
        return
    for number, step in _steps(account, protocol, roster):
        lines = _people(account, protocol, roster, step)
        for turn in range(step.repeat):
            times: Counter[str] = Counter()
            for line in lines:
                method = line.status if step.by == "status" else step.by
                nth = f"+{times[line.contact]}" if times[line.contact] else ""
                times[line.contact] += 1
                slot = f"{number}.{turn}.{line.contact}{nth}"
                yield Slot(slot, line, method, step.wait, step.repeat)


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
        return [Line(OFFICE, OFFICE, "call", OFFICE, "the office", None)] if account.office else []
    if step.reach.startswith("contact:"):
        key = step.reach.removeprefix("contact:")
        return [_named(account, roster, key, "target", "named by the protocol")]
    # Whoever was overridden has given the turn away and is not passed over (CONTRACT section 4).
    return [
        line for line in roster.lines if line.role == step.reach and line.skipped != "overridden"
    ]


def _named(account: Account, roster: Roster, key: str, source: str, reason: str) -> Line:
    """Return a line for somebody named out of turn, by the status the roster gives them."""
    listed = next((line for line in roster.lines if line.contact == key), None)
    status = listed.status if listed else "call"
    return account.crew.seen(Line(key, source, status, source, reason), roster.at)


def address_of(account: Account, slot: Slot) -> str | None:
    """Return the phone number or e-mail address that the slot's method uses, if there is one."""
    if slot.contact == OFFICE and slot.line.role == OFFICE:
        office = account.office
        return (office.email if slot.method == "email" else office.phone) if office else None
    contact = account.contacts.get(slot.contact)
    return contact.address(slot.method) if contact else None


def why_skipped(state: State, job: Job, slot: Slot, now: datetime) -> tuple[str, str] | None:
    """Say why this turn goes to nobody: the contract's word and a sentence; None to go ahead."""
    account = state.account
    if account is None:
        return None
    if slot.line.skipped:
        return slot.line.skipped, slot.line.reason
    contact = account.contacts.get(slot.contact)
    if job.priority is Priority.ROUTINE and contact and account.quiet(contact.key, now):
        return "quiet", "it is their quiet time and the message is routine"
    address = address_of(account, slot)
    if contact and address and _over_limit(state, contact, address, now) and _limited(job, slot):
        return "rate_limited", "the limit of calls to that phone is reached"
    return _address_fault(state, slot, address)


def _limited(job: Job, slot: Slot) -> bool:
    """Per-phone limits hold for calls; an emergency is exempt (CONTRACT section 4)."""
    return slot.method == "call" and job.priority is not Priority.EMERGENCY


def _over_limit(state: State, contact: Contact, phone: str, now: datetime) -> bool:
    limit = contact.phone_limit
    if limit is None:
        return False
    lately = [at for at in state.calls.get(phone, ()) if now - at < limit.per]
    return len(lately) >= limit.calls


def _address_fault(state: State, slot: Slot, address: str | None) -> tuple[str, str] | None:
    if address is None:
        return "no_address", f"they have no address for {slot.method}"
    flags = state.flags.get(address)
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


def _line_of(slot: str) -> tuple[str, str]:
    """Return the step and the line of a slot, without its turn."""
    step, _, rest = slot.partition(".")
    return step, rest.partition(".")[2]
