"""A draft: where one decision gathers what it will write, then seals it into a `Change`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.chance import Chance
from gateway.domain.change import Change, CodeClaim, Errand, ErrandKind, Link, PhoneFlag, Wire
from gateway.domain.history import Fact, Note, Outcome, chained, stamp
from gateway.domain.jobs import Job, JobState
from gateway.domain.messages import Message
from gateway.domain.state import State


class Draft:
    """Gathers notes and new rows for one message at one instant; pure but for its own lists."""

    def __init__(self, state: State, now: datetime, chance: Chance) -> None:
        self.state = state
        self.now = now
        self.chance = chance
        self.message: Message = state.message
        self.actor = "gateway"
        self.wire: Wire | None = None
        self.call_until: datetime | None = None
        self.waits_for: str | None = None
        self.code: CodeClaim | None = None
        self.link: Link | None = None
        self.blank_day: date | None = None
        self.document: int | None = None
        self.url: str | None = None
        self.freed: list[UUID] = []
        self.flags: list[PhoneFlag] = []
        self._notes: list[tuple[Note, str | None]] = []
        self.sent = False
        self._jobs: dict[UUID, Job] = {}
        self._attempts: dict[UUID, Attempt] = {}
        self._errands: list[Errand] = []

    def job(self, job_id: UUID) -> Job:
        """Return the job as this draft leaves it."""
        return self._jobs.get(job_id) or self.state.job(job_id)

    def attempt(self, attempt_id: UUID) -> Attempt:
        """Return the attempt as this draft leaves it."""
        return self._attempts.get(attempt_id) or self.state.attempt(attempt_id)

    def keep(self, *rows: Job | Attempt) -> None:
        """Put new versions of rows into the draft."""
        for row in rows:
            if isinstance(row, Job):
                self._jobs[row.id] = row
            else:
                self._attempts[row.id] = row

    def attempts_of(self, job_id: UUID) -> list[Attempt]:
        """Return the attempts of a job as this draft leaves them."""
        if not self.state.attempts and not self._attempts:
            return []
        known = [self._attempts.get(a.id, a) for a in self.state.of_job(job_id)]
        seen = {attempt.id for attempt in known}
        fresh = [a for a in self._attempts.values() if a.job == job_id and a.id not in seen]
        return known + fresh

    def note(  # noqa: PLR0913 - an item has these parts
        self,
        kind: str,
        text: str,
        outcome: Outcome = Outcome.INFO,
        *,
        job: UUID | None = None,
        attempt: Attempt | None = None,
        words: str | None = None,
        **facts: Fact,
    ) -> None:
        """Add a history item; `words` are kept apart and erasable."""
        if attempt is not None:
            job = attempt.job
        salt = self.chance.raw(16).hex() if words is not None else None
        at = attempt.id if attempt else None
        actor = self.actor
        self._notes.append((Note(kind, text, outcome, facts, job, at, actor, words), salt))

    def note_facts(
        self,
        kind: str,
        text: str,
        outcome: Outcome,
        facts: Mapping[str, Fact],
        attempt: Attempt | None,
    ) -> None:
        """Add a history item whose facts are known by name only now."""
        job, of = (attempt.job, attempt.id) if attempt else (None, None)
        self._notes.append((Note(kind, text, outcome, facts, job, of, self.actor), None))

    def errand(
        self,
        kind: ErrandKind,
        attempt: Attempt | None = None,
        at: datetime | None = None,
        **payload: str,
    ) -> None:
        """Ask something of the wire, to be done right after the commit or at a later instant."""
        job, of = (attempt.job, attempt.id) if attempt else (None, None)
        errand = Errand(self.chance.uuid(), kind, at or self.now, job, of, payload)
        self._errands.append(errand)

    def alert_lead(self, job: UUID | None, reason: str, words: str) -> None:
        """Alert a lead and put it on record (CONTRACT section 7)."""
        self.note("lead.alerted", words, Outcome.INITIATED, job=job, reason=reason)
        self.errand(ErrandKind.ALERT, sink="lead", reason=reason, text=words)

    def set_cue(self, job: Job, due: datetime, why: str, state: JobState) -> Job:
        """Set the instant at which the job comes back, and say so in the history."""
        text = f"Back at {stamp(due)} at the latest."
        self.note("cue.set", text, Outcome.SUCCESS, job=job.id, due_at=stamp(due), reason=why)
        job = job._replace(state=state, cue_at=due, due_at=due, next_at=due)
        self.keep(job)
        return job

    def cancel_cue(self, job: Job, why: str) -> Job:
        """Take back a cue that is still ahead, if there is one."""
        if job.cue_at is not None:
            cue = stamp(job.cue_at)
            self.note("cue.canceled", "The cue is void.", job=job.id, due_at=cue, reason=why)
            job = job._replace(cue_at=None)
            self.keep(job)
        return job

    def make_due(self, job_id: UUID, why: str) -> None:
        """Have a job planned again at once."""
        job = self.cancel_cue(self.job(job_id), why)
        self.keep(job.due_now(self.now))

    def after(self, span: timedelta) -> datetime:
        """Return the instant `span` from now."""
        return self.now + span

    def _changed(self) -> list[Attempt]:
        """Return the attempts that are not as they were read: a repeat changes nothing."""
        before = {attempt.id: attempt for attempt in self.state.attempts}
        return [one for one in self._attempts.values() if before.get(one.id) != one]

    def _seen(self) -> tuple[Job, ...]:
        """Return the jobs of which only an attempt changes: that too makes older plans stale."""
        of = {attempt.job for attempt in self._changed()} - self._jobs.keys()
        return tuple(self.state.job(job) for job in of)

    def sealed(self) -> Change:
        """Chain the notes and return the finished change."""
        head = (self.state.message.head_seq, self.state.message.head_hash)
        items = chained(self.message.key, head, self.now, self._notes)
        if items:
            self.message = self.message._replace(
                head_seq=items[-1].seq,
                head_hash=items[-1].hash,
                sent=self.message.sent or self.sent,
            )
        known = {attempt.id for attempt in self.state.attempts}
        attempts = self._changed()
        return Change(
            key=self.message.key,
            head_seq=head[0],
            at=self.now,
            document=self.document,
            message=self.message if self.message is not self.state.message else None,
            items=items,
            jobs=tuple(self._jobs.values()),
            seen=self._seen(),
            begun=tuple(a for a in attempts if a.id not in known),
            attempts=tuple(a for a in attempts if a.id in known),
            errands=tuple(self._errands),
            wire=self.wire,
            call_until=self.call_until,
            waits_for=self.waits_for,
            code=self.code,
            link=self.link,
            blank_day=self.blank_day,
            freed=tuple(self.freed),
            flags=tuple(self.flags),
            url=self.url,
            closes=self.message.closed and not self.state.message.closed,
        )
