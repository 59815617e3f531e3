"""Taking turns: whose turn comes next in a round, who is passed over, and what has to wait."""

from collections.abc import Sequence

from gateway.domain import detours
from gateway.domain.accounts import Account
from gateway.domain.attempts import PASSES
from gateway.domain.draft import Draft
from gateway.domain.history import Fact, Outcome
from gateway.domain.jobs import Job, JobState
from gateway.domain.messages import Priority
from gateway.domain.protocols import Protocol
from gateway.domain.reach import begin_attempt
from gateway.domain.rounds import NEEDS_PERSON, about, end_round, hold
from gateway.domain.turns import Slot
from gateway.domain.walk import had_a_turn, pause_until, slots, why_skipped
from gateway.domain.wording import alerts
from schedules.roster import Roster

_INFO = Outcome.INFO
_NOBODY: frozenset[tuple[str, str]] = frozenset()
# No slot has this name: whoever has tried it is no more to be tried in any, as a repeat neither.
_EVERY = ""
_EMERGENCY = Priority.EMERGENCY


def next_turn(draft: Draft, job: Job, governed: tuple[Account, Protocol, Roster]) -> None:
    """Give the next person their turn, or end the round.

    With one person per cue, a rotation whose rest was passed over begins again in this round.
    """
    protocol, carried = governed[1], job.round.walked
    if _take_turn(draft, job, governed):
        return
    job = draft.job(job.id)
    if protocol.rotation == "one_per_cue" and carried and not _tried(draft, job):
        fresh = tuple(slot for slot in job.round.walked if slot not in carried)
        job = job._replace(round=job.round._replace(walked=fresh))
        draft.keep(job)
        if _take_turn(draft, job, governed):
            return
    end_round(draft, draft.job(job.id), protocol)


def _take_turn(draft: Draft, job: Job, governed: tuple[Account, Protocol, Roster]) -> bool:
    """Give the next person their turn, or wait or hold for one; False when nobody is left."""
    account, protocol, roster = governed
    tried = _tried(draft, job)
    one_done = protocol.rotation == "one_per_cue" and bool(tried)
    passed: list[tuple[Slot, str | None]] = []
    walked = frozenset(job.round.walked)
    for slot in slots(account, protocol, roster, job):
        if slot.id in walked:
            continue
        if one_done:
            end_round(draft, job, protocol, more=True)
            return True
        skipped = _skip(draft, job, slot, tried)
        if skipped:
            job = skipped
            continue
        turn = _way(draft, job, slot, (protocol, passed))
        if turn is None:
            continue
        if not _needs_person(draft, job, turn, account):
            if passed:
                _note_passed(draft, job, passed)
            _turn(draft, job, turn, protocol)
        return True
    return _wait(draft, job, passed) or (not tried and _wait_for_pause(draft, job, governed))


def _way(
    draft: Draft, job: Job, slot: Slot, so_far: tuple[Protocol, list[tuple[Slot, str | None]]]
) -> Slot | None:
    """Return a turn as it can be taken now; one that has to wait is passed over, not used up."""
    protocol, passed = so_far
    channel = detours.shut(draft.state, slot) if draft.state.shut else None
    turn = detours.detour(draft.state, job, slot, protocol, draft.now) if channel else slot
    if turn is None or _taken(draft, job, turn):
        passed.append((slot, channel) if turn is None else (turn, None))
        return None
    return turn


def _note_passed(draft: Draft, job: Job, passed: Sequence[tuple[Slot, str | None]]) -> None:
    for slot, channel in passed:
        if channel is not None:
            detours.note_passed(draft, job, slot, channel)


def _wait(draft: Draft, job: Job, passed: Sequence[tuple[Slot, str | None]]) -> bool:
    """Wait for the first phone that is in use, or else for a channel; False for neither."""
    phone = next((slot.address for slot, channel in passed if channel is None), None)
    if phone is not None:
        _wait_for_phone(draft, job, phone)
        return True
    shut = [(slot, channel) for slot, channel in passed if channel is not None]
    return bool(shut) and detours.wait(draft, job, shut)


