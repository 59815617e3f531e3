"""Taking a message: the rows and the first history items of what an agent has just taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from gateway.domain.accounts import Account
from gateway.domain.aside import Aside, Finding, Proof
from gateway.domain.chance import Chance
from gateway.domain.content import Content
from gateway.domain.deliveries import Delivery, asked_for
from gateway.domain.history import START_HASH, Fact, Item, Note, Outcome, chained, stamp
from gateway.domain.jobs import TO_REVIEW, Job, JobState
from gateway.domain.lint import classes
from gateway.domain.messages import Key, Message, MessageState, Priority
from gateway.domain.months import month_of
from gateway.domain.wording.history import sentence

_ROLES = frozenset({"agent", "dispatcher", "lead", "admin", "wfm", "account_manager", "technician"})


@dataclass(frozen=True, slots=True)
class Forced:
    """The agent's own dial right after taking the message; no part of the active clock (S3-47)."""

    contact: str
    relayed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Intake:
    """A message as it is handed in; `taken_at` is aware, `taken_by` an actor (`agent:1204`).

    `posted_by`: who handed it in, where that is somebody else. `found`: what a look over it found.
    """

    account: str
    priority: Priority
    content: Content
    taken_by: str
    taken_at: datetime
    form: str | None = None
    forced: Forced | None = None
    posted_by: str | None = None
    found: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """All that is written when a message is taken."""

    message: Message
    content: Content
    jobs: tuple[Job, ...]
    items: tuple[Item, ...]
    deliveries: tuple[Delivery, ...] = ()


def actor_of(taken_by: str) -> str:
    """Return the actor's name in history; a bare name or number is an agent's."""
    role = taken_by.partition(":")[0]
    return taken_by if role in _ROLES and ":" in taken_by else f"agent:{taken_by}"


def words_of(content: Content) -> str:
    """Return a message's details as the one text that its hash in the history stands for."""
    caller = {"name": content.caller_name, "phone": content.caller_phone}
    details = {"caller": caller, "fields": dict(content.fields), "text": content.text}
    return orjson.dumps(details, option=orjson.OPT_SORT_KEYS).decode()


def take(intake: Intake, ucn: str, account: Account, now: datetime, chance: Chance) -> Taken:
    """Build a new message with its job and history (S3-01, S3-02, S3-47).

    A forced dial that was relayed delivers it at once; one that was not leaves a job at the
    default cue after that dial. The forced contact is one of the account's. What was found in its
    words opens a review and changes nothing else (S3-12).
    """
    key = Key(intake.account, month_of(intake.taken_at), ucn)
    message = Message(key, intake.priority, intake.form, intake.taken_by, intake.taken_at)
    notes = [_taken(intake)]
    jobs: tuple[Job, ...] = ()
    if intake.forced and intake.forced.relayed:
        message = _delivered(message, intake.forced, now)
        notes += _relayed(intake, intake.forced, account)
    else:
        job, created = _job(intake, key, account, (now, chance))
        jobs, notes = (job,), notes + created
    if intake.found:
        proof = Proof(str(chance.uuid()), len(notes) + 1, now, intake.found)
        message = message._replace(aside=Aside(proof=proof))
        notes.append(review_opened(proof))
        jobs = tuple(job._replace(reason=TO_REVIEW) for job in jobs)
    items = _chain(key, now, notes, chance)
    head = message._replace(head_seq=items[-1].seq, head_hash=items[-1].hash)
    deliveries = asked_for(account, head, "taken", now)
    if head.closed:
        deliveries += asked_for(account, head, "delivered", now)
    return Taken(head, intake.content, jobs, items, deliveries)


def _chain(key: Key, now: datetime, notes: Sequence[Note], chance: Chance) -> tuple[Item, ...]:
    salted = [(n, chance.raw(16).hex() if n.words is not None else None) for n in notes]
    return chained(key, (0, START_HASH), now, salted)


def review_opened(proof: Proof) -> Note:
    """Return the item that opens a review: the classes found, never a word (S3-12)."""
    facts: dict[str, Fact] = {"reason": "lint", "review": proof.id, "lint": classes(proof.found)}
    words = f"To be reviewed: {classes(proof.found).replace(' ', ', ')}."
    return Note("review.opened", words, Outcome.INFO, facts)


def _note(
    intake: Intake, kind: str, outcome: Outcome, facts: dict[str, Fact], job: Job | None = None
) -> Note:
    actor = actor_of(intake.taken_by)
    words = sentence(kind, {**facts, "actor": actor})
    return Note(kind, words, outcome, facts, job.id if job else None, None, actor)


def _taken(intake: Intake) -> Note:
    facts: dict[str, Fact] = {
        "priority": intake.priority.word,
        "taken_at": stamp(intake.taken_at),
        **({"form": intake.form} if intake.form else {}),
        **({"posted_by": intake.posted_by} if intake.posted_by else {}),
    }
    note = _note(intake, "message.taken", Outcome.SUCCESS, facts)
    return note._replace(words=words_of(intake.content))


def _delivered(message: Message, forced: Forced, now: datetime) -> Message:
    return message._replace(
        state=MessageState.DELIVERED,
        evidence="human",
        delivered_to=forced.contact,
        delivered_at=now,
        sent=True,
    )


def _relayed(intake: Intake, forced: Forced, account: Account) -> list[Note]:
    facts: dict[str, Fact] = {
        "contact": forced.contact,
        "evidence": "human",
        "source": "forced",
        "forced_at": stamp(forced.at),
    }
    named = {**facts, "name": account.contacts[forced.contact].name}
    kinds = ("relay.accepted", "message.delivered")
    return [
        _note(intake, kind, Outcome.SUCCESS, facts)._replace(text=sentence(kind, named))
        for kind in kinds
    ]


def _job(
    intake: Intake, key: Key, account: Account, at: tuple[datetime, Chance]
) -> tuple[Job, list[Note]]:
    now, chance = at
    forced = intake.forced
    due, source = now, "new"
    if forced:
        protocol = account.protocol_for(intake.priority.word, intake.form, now)
        due, source = max(forced.at + protocol.cue, now), "forced_failed"
    job = Job(
        id=chance.uuid(),
        key=key,
        priority=intake.priority,
        source=source,
        state=JobState.PENDING,
        created_at=now,
        due_at=due,
        next_at=due,
        cue_at=due if forced else None,
    )
    facts: dict[str, Fact] = {"source": source, "due_at": stamp(due)}
    if forced is None:
        return job, [_note(intake, "job.created", Outcome.SUCCESS, facts, job)]
    facts |= {"contact": forced.contact, "forced_at": stamp(forced.at)}
    created = _note(intake, "job.created", Outcome.SUCCESS, facts, job)
    cue: dict[str, Fact] = {"due_at": stamp(due), "reason": source}
    return job, [created, _note(intake, "cue.set", Outcome.SUCCESS, cue, job)]
