"""The outlook: who would be reached, in order, and who would not and why. Decides nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge
from operator import itemgetter
from uuid import UUID

from gateway.domain.accounts import Account
from gateway.domain.contacts import Rung
from gateway.domain.flags import Flags
from gateway.domain.heeding import roster_for
from gateway.domain.jobs import Job, JobState, Request
from gateway.domain.messages import Key, Message, Priority
from gateway.domain.protocols import Protocol
from gateway.domain.specials import Special
from gateway.domain.state import State
from gateway.domain.walk import (
    Slot,
    address_of,
    place_of,
    slot_of,
    slots,
    turns_of,
    why_skipped,
)
from schedules.overrides import Override
from schedules.roster import Line, Roster


@dataclass(frozen=True, slots=True)
class Known:
    """What bears on whom a message meets besides the document: the phones and its own kind.

    `flags` say what is known against phones, `calls` when those with a limit were called; without
    a message it is judged as an urgent one. `specials` are those posted, in order, `rung` how the
    other phones were called lately.
    """

    flags: Mapping[str, Flags] = field(default_factory=dict)
    calls: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    priority: Priority = Priority.URGENT
    form: str | None = None
    specials: tuple[Special, ...] = ()
    rung: Mapping[str, Rung] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Next:
    """Who has the next turn of a job: contact key, name, method, address, source and notes."""

    contact: str
    name: str
    method: str
    address: str | None
    source: str
    reason: str
    notes: str | None = None
    requires_human: bool = False


def next_of(state: State, job: Job, now: datetime) -> Next | None:
    """Return whom the job reaches now or would reach next (S3-25, S3-71); None for nobody."""
    account = state.account
    if account is None or job.state.terminal:
        return None
    if job.request is not None:
        return _recipient(state, job.request)
    walked = job.round.walked if job.round.open else ()
    for slot in _turns(state, job, account, now):
        if slot.id not in walked and why_skipped(state, job, slot, now) is None:
            return _next(account, slot)
    return None


def _recipient(state: State, request: Request) -> Next:
    name, why = state.contact_name(request.contact), f"asked for by {request.by}"
    return Next(request.contact, name, request.channel, request.address, "resend", why)


def under_way(state: State, job: Job) -> Next | None:
    """Return whom an open attempt of the job is reaching at this moment."""
    account = state.account
    for attempt in reversed(state.of_job(job.id)):
        # The end of a call to us is not told: it may be over long since.
        if attempt.open and account is not None and not attempt.is_inbound:
            person = account.contacts.get(attempt.contact)
            return Next(
                contact=attempt.contact,
                name=state.contact_name(attempt.contact),
                method=attempt.method,
                address=attempt.address,
                source=attempt.source,
                reason="under way",
                notes=person.notes if person else None,
                requires_human=bool(person and person.requires_human),
            )
    return None


def _turns(state: State, job: Job, account: Account, now: datetime) -> Iterator[Slot]:
    fields = state.content.fields if state.content else {}
    named = job.round.schedule if job.reason == "schedule_named" or job.round.open else None
    schedule = named or account.schedule_for(fields, state.message.form)
    if schedule is None or (schedule and schedule.casefold() not in account.names):
        return iter(())
    message = state.message
    protocol = account.protocol_for(message.priority.word, message.form, now)
    roster = roster_for(account, job, schedule, now, state.specials)
    return slots(account, protocol, roster, job)


def _next(account: Account, slot: Slot) -> Next:
    person = account.contacts.get(slot.contact)
    return Next(
        contact=slot.contact,
        name=person.name if person else slot.contact,
        method=slot.method,
        address=address_of(account, slot),
        source=slot.line.source,
        reason=slot.line.reason,
        notes=person.notes if person else None,
        requires_human=bool(person and person.requires_human),
    )


def imagined(account: Account, at: datetime, known: Known) -> tuple[State, Job]:
    """Return the state and the job of such a message if it came in at that instant."""
    key = Key(account.account, at.date().replace(day=1), "")
    message = Message(key, known.priority, known.form, "", at)
    job = Job(UUID(int=0), key, known.priority, "new", JobState.PENDING, at, at, at)
    state = State(message, None, (job,), (), account, 0, "", known.flags, calls=known.calls)
    return state._replace(specials=known.specials, rung=known.rung), job


def listed(account: Account, protocol: Protocol, roster: Roster) -> Iterator[Slot]:
    """Yield the turns of a round in order, each once however often its step repeats it.

    Whoever was overridden stands where the turn would have been, before whoever took it over.
    """
    order = {line: number for number, line in reversed([*enumerate(roster.lines)])}
    first = {step.reach: number for number, step in reversed([*enumerate(protocol.steps)])}
    gone = [
        ((number, order[line]), slot_of(account, line, step=step))
        for number, step in enumerate(protocol.steps)
        for line in roster.lines
        if line.skipped == "overridden" and line.role == step.reach and first[step.reach] == number
    ]
    turns = [
        ((step, order.get(slot.line, -1)), slot)
        for slot in turns_of(account, protocol, roster).slots
        for step, repeated in [place_of(slot)]
        if not repeated
    ]
    return (slot for _, slot in merge(gone, turns, key=itemgetter(0)))


def candidates(
    account: Account, protocol: Protocol, roster: Roster, known: Known
) -> tuple[Line, ...]:
    """Return whom a message would meet: the turns of its round, each with what removes it, if any.

    The walk of a round gives them and their methods, and its very rules judge each.
    """
    state, job = imagined(account, roster.at, known)
    seen: set[str] = set()
    judged = []
    for slot in listed(account, protocol, roster):
        line = replace(slot.line, status=slot.method)
        why = why_skipped(state, job, slot, roster.at)
        if why is None and slot.contact in seen:
            why = "duplicate", "they have their turn earlier"
        if why is None:
            seen.add(slot.contact)
        judged.append(line.skip(*why) if why else line)
    return tuple(judged)


def idle_overrides(account: Account, schedule: str, at: datetime) -> tuple[str, ...]:
    """Say which overrides last at an instant and change nothing, and why (CONTRACT section 4)."""
    found = account.schedule_named(schedule)
    lasting = [each for each in found.overrides if each.span.holds(at)] if found else []
    if not found or not lasting:
        return ()
    if any(each.span.holds(at) for each in found.temporary):
        return tuple(f"{each.reason}; a temporary schedule stands in for it" for each in lasting)
    lines = account.roster(schedule, at).lines
    done = {line.reason for line in lines if line.skipped == "overridden"}
    idle = [each for each in lasting if each.added is None and each.reason not in done]
    return tuple(f"{each.reason}; {_nobody(each)}, so nothing changes" for each in idle)


def _nobody(override: Override) -> str:
    people = " and ".join(override.instead)
    return f"{people} {'is' if len(override.instead) == 1 else 'are'} not on call then"