def _wait_for_pause(draft: Draft, job: Job, governed: tuple[Account, Protocol, Roster]) -> bool:
    """Wait for the first phone that only rests after a call, when there is nobody else at all.

    A lead has heard of each that was passed over; a whole cue would be too long for that. Whoever
    is passed over for something else as well is not waited for, nor whoever rests longer: they
    would be passed over and told of once more.
    """
    awake = draft.state._replace(rung={})
    found = [
        (until, slot.id)
        for slot in slots(*governed, job)
        if (until := pause_until(draft.state, job, slot, draft.now)) is not None
        and why_skipped(awake, job, slot, draft.now) is None
    ]
    if not found:
        return False
    first = min(until for until, _ in found)
    chosen = {slot for until, slot in found if until == first}
    walked = tuple(slot for slot in job.round.walked if slot not in chosen)
    job = job._replace(round=job.round._replace(walked=walked), state=JobState.PENDING)
    draft.keep(job._replace(next_at=first))
    return True


def _taken(draft: Draft, job: Job, slot: Slot) -> bool:
    """Tell whether an emergency passes over a phone in use; it takes the next person meanwhile."""
    in_use = slot.method == "call" and slot.address in draft.state.busy
    return in_use and job.priority is _EMERGENCY


def _turn(draft: Draft, job: Job, slot: Slot, protocol: Protocol) -> None:
    """Reach somebody now, or wait for the end of the call that has their phone."""
    if slot.address and slot.method == "call" and slot.address in draft.state.busy:
        _wait_for_phone(draft, job, slot.address)
    else:
        begin_attempt(draft, job, slot, protocol)


def _tried(draft: Draft, job: Job) -> frozenset[tuple[str, str]]:
    """Return whom this round has tried, and in which slot; a pass is for all of theirs (S3-23)."""
    mine, number = draft.attempts_of(job.id), job.round.number
    if not mine:
        return _NOBODY
    return frozenset(
        [(a.contact, _EVERY if a.outcome in PASSES else a.slot) for a in mine if a.round == number]
    )


def _skip(draft: Draft, job: Job, slot: Slot, tried: frozenset[tuple[str, str]]) -> Job | None:
    """Pass over a turn that goes to nobody, and say why; None when it may be taken."""
    why = why_skipped(draft.state, job, slot, draft.now)
    if why is None and tried and had_a_turn(slot, tried):
        why = "duplicate", "they had their turn in this round"
    if why is None:
        return None
    reason, words = why
    name = draft.state.contact_name(slot.contact)
    facts: dict[str, Fact] = {"contact": slot.contact, "reason": reason, **draft.newer(job)}
    facts["source"] = slot.line.source
    draft.note_facts("contact.skipped", f"{name} is passed over: {words}.", _INFO, facts, job)
    if reason == "rate_limited":
        _alert_limit(draft, job, slot)
    job = job._replace(round=job.round._replace(walked=(*job.round.walked, slot.id)))
    draft.keep(job)
    return job


def _alert_limit(draft: Draft, job: Job, slot: Slot) -> None:
    """Nobody is passed over for a limit without a lead hearing of it (CONTRACT section 4).

    In a storm one phone is passed over for message after message: that is one alert a minute.
    """
    phone = slot.address or ""
    line = alerts.rate_limited(
        about(job), alerts.Reached(draft.state.contact_name(slot.contact), phone)
    )
    draft.alert_lead(job.id, "rate_limited", line, same=f"rate_limited {phone}")


def _needs_person(draft: Draft, job: Job, slot: Slot, account: Account) -> bool:
    """A contact whose notes need a person is not dialed by a machine (S3-71)."""
    contact = account.contacts.get(slot.contact)
    if contact is None or not contact.requires_human:
        return False
    walked = job.round._replace(walked=(*job.round.walked, slot.id))
    words = f"{contact.name} must be contacted by a person."
    hold(draft, job._replace(round=walked), NEEDS_PERSON, words)
    return True


def _wait_for_phone(draft: Draft, job: Job, phone: str) -> None:
    """Wait for the end of the call that has the phone (one open call per phone)."""
    draft.waits_for = phone
    until = draft.state.busy[phone]
    draft.keep(job._replace(waits_for=phone, next_at=max(until, draft.now), state=JobState.PENDING))
