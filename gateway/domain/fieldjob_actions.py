"""What is done to field jobs: opened, moved along the table, noted on, asked about (S1). Pure.

Each deed answers `Written`: the facts as they are after it, what its history says, and what leaves
for the customer. RefusedError leaves everything as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast, get_args
from zoneinfo import ZoneInfo

from gateway.domain.deeds import RefusedError
from gateway.domain.fieldjob_asked import Asked, chosen
from gateway.domain.fieldjobs import (
    MOVES,
    Action,
    Appointment,
    FieldJob,
    PauseReason,
    Status,
    Wish,
    legal,
)
from gateway.domain.history import Outcome, stamp
from gateway.domain.matters import Item, Letter, Written
from gateway.domain.wording import fieldjobs as wording

MOST_VISITS: Final = 200
SURVEY: Final = "survey"
# So long a customer is still told, at least, that somebody set out.
_FRESH: Final = timedelta(hours=1)


KINDS: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.ACCEPT: "fieldjob.accepted",
        Action.DECLINE: "fieldjob.declined",
        Action.ADD: "fieldjob.scheduled",
        Action.DELETE: "fieldjob.unscheduled",
        Action.ON_MY_WAY: "fieldjob.on_my_way",
        Action.START: "fieldjob.started",
        Action.PAUSE: "fieldjob.paused",
        Action.COMPLETE: "fieldjob.completed",
        Action.CANCEL: "fieldjob.canceled",
        Action.REOPEN: "fieldjob.reopened",
    }
)


class _Step(NamedTuple):
    """What one action makes of the facts, before the status moves."""

    facts: FieldJob
    text: str
    facts_told: Mapping[str, Any] = MappingProxyType({})
    letters: tuple[Letter, ...] = ()
    words: str | None = None


def opened(job: FieldJob, first: Appointment | None, *, offered: bool) -> Written[FieldJob]:
    """Open a job: an offer, or Unscheduled, or Scheduled with its first visit (S1-01, S1-02)."""
    if offered:
        wish = Wish(first.start, first.minutes, first.technician) if first else None
        facts = replace(job, status=Status.NEW_OFFER, wish=wish)
        told = {"status": facts.status.value, "source": job.source}
        item = Item("fieldjob.offered", "The job is offered.", Outcome.INFO, told)
        return Written(facts, (item,))
    status = Status.SCHEDULED if first else Status.UNSCHEDULED
    facts = replace(job, status=status, appointments=(first,) if first else ())
    told = {"status": status.value, **(told_of(first) if first else {})}
    item = Item("fieldjob.created", "The job is opened.", Outcome.SUCCESS, told)
    return Written(facts, (item,))


def taken_over(job: FieldJob) -> Written[FieldJob]:
    """Open a job that a technician took on call: offered and accepted in one (S1-03)."""
    offer = opened(job, None, offered=True)
    told = {"status": Status.UNSCHEDULED.value, "technician": job.technician, "ucn": job.ucn}
    item = Item("fieldjob.accepted", "The offer is accepted.", Outcome.SUCCESS, told)
    return Written(replace(offer.facts, status=Status.UNSCHEDULED), (*offer.items, item))


def act(job: FieldJob, asked: Asked, now: datetime) -> Written[FieldJob]:
    """Move a job along the table; RefusedError `illegal_transition` for any other pair (S1-16)."""
    judge(job, asked.action)
    step = _STEPS[asked.action](job, asked, now)
    status = MOVES[job.status, asked.action]
    if asked.action is Action.DELETE and step.facts.planned:
        status = Status.SCHEDULED
    facts = replace(step.facts, status=status)
    told = {"status": status.value, "was": job.status.value, **step.facts_told}
    item = Item(KINDS[asked.action], step.text, Outcome.SUCCESS, told, step.words)
    return Written(facts, (item,), letters=step.letters)


def judge(job: FieldJob, action: Action) -> None:
    """Refuse a pair that is not in the table, whatever came along with it."""
    if not legal(job, action):
        words = f"a job that is {_standing(job)} cannot {action.value.replace('_', ' ')}"
        raise RefusedError("illegal_transition", words)


def _standing(job: FieldJob) -> str:
    return f"{job.status.value} ({job.resolution})" if job.resolution else job.status.value


def _accept(job: FieldJob, _asked: Asked, _now: datetime) -> _Step:
    return _Step(job, "The offer is accepted.")


def _decline(job: FieldJob, asked: Asked, _now: datetime) -> _Step:
    facts = replace(job, resolution="declined")
    return _Step(facts, "The offer is declined.", words=asked.reason)


def _add(job: FieldJob, asked: Asked, _now: datetime) -> _Step:
    visit = scheduled(job, asked)
    facts = replace(job, resolution=None, wish=None, appointments=(*job.appointments, visit))
    return _Step(facts, "An appointment is scheduled.", told_of(visit))


def scheduled(job: FieldJob, asked: Asked) -> Appointment:
    """Return the visit that is asked for; what is left out is as the offer wished it."""
    if len(job.appointments) >= MOST_VISITS:
        raise RefusedError("too_many", f"a job has at most {MOST_VISITS} appointments")
    wish = job.wish
    start = asked.start or (wish.start if wish else None)
    minutes = asked.minutes or (wish.minutes if wish else None)
    if start is None or minutes is None:
        raise RefusedError("no_time", "an appointment has a start and a duration")
    technician = asked.technician or (wish.technician if wish else None) or job.technician
    return Appointment(asked.new, start, minutes, technician)


def _delete(job: FieldJob, asked: Asked, _now: datetime) -> _Step:
    visit = chosen(job, asked)
    if visit.begun:
        raise RefusedError("already_started", "an appointment that has begun is not deleted")
    left = tuple(one for one in job.appointments if one.id != visit.id)
    return _Step(replace(job, appointments=left), "An appointment is deleted.", told_of(visit))


def _on_my_way(job: FieldJob, asked: Asked, now: datetime) -> _Step:
    visit = chosen(job, asked)
    if visit.on_my_way_at is not None:  # the customer heard of it; they are texted once (S1-21)
        raise RefusedError("already_on_the_way", "somebody set out for that appointment before")
    eta = asked.eta or (visit.start if visit.start > now else None)
    after = replace(visit, on_my_way_at=now, eta=eta)
    zone = ZoneInfo(job.zone) if job.placed else None
    words = wording.on_my_way(asked.customer.business, eta, zone, now)
    until = max(after.end, now + _FRESH)
    letter = Letter(f"on_my_way:{visit.id}", "text", asked.customer.phone, "", words, until)
    told = {**told_of(after), "eta": stamp(eta) if eta else None}
    return _Step(with_visit(job, after), "The technician is on the way.", told, (letter,))


def _start(job: FieldJob, asked: Asked, now: datetime) -> _Step:
    after = _arrived(chosen(job, asked), now)
    return _Step(with_visit(job, after), "The technician has arrived.", told_of(after))


def _arrived(visit: Appointment, now: datetime) -> Appointment:
    return replace(visit, started_at=visit.started_at or now)  # written once (S1-22)


def _pause(job: FieldJob, asked: Asked, now: datetime) -> _Step:
    if asked.reason not in get_args(PauseReason):
        code = "no_reason" if asked.reason is None else "invalid"
        raise RefusedError(code, "say why: part, no_customer, interrupted or other")
    reason = cast("PauseReason", asked.reason)
    after = replace(chosen(job, asked), paused_at=now, pause_reason=reason)
    told = {**told_of(after), "reason": reason}
    return _Step(with_visit(job, after), "The job is paused.", told)


def _complete(job: FieldJob, asked: Asked, now: datetime) -> _Step:
    after = replace(chosen(job, asked), completed_at=now)
    facts = replace(with_visit(job, after), resolution="completed")
    if job.survey_asked_at is not None:  # one survey, however often a job is completed (S1-24)
        return _Step(facts, "The appointment is complete.", told_of(after))
    words = wording.survey(asked.customer.business, asked.survey)
    letter = Letter(SURVEY, "text", asked.customer.phone, "", words)
    facts = replace(facts, survey_asked_at=now)
    return _Step(facts, "The appointment is complete.", told_of(after), (letter,))


def _cancel(job: FieldJob, asked: Asked, _now: datetime) -> _Step:
    number = job.cancellations + 1
    visits = tuple(
        one if one.ended else replace(one, canceled_in=number) for one in job.appointments
    )
    facts = replace(job, resolution="canceled", cancellations=number, appointments=visits)
    return _Step(facts, "The job is canceled.", _taken(facts, number), words=asked.reason)


def _reopen(job: FieldJob, asked: Asked, _now: datetime) -> _Step:
    """Give back what the last cancellation took (S1-17).

    Where that was no visit, the job was paused: its visit is planned again, as a visit of its own,
    for what happened at the one that was paused stands.
    """
    last = job.cancellations
    visits = tuple(
        replace(one, canceled_in=None) if one.canceled_in == last else one
        for one in job.appointments
    )
    told = _taken(job, last)
    paused = [(one.paused_at, one) for one in job.appointments if one.paused_at]
    if not told["appointments"] and paused:
        _, was = max(paused, key=lambda each: each[0])
        again = Appointment(asked.new, was.start, was.minutes, was.technician)
        visits, told = (*visits, again), {"appointments": [], "again": told_of(again)}
    facts = replace(job, resolution=None, appointments=visits)
    return _Step(facts, "The job is reopened with its appointments.", told)


def _taken(job: FieldJob, number: int) -> dict[str, Any]:
    """Name the visits that a cancellation took."""
    return {"appointments": [str(one.id) for one in job.appointments if one.canceled_in == number]}


def with_visit(job: FieldJob, visit: Appointment) -> FieldJob:
    """Return the job with that visit in its own place."""
    visits = tuple(visit if one.id == visit.id else one for one in job.appointments)
    return replace(job, appointments=visits)


def told_of(visit: Appointment) -> dict[str, Any]:
    """Say in an item's data which visit it is about, when, how long and whose."""
    return {
        "appointment": str(visit.id),
        "start": stamp(visit.start),
        "minutes": visit.minutes,
        "technician": visit.technician,
    }


_STEPS: Final[Mapping[Action, Callable[[FieldJob, Asked, datetime], _Step]]] = MappingProxyType(
    {
        Action.ACCEPT: _accept,
        Action.DECLINE: _decline,
        Action.ADD: _add,
        Action.DELETE: _delete,
        Action.ON_MY_WAY: _on_my_way,
        Action.START: _start,
        Action.PAUSE: _pause,
        Action.COMPLETE: _complete,
        Action.CANCEL: _cancel,
        Action.REOPEN: _reopen,
    }
)
