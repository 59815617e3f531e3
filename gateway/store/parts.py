"""The parts of changes as rows, in the order of the columns that they become.

What nearly every change has goes in as arrays of rows (`migrations/0006_rows.sql`), the rest as an
array for each column, which costs this process several times as much but is seldom there. Never by
COPY: a process that is stopped in the middle of one would hold its locks for ever, as no time limit
of Postgres counts while it waits for the next row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.change import CallOut, Change
from gateway.domain.deliveries import Delivery
from gateway.domain.duties import DutyKind, Wanted
from gateway.domain.jobs import Job
from gateway.domain.months import begun
from gateway.store.asides import aside_to
from gateway.store.queries import load
from gateway.store.rows import content_to, request_to, round_to, seconds, target_to

Row = tuple[Any, ...]
_added = load("added")


def told_rows(changes: Iterable[Change]) -> tuple[list[Row], bytes]:
    """Give the rows of messages that are no longer as they were, and the texts of their items.

    Those are by far the most of what is written: in one block they are sent without being copied
    row by row. Nothing in them holds a newline, as JSON writes it otherwise.
    """
    rows: list[Row] = []
    texts: list[bytes] = []
    place = 1
    for c in changes:
        if (m := c.message) is None:
            continue
        told = (
            *m.key,
            c.head_seq,
            c.document,
            m.state,
            m.evidence,
            m.delivered_to,
            seconds(m.delivered_at),
            m.sent,
            m.head_seq,
            m.head_hash,
        )
        if not c.items:
            rows.append((*told, None, None, None, None, None, None))
            continue
        seqs, ats, kinds, bodies, hashes, _, _ = zip(*c.items, strict=True)
        text = "\n".join(bodies).encode()
        names = " ".join(kinds), " ".join(hashes)
        rows.append((*told, seqs[0], ats[0].timestamp(), *names, place, len(text)))
        texts.append(text)
        place += len(text)
    return rows, b"".join(texts)


def job_rows(changes: Iterable[Change]) -> list[Row]:
    """Give the rows of jobs as the changes leave them."""
    return [_job_row(job) for c in changes for job in c.jobs]


def _job_row(job: Job) -> Row:
    return (
        job.id,
        job.version,
        job.fence,
        job.state,
        seconds(job.due_at),
        seconds(job.next_at),
        seconds(job.cue_at),
        job.reason,
        job.waits_for,
        job.owner,
        target_to(job),
        job.active_seconds,
        round_to(job),
    )


def _new_job_row(job: Job) -> Row:
    due = (job.created_at, job.due_at, job.next_at)
    return (job.id, *job.key, job.priority, job.source, job.state, *due, request_to(job))


def aside_rows(changes: Iterable[Change]) -> list[Row]:
    """Give what is set aside of messages, where that changed."""
    return [(*c.key, aside_to(c.aside)) for c in changes if c.aside is not None]


def edit_rows(changes: Iterable[Change]) -> list[Row]:
    """Give the details of messages that were edited, with the form they are on now."""
    return [
        (*c.key, c.message.form, content_to(c.content))
        for c in changes
        if c.content is not None and c.message is not None
    ]


def attempt_rows(attempts: Iterable[Attempt], senders: Mapping[UUID, str]) -> list[Row]:
    """Give the rows of attempts, each with the number that it was granted now."""
    return [_attempt_row(one, senders.get(one.id)) for one in attempts]


def _attempt_row(one: Attempt, granted: str | None) -> Row:
    return (
        one.id,
        *one.key,
        one.job,
        one.round,
        one.slot,
        one.contact,
        one.address,
        one.method,
        one.source,
        one.started_at.timestamp(),
        one.check_at.timestamp(),
        one.state,
        one.stage,
        one.step,
        one.tries,
        seconds(one.answered_at),
        seconds(one.stage_at),
        seconds(one.holds_until),
        one.outcome,
        seconds(one.ended_at),
        granted or one.sender,
        one.sid,
        one.code,
        one.prefetches,
        begun(one),
    )


def call_rows(changes: Iterable[Change]) -> list[Row]:
    """Give the phones that calls have to themselves, and until when at the latest."""
    return [
        (c.wire.to, c.wire.attempt, c.call_until.timestamp())
        for c in changes
        if c.call_until and isinstance(c.wire, CallOut)
    ]


def code_rows(changes: Iterable[Change], now: datetime) -> list[Row]:
    """Give the reply codes that changes want for their messages."""
    issued = now.timestamp()
    return [(one.phone, one.code, *c.key, one.contact, issued) for c in changes if (one := c.code)]


def day_rows(changes: Iterable[Change]) -> list[tuple[str, date]]:
    """Give the accounts and days on which a lead is told of a blank schedule."""
    return [(c.key.account, c.blank_day) for c in changes if c.blank_day]


def rows_added(changes: Sequence[Change]) -> Iterable[tuple[str, list[Row]]]:
    """Pair each statement that adds rows for few changes with its rows."""
    yield _added.add_jobs, [_new_job_row(job) for c in changes for job in c.opened]
    yield (
        _added.add_words,
        [
            (*c.key, item.seq, item.salt, item.words)
            for c in changes
            for item in c.items
            if item.words is not None
        ],
    )
    yield (
        _added.add_errands,
        [
            (e.id, *c.key, e.job, e.attempt, e.kind, dict(e.payload or {}), e.at)
            for c in changes
            for e in c.errands
        ],
    )
    yield (
        _added.add_links,
        [
            (one.fingerprint, *c.key, one.attempt, one.contact, one.created_at, one.expires_at)
            for c in changes
            if (one := c.link)
        ],
    )
    yield _added.add_deliveries, delivery_rows(one for c in changes for one in c.deliveries)


def delivery_rows(deliveries: Iterable[Delivery]) -> list[Row]:
    """Give the rows of new deliveries, each with the id of the duty that sends it."""
    return [(one.id, *one.key, *one[2:7], one.since, one.until, _duty(one)) for one in deliveries]


def _duty(one: Delivery) -> UUID:
    return Wanted(one.key.account, DutyKind.DELIVERY, str(one.id)).id


def flag_rows(changes: Iterable[Change]) -> list[Row]:
    """One row a phone: the strongest flag wins where a batch holds several."""
    rows: dict[str, Row] = {}
    for c in changes:
        for flag in c.flags:
            opted = c.at if flag.opted_out else None
            at = c.at if flag.suspended else None
            old = rows.get(flag.phone, (flag.phone, None, None, None))
            new = (flag.phone, opted, at, flag.suspended)
            rows[flag.phone] = tuple(o or n for o, n in zip(old, new, strict=True))
    return list(rows.values())
