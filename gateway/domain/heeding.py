"""Heeding specials: what they make of a round, of a job that waits, and of a message's history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.accounts import Account
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.draft import Draft
from gateway.domain.history import Fact, Note, Outcome, stamp
from gateway.domain.jobs import REMIND_EVERY, Job, JobState
from gateway.domain.keeping import BY_PERSON, SPECIAL
from gateway.domain.messages import Priority
from gateway.domain.specials import Special, governing, over_at, stand_in
from gateway.domain.state import State
from gateway.domain.wording import alerts, phrases
from schedules.roster import Roster


def roster_at(
    account: Account, schedule: str, at: datetime, posted: Sequence[Special] = ()
) -> Roster:
    """Return the roster of a schedule at an instant, as the special in force leaves it."""
    roster = account.roster(schedule, at)
    special = in_force(account, at, posted)
    if special is None or special.replace is None:
        return roster
    return stand_in(roster, special, account.crew)


def roster_for(
    account: Account, job: Job, schedule: str, at: datetime, posted: Sequence[Special]
) -> Roster:
    """Return the roster as a job meets it; somebody whom a person named goes before specials."""
    return account.roster(schedule, at) if job.target else roster_at(account, schedule, at, posted)


def in_force(account: Account, at: datetime, posted: Sequence[Special] = ()) -> Special | None:
    """Return the special that governs an account at an instant; posted ones before its own."""
    if not posted and not account.specials:
        return None
    return governing((*account.specials, *posted), account.contacts, at)


def heeded(draft: Draft, job: Job, account: Account) -> Job | None:
    """Return the job as it goes on under the special in force; None when that one holds it.

    It is judged anew at each turn. A person's choice (a target) goes before it; a job that a person
    resumed although it was held goes on for that round.
    """
    posted = draft.state.specials
    if job.target or not (posted or account.specials or job.round.special):
        return job
    special = in_force(account, draft.now, posted)
    known = job.round.special
    now = special.id if special else ""
    if now != known:
        _tell_change(draft, job, special)
        job = job._replace(round=job.round._replace(special=now))
        draft.keep(job)
    stays = now == known and (job.round.open or job.reason == BY_PERSON)
    if special is None or not special.hold or stays:
        return job
    until = over_at((*account.specials, *posted), account.contacts, special, draft.now)
    _hold(draft, job, special, until)
    return None


def _tell_change(draft: Draft, job: Job, special: Special | None) -> None:
    """Put on record that another special governs the job from now on, or none."""
    if before := job.round.special:
        words = f"Special {before} applies no longer."
        draft.note("special.expired", words, job=job.id, special=before)
        if job.state is JobState.HELD and job.reason == SPECIAL:
            words = "The job goes on: what held it is over."
            draft.note("job.resumed", words, job=job.id, reason=SPECIAL)
    if special is None:
        return
    facts = _facts(special)
    if special.replace is not None:
        name = draft.state.contact_name(special.replace)
        words = f"Special {special.id} applies: {name} is reached in place of the schedule."
    else:
        words = f"Special {special.id} applies: dispatch is held until {stamp(special.end)}."
    draft.note("special.applied", words, job=job.id, **facts)


def _facts(special: Special) -> dict[str, Any]:
    """Name a special in an item's data; its words stay where they can be erased."""
    contact = {"contact": special.replace} if special.replace else {}
    span = {"start": stamp(special.start), "end": stamp(special.end)}
    return {"special": special.id, "effect": special.effect, **span, **contact}


def recorded(items: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Special, ...]]:
    """Return, by the seq of each of a history's items, the special that then governed its job."""
    governs: dict[str | None, tuple[Special, ...]] = {}
    found = {}
    for item in items:
        job, facts = item["job"], item["data"]
        if item["kind"] == "special.expired":
            governs[job] = ()
        elif item["kind"] == "special.applied":
            governs[job] = (_of_facts(facts),)
        found[item["seq"]] = governs.get(job, ())
    return found


def _of_facts(facts: Mapping[str, Any]) -> Special:
    start, end = (datetime.fromisoformat(facts[name]) for name in ("start", "end"))
    holds = facts["effect"] == "hold"
    return Special(facts["special"], "", start, end, facts.get("contact"), holds)


