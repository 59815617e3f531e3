"""Retracing: what the daemon must have decided, computed anew from a message's history. Pure.

A round is compared with the account document that its own items name, by the functions that the
daemon itself uses; wherever the answer differs from the record, that is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from gateway.domain.accounts import Account
from gateway.domain.heeding import recorded, roster_for
from gateway.domain.jobs import Job, Target
from gateway.domain.messages import Message, Priority
from gateway.domain.outlook import listed
from gateway.domain.protocols import Protocol
from gateway.domain.rules import because, breach
from gateway.domain.specials import Special
from gateway.domain.state import State
from gateway.domain.walk import Slot, address_of, slots, turns_of
from schedules.roster import Roster

STARTS: Final = frozenset({"dial.started", "sms.sent", "secure.sent", "email.sent"})
# Reasons that follow from the document alone; the others hang on what else was known that day.
_BY_DOCUMENT: Final = frozenset({"unavailable", "inactive", "overridden", "quiet"})
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One item, and why it had to be; `because` is empty where the item says it all."""

    item: Item
    because: str = ""


@dataclass(slots=True)
class Round:
    """One round retraced, or (number 0) what came before the first one."""

    number: int
    at: datetime
    document: int = 0
    steps: list[Step] = field(default_factory=list)
    mismatches: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Governed:
    """What holds within a round."""

    account: Account
    protocol: Protocol
    schedule: str
    job: Job
    specials: Mapping[int, tuple[Special, ...]]
    versions: Mapping[int, Account]

    def by(self, item: Item, message: Message) -> "_Governed":
        """Return what held for an item; it names the document if that changed within the round."""
        account = self.versions.get(item["data"].get("document") or 0)
        if account is None or account is self.account:
            return self
        named = (one for one in account.protocols if one.name == self.protocol.name)
        words = message.priority.word, message.form, at_of(item)
        protocol = next(named, None) or account.protocol_for(*words)
        return replace(self, account=account, protocol=protocol)

    def roster(self, item: Item) -> Roster:
        """Return the roster at an item's instant, under the special that the record names."""
        return roster_for(self.account, self.job, self.schedule, at_of(item), self.posted(item))

    def posted(self, item: Item) -> tuple[Special, ...]:
        """Return the special that governed when the item was written, by the record."""
        return self.specials.get(item["seq"], ())


def at_of(item: Item) -> datetime:
    """Return an item's instant."""
    return datetime.fromisoformat(item["at"])


def documents_named(items: Sequence[Item]) -> set[int]:
    """Return the versions of the account document that a history names."""
    return {int(item["data"]["document"]) for item in items if item["data"].get("document")}


def retrace(state: State, items: Sequence[Item], accounts: Mapping[int, Account]) -> list[Round]:
    """Return every round with its items explained; `accounts` are the versions they name."""
    target: Item | None = None
    rounds = []
    specials, resent = recorded(items), _resent(items)
    for chunk in _chunks(items):
        found = Round(_number(chunk[0]), at_of(chunk[0]))
        known = accounts, specials, target
        governed = _govern(state, chunk, known, found) if found.number else None
        found.steps = [
            _of_resend(state, item, accounts, found)
            if item["kind"] == "message.delivered" and item["attempt"] in resent
            else _explained(state, item, governed, found)
            for item in chunk
        ]
        rounds.append(found)
        overrides = [item for item in chunk if item["kind"] == "target.override"]
        target = overrides[-1] if overrides else None
    return rounds


def _number(item: Item) -> int:
    return int(item["data"].get("round") or 0) if item["kind"] == "job.claimed" else 0


def _chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    for item in items:
        if chunk and _number(item):
            yield chunk
            chunk = []
        chunk.append(item)
    if chunk:
        yield chunk


def _first(chunk: Sequence[Item], kind: str) -> Item | None:
    return next((item for item in chunk if item["kind"] == kind), None)


def _govern(
    state: State,
    chunk: Sequence[Item],
    known: tuple[Mapping[int, Account], Mapping[int, tuple[Special, ...]], Item | None],
    found: Round,
) -> _Governed | None:
    """Choose protocol and roster anew; what differs from the record is noted in `found`."""
    accounts, specials, target = known
    chosen, resolved = _first(chunk, "protocol.selected"), _first(chunk, "oncall.resolved")
    if chosen is None:
        return None
    found.document = int(chosen["data"]["document"])
    account = accounts.get(found.document)
    if account is None:
        found.mismatches.append(f"version {found.document} of the account document is missing")
        return None
    message = state.message
    protocol = account.protocol_for(message.priority.word, message.form, found.at)
    if protocol.name != chosen["data"]["protocol"]:
        words = f"the protocol should be {protocol.name}, not {chosen['data']['protocol']}"
        found.mismatches.append(words)
    if resolved is None:
        return None
    schedule = str(resolved["data"].get("schedule") or "")
    job = _job_of(state, resolved, target)
    governed = _Governed(account, protocol, schedule, job, specials, accounts)
    _compare(state, governed, resolved, found)
    return governed


