"""What is done to field jobs beside their status table: visits edited, notes, photos, the survey.

Pure; `FIELDJOBS` tells the engine how a field job goes. A job's status never changes here.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.domain.deeds import RefusedError
from gateway.domain.fieldjob_actions import MOST_VISITS, SURVEY, told_of, with_visit
from gateway.domain.fieldjob_news import news
from gateway.domain.fieldjobs import (
    FACTS,
    Appointment,
    FieldJob,
    Photo,
    Status,
    brand_name,
)
from gateway.domain.history import Outcome
from gateway.domain.matters import Alarm, Item, Kind, Result, Shown, Ways, Written, keep

MOST_PHOTOS: Final = 50
# Nobody goes out for these any more.
OVER: Final = frozenset({Status.COMPLETE, Status.DECLINED})
_OPEN: Final = frozenset({Status.SCHEDULED, Status.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Edit:
    """What of a visit shall be otherwise; None leaves it. `nobody` takes its technician away."""

    start: datetime | None = None
    minutes: int | None = None
    technician: str | None = None
    nobody: bool = False


def added(job: FieldJob, visit: Appointment) -> Written[FieldJob]:
    """Plan one more visit for a job that has one already (S1-26); its status stays.

    RefusedError `illegal_transition` where the table's own `add_appointment` is meant, or nothing.
    """
    if job.status not in _OPEN:
        words = f"a job that is {job.status.value} takes no further appointment beside its first"
        raise RefusedError("illegal_transition", words)
    if len(job.appointments) >= MOST_VISITS:
        raise RefusedError("too_many", f"a job has at most {MOST_VISITS} appointments")
    facts = replace(job, appointments=(*job.appointments, visit))
    return _told(facts, "fieldjob.appointment_added", "One more appointment is planned.", visit)


def edited(job: FieldJob, appointment: UUID, edit: Edit) -> Written[FieldJob]:
    """Change a visit until it has begun (S1-20); RefusedError `already_started` after."""
    visit = _visit(job, appointment)
    if visit.begun or visit.ended:
        words = "an appointment is edited until somebody is on the way"
        raise RefusedError("already_started", words)
    technician = None if edit.nobody else edit.technician or visit.technician
    after = replace(
        visit,
        start=edit.start or visit.start,
        minutes=edit.minutes or visit.minutes,
        technician=technician,
    )
    if after == visit:
        return keep(job, None)
    text = "An appointment is changed."
    return _told(with_visit(job, after), "fieldjob.appointment_changed", text, after)


def arrived(job: FieldJob, appointment: UUID, now: datetime) -> Written[FieldJob]:
    """Note that the technician who was on the way is there: once, for good (S1-22).

    The table has `start` from Scheduled only; whoever said before that they are on the way arrives
    by this. A repeat changes nothing. RefusedError `not_under_way` where nobody is on the way.
    """
    visit = _visit(job, appointment)
    if visit.started_at is not None:
        return keep(job, None)
    if job.status is not Status.IN_PROGRESS or visit.on_my_way_at is None or visit.ended:
        raise RefusedError("not_under_way", "nobody is on the way to that appointment")
    after = replace(visit, started_at=now)
    text = "The technician has arrived."
    return _told(with_visit(job, after), "fieldjob.started", text, after)


def noted(job: FieldJob, note: UUID, words: str, *, public: bool) -> Written[FieldJob]:
    """Add a note; public ones may be seen by the job's brand (S1-30)."""
    told = {"note": str(note), "public": public}
    item = Item("fieldjob.noted", "A note is added.", Outcome.INFO, told, words)
    return Written(job, (item,))


def pictured(job: FieldJob, photo: Photo) -> Written[FieldJob]:
    """Add a photo; RefusedError `too_many` beyond fifty."""
    if len(job.photos) >= MOST_PHOTOS:
        raise RefusedError("too_many", f"a job has at most {MOST_PHOTOS} photos")
    told = {
        "photo": str(photo.id),
        "kind": photo.kind,
        "size": photo.size,
        "public": photo.public,
    }
    item = Item("fieldjob.pictured", "A photo is added.", Outcome.INFO, told)
    return Written(replace(job, photos=(*job.photos, photo)), (item,))


def answered(job: FieldJob, rating: int, words: str | None) -> Written[FieldJob]:
    """Take the customer's answer to the survey, once (S1-24); RefusedError `already_answered`."""
    if job.survey_rating is not None:
        raise RefusedError("already_answered", "the survey was answered before")
    item = Item(
        "fieldjob.survey_answered",
        "The customer answered the survey.",
        Outcome.INFO,
        {"rating": rating},
        words,
        actor="customer",
    )
    return Written(replace(job, survey_rating=rating), (item,))


def _visit(job: FieldJob, appointment: UUID) -> Appointment:
    for one in job.appointments:
        if one.id == appointment:
            return one
    raise RefusedError("unknown_appointment", f"there is no appointment {appointment}")


def _told(facts: FieldJob, kind: str, text: str, visit: Appointment) -> Written[FieldJob]:
    return Written(facts, (Item(kind, text, Outcome.SUCCESS, told_of(visit)),))


def shown(job: FieldJob) -> Shown:
    """By what a job is found: its status, people, customer, brand, account, and days."""
    about = {f"customer:{job.customer}", *(f"technician:{one}" for one in job.technicians)}
    if job.brand:
        about.add(f"brand:{brand_name(job.brand)}")
    for visit in job.appointments:
        if visit.canceled_in is None:
            day = job.day_of(visit.start).isoformat()
            about |= {
                f"day:{day}",
                *([f"visit:{visit.technician}:{day}"] if visit.technician else []),
            }
    ucns = (job.ucn,) if job.ucn else ()
    # One job for one message, however often its accept is heard of.
    subject = f"accepted:{job.ucn}" if job.ucn else None
    return Shown(job.status.value, None, subject, tuple(sorted(about)), job.account, ucns)


def when_due(job: FieldJob, _now: datetime) -> Written[FieldJob]:
    """Nothing: a field job's own promises leave at once, as letters."""
    return keep(job, None)


def when_sent(job: FieldJob, name: str, result: Result, _now: datetime) -> Written[FieldJob]:
    """Have people told when a customer could not be: they still wait at their door."""
    if name == SURVEY or result.state == "sent":
        return keep(job, None)
    could = "may not have been" if result.state == "unsure" else "could not be"
    text = f"A customer {could} told that the technician is on the way: please call them."
    return Written(job, alarms=(Alarm("dispatch", "customer_not_told", text),))


def over(job: FieldJob) -> bool:
    """Tell whether a job is complete or declined; what people said of it may be erased then."""
    return job.status in OVER


FIELDJOBS: Final = Ways(Kind.FIELDJOB, FACTS, shown, when_due, when_sent, over, news)