def _hold(draft: Draft, job: Job, special: Special, until: datetime) -> None:
    """Keep a job until the special ends; what passes meanwhile is no gap (S3-50)."""
    words = f"Held until {stamp(until)} by special {special.id}."
    facts: dict[str, Any] = {"due_at": stamp(until), "special": special.id}
    draft.note("hold.set", words, job=job.id, reason=SPECIAL, **facts)
    draft.note("job.held", words, job=job.id, reason=SPECIAL, **facts)
    if job.priority is Priority.EMERGENCY:
        _alert(draft, job, until)
    draft.keep(
        job._replace(
            state=JobState.HELD,
            reason=SPECIAL,
            due_at=until,
            next_at=_look_at(until, draft.now),
            cue_at=None,
            round=job.round._replace(open=False, paced=False),
        )
    )


def _alert(draft: Draft, job: Job, until: datetime) -> None:
    """Nobody lets an emergency wait without a lead hearing of it, who may resume it."""
    account = draft.state.account
    local = phrases.moment(until, account.zone) if account else stamp(until)
    about = alerts.About(job.key.account, job.key.ucn)
    draft.alert_lead(job.id, SPECIAL, alerts.emergency_held(about, local))


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a special of an account, and all that are posted there now."""

    notes: tuple[Note, ...]
    posted: tuple[Special, ...]


def posting(special: Special, actor: str) -> tuple[Note, ...]:
    """Return what is on record when a special is posted: the post, and a review opened (S3-77)."""
    facts = _facts(special)
    words = f"Special {special.id} is posted to the specials channel."
    why: dict[str, Fact] = {"reason": SPECIAL, "special": special.id}
    return (
        Note("specials.posted", words, Outcome.INITIATED, facts, actor=actor),
        Note("review.opened", f"Special {special.id} is to be reviewed.", facts=why, actor=actor),
    )


def reviewing(special: Special, actor: str, *, approved: bool) -> tuple[Note, ...]:
    """Return what is on record when a special is reviewed; a rejected one ends (S3-79)."""
    word = "approved" if approved else "rejected"
    ends = "" if approved else "; it ends now"
    words = f"Special {special.id} is {word}{ends}."
    return (Note(f"special.{word}", words, Outcome.SUCCESS, _facts(special), actor=actor),)


def unheard(special: str, actor: str) -> Note:
    """Return what is on record when the post of a special reached nobody."""
    words = f"The post of special {special} reached nobody."
    return Note("specials.posted", words, Outcome.FAILURE, {"special": special}, actor=actor)


def tell(state: State, news: News, now: datetime, chance: Chance) -> Change | None:
    """Have a message know what happened to a special of its account; None when it is over.

    The items make every plan stale that was made before. A job that a special holds comes back when
    that one governs no longer, be it at once.
    """
    jobs = [job for job in state.jobs if not job.state.terminal]
    if state.message.closed or not jobs:
        return None
    draft = Draft(state, now, chance)
    for note in news.notes:
        draft.actor = note.actor
        draft.note_facts(note.kind, note.text, note.outcome, note.facts, None)
    for job in jobs:
        until = _held_until(state.account, job, news.posted, now)
        if job.reason == SPECIAL and job.due_at != until:
            draft.keep(_due_at(job, until, now))
    return draft.sealed()


def _held_until(
    account: Account | None, job: Job, posted: Sequence[Special], now: datetime
) -> datetime:
    """Return until when the special that held a job still does; now when it governs no longer."""
    special = in_force(account, now, posted) if account else None
    if account is None or special is None or special.id != job.round.special:
        return now
    return over_at((*account.specials, *posted), account.contacts, special, now)


def _due_at(job: Job, at: datetime, now: datetime) -> Job:
    """Have a held job come back then; a claimed one stays theirs who work it."""
    due = job._replace(due_at=at)
    return due._replace(next_at=_look_at(at, now)) if job.state is JobState.HELD else due


def _look_at(until: datetime, now: datetime) -> datetime:
    """Return when a held job is looked at: at the end, and every while before it.

    A document may lose the special, and a review may die before every message has heard of it.
    """
    return min(until, now + REMIND_EVERY)


def stays_held(draft: Draft, job: Job, account: Account) -> bool:
    """Tell whether the special that holds a job still does, and as long as was promised."""
    if job.state is not JobState.HELD or job.reason != SPECIAL:
        return False
    until = _held_until(account, job, draft.state.specials, draft.now)
    if until <= draft.now or until != job.due_at:
        return False
    draft.keep(job._replace(next_at=_look_at(until, draft.now)))
    return True