def _compare(state: State, governed: _Governed, resolved: Item, found: Round) -> None:
    """Compare schedule and roster of a round with what the document gives."""
    account, schedule = governed.account, governed.schedule
    named = any(job.reason == "schedule_named" for job in state.jobs)
    if state.content is not None and not named:
        should = account.schedule_for(state.content.fields, state.message.form)
        if should != schedule:
            found.mismatches.append(f"the schedule should be {should}, not {schedule}")
    if schedule and schedule.casefold() not in account.names:
        found.mismatches.append(f"there is no schedule {schedule} in version {found.document}")
        return
    roster = governed.roster(resolved)
    people, recorded = (
        turns_of(account, governed.protocol, roster).people,
        resolved["data"].get("contacts") or "",
    )
    # Earlier versions named every line of the roster, whether or not a step reached it.
    if recorded not in {people, ", ".join(line.contact for line in roster.lines)}:
        words = f"on call should be {people or 'nobody'}, not {recorded or 'nobody'}"
        found.mismatches.append(words)


def _job_of(state: State, resolved: Item, target: Item | None) -> Job:
    job = next(one for one in state.jobs if str(one.id) == resolved["job"])
    aim = None
    if target is not None and target["job"] == resolved["job"]:
        aim = Target(str(target["data"].get("contact")), str(target["data"].get("reason") or ""))
    return job._replace(target=aim)


def _explained(state: State, item: Item, governed: _Governed | None, found: Round) -> Step:
    if governed is None:
        return Step(item)
    governed = governed.by(item, state.message)
    account, protocol = governed.account, governed.protocol
    match item["kind"]:
        case "protocol.selected":
            return Step(item, _why_protocol(state, account, protocol, found))
        case "oncall.resolved":
            return Step(item, _why_roster(account, protocol, governed.roster(item)))
        case _ if item["data"].get("source") in {"resend", "copy"}:
            return Step(item)  # by nobody's turn
        case kind if kind in STARTS or kind == "contact.skipped":
            return Step(item, _why_turn(governed, item, found))
        case _:
            if words := breach(item, protocol, found.at):
                found.mismatches.append(f"{at_of(item):%H:%M:%S} UTC: {words}")
            return Step(item, because(item, protocol))


def _resent(items: Sequence[Item]) -> set[str]:
    """Return the attempts that are resends, by the record."""
    begun = (item for item in items if item["kind"] in STARTS)
    return {item["attempt"] for item in begun if item["data"].get("source") == "resend"}


def _of_resend(state: State, item: Item, accounts: Mapping[int, Account], found: Round) -> Step:
    """A resend belongs to no round: what delivers is for the protocol of that very instant."""
    account = accounts.get(int(item["data"].get("document") or 0))
    if account is None:
        return Step(item)
    at = at_of(item)
    protocol = account.protocol_for(state.message.priority.word, state.message.form, at)
    if words := breach(item, protocol, at):
        found.mismatches.append(f"{at:%H:%M:%S} UTC: {words}")
    return Step(item, because(item, protocol))


def _why_protocol(state: State, account: Account, protocol: Protocol, found: Round) -> str:
    hours = "office hours" if account.office_open(found.at) else "after hours"
    what = f"{state.message.priority.word}, {hours}"
    form = f", form {state.message.form}" if state.message.form else ""
    if protocol not in account.protocols:
        return f"no protocol fits ({what}{form}), so the default governs"
    minutes = [f"{span.total_seconds() / 60:g} min" for span in (protocol.cue, protocol.limit)]
    rules = f"cue {minutes[0]}, limit {minutes[1]}, document version {found.document}"
    return f"the first that fits ({what}{form}); {rules}"


def _why_roster(account: Account, protocol: Protocol, roster: Roster) -> str:
    said = [
        f"{slot.contact} ({slot.line.role}, {slot.method}: {slot.line.reason}"
        f"{', ' + slot.line.skipped if slot.line.skipped else ''})"
        for slot in listed(account, protocol, roster)
    ]
    return "; ".join(said)


def _why_turn(governed: _Governed, item: Item, found: Round) -> str:
    """Say which turn this was, by the roster at that very instant."""
    contact, at = item["data"].get("contact"), at_of(item)
    account = governed.account
    roster = governed.roster(item)
    turns = slots(account, governed.protocol, roster, governed.job)
    slot = next((one for one in turns if one.contact == contact), None)
    if slot is None:
        words = f"{contact} has no turn by version {found.document}"
        found.mismatches.append(f"{at:%H:%M:%S} UTC: {words}")
        return words
    recorded = item["data"].get("reason") if item["kind"] == "contact.skipped" else None
    should = _passed_over(account, governed.job, slot, at)
    if should != recorded and {should, recorded} & _BY_DOCUMENT:
        words = f"{contact} should be {should or 'tried'}, not {recorded or 'tried'}"
        found.mismatches.append(f"{at:%H:%M:%S} UTC: {words}")
    step = int(slot.id.split(".", 1)[0]) + 1 if slot.id[0].isdigit() else 0
    place = f"step {step}" if step else "a person's choice"
    return f"{place}, {slot.line.role}, {slot.line.source}: {slot.line.reason}"


def _passed_over(account: Account, job: Job, slot: Slot, at: datetime) -> str | None:
    """Return the reason that follows from the document alone."""
    if slot.line.skipped:
        return slot.line.skipped
    known = slot.contact in account.contacts
    if job.priority is Priority.ROUTINE and known and account.quiet(slot.contact, at):
        return "quiet"
    return None if address_of(account, slot) else "no_address"
