"""A draft: where one decision gathers what it will write, then seals it into a `Change`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.chance import Chance
from gateway.domain.change import Change, CodeClaim, Errand, ErrandKind, Link, PhoneFlag, Wire
from gateway.domain.content import Content
from gateway.domain.deliveries import Delivery
from gateway.domain.history import Fact, Noted, Outcome, chain, stamp
from gateway.domain.jobs import Job, JobState
from gateway.domain.messages import Message
from gateway.domain.state import State

# A plain one: what a proxy stands for takes five times as long to be spread into another.
_NO_FACTS: Mapping[str, Fact] = {}
_INFO, _SUCCESS = Outcome.INFO, Outcome.SUCCESS


class Draft:
    """Gathers notes and new rows for one message at one instant; pure but for its own lists."""

    actor = "gateway"
    wire: Wire | None = None
    call_until: datetime | None = None
    waits_for: str | None = None
    code: CodeClaim | None = None
    link: Link | None = None
    blank_day: date | None = None
    document: int | None = None
    url: str | None = None
    sent = False
    content: Content | None = None
    deliveries: tuple[Delivery, ...] = ()
    rides: tuple[tuple[UUID, UUID | None], ...] = ()

    def __init__(self, state: State, now: datetime, chance: Chance) -> None:
        self.state = state
        self.now = now
        self.chance = chance
        self.message: Message = state.message
        self.freed: list[UUID] = []
        self.flags: list[PhoneFlag] = []
        self._notes: list[Noted] = []
        self._jobs: dict[UUID, Job] = {}
        self._opened: list[Job] = []
        self._attempts: dict[UUID, Attempt] = {}
        self._errands: list[Errand] = []

    def job(self, job_id: UUID) -> Job:
        """Return the job as this draft leaves it."""
        return (self._jobs and self._jobs.get(job_id)) or self.state.job(job_id)

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

    def open(self, job: Job) -> None:
        """Add a new job."""
        self._opened.append(job)

    def attempts_of(self, job_id: UUID) -> list[Attempt]:
        """Return the attempts of a job as this draft leaves them."""
        if not self._attempts:
            return list(self.state.of_job(job_id)) if self.state.attempts else []
        known = [self._attempts.get(a.id, a) for a in self.state.of_job(job_id)]
        seen = {attempt.id for attempt in known}
        fresh = [a for a in self._attempts.values() if a.job == job_id and a.id not in seen]
        return known + fresh

    def note(  # noqa: PLR0913 - an item has these parts
        self,
        kind: str,
        text: str,
        outcome: Outcome = _INFO,
        /,
        *,
        job: UUID | None = None,
        attempt: Attempt | None = None,
        words: str | None = None,
        **facts: Fact,
    ) -> None:
        """Add a history item; `words` are kept apart and erasable."""
        of = None
        if attempt is not None:
            job, of = attempt.job, attempt.id
        salt = self.chance.raw(16).hex() if words is not None else None
        self._notes.append((kind, text, outcome, facts, job, of, self.actor, words, salt))

    @property
    def last_seq(self) -> int:
        """The place that the item noted last has in the chain."""
        return self.state.message.head_seq + len(self._notes)

    def note_facts(
        self,
        kind: str,
        text: str,
        outcome: Outcome,
        facts: Mapping[str, Fact],
        about: Job | Attempt | None,
    ) -> None:
        """Add an item whose facts are known by name only now, or are noted with every dispatch.

        Python compares each fact that is passed by name with each parameter of `note`.
        """
        job, of = None, None
        if isinstance(about, Attempt):
            job, of = about.job, about.id
        elif about is not None:
            job = about.id
        self._notes.append((kind, text, outcome, facts, job, of, self.actor, None, None))

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

    def open_case(self, cause: str, job: UUID | None = None) -> None:
        """Have somebody own what follows of the item noted last, after the commit (S4)."""
        said = {"cause": cause, "seq": str(self.last_seq), "at": stamp(self.now)}
        errand = Errand(self.chance.uuid(), ErrandKind.CASE, self.now, job, None, said)
        self._errands.append(errand)

    def alert_lead(self, job: UUID | None, reason: str, words: str, same: str = "") -> None:
        """Alert a lead and put it on record (CONTRACT section 7).

        `same`: what makes another alert the same as this one where that is not its words.
        """
        self.note("lead.alerted", words, Outcome.INITIATED, job=job, reason=reason)
        self.errand(ErrandKind.ALERT, sink="lead", reason=reason, text=words, same=same)

    def set_cue(self, job: Job, due: datetime, why: str, state: JobState) -> Job:
        """Set the instant at which the job comes back, and say so in the history."""
        self.note_cue(job, due, why)
        job = job._replace(state=state, cue_at=due, due_at=due, next_at=due)
        self.keep(job)
        return job

    def note_cue(self, job: Job, due: datetime, why: str) -> None:
        """Say in the history when the job comes back at the latest."""
        at = stamp(due)
        facts: dict[str, Fact] = {"due_at": at, "reason": why, **self.newer(job)}
        self.note_facts("cue.set", f"Back at {at} at the latest.", _SUCCESS, facts, job)

    def newer(self, job: Job) -> Mapping[str, Fact]:
        """Name the document in force where it is another one than the round began with."""
        same = self.state.document == job.round.document or not job.round.document
        return _NO_FACTS if same else {"document": self.state.document}

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

    def _split(self) -> tuple[list[Attempt], list[Attempt]]:
        """Return the attempts that are new, and those that are not as they were read."""
        before = {attempt.id: attempt for attempt in self.state.attempts}
        begun, changed = [], []
        for key, attempt in self._attempts.items():
            was = before.get(key)
            if was is None:
                begun.append(attempt)
            elif was != attempt:  # a repeat changes nothing
                changed.append(attempt)
        return begun, changed

    def _seen(self, attempts: Iterable[Attempt]) -> tuple[Job, ...]:
        """Return the jobs of which only an attempt changes: that too makes older plans stale."""
        if len(self._jobs) == len(self.state.jobs):
            return ()
        of = {attempt.job for attempt in attempts} - self._jobs.keys()
        return tuple([job for job in self.state.jobs if job.id in of])

    def sealed(self) -> Change:
        """Return the finished change."""
        state, message = self.state, self.message
        head = (state.message.head_seq, state.message.head_hash)
        items = chain(message.key, head, self.now, self._notes)
        if items:
            seq, last, sent = items[-1].seq, items[-1].hash, message.sent or self.sent
            message = message._replace(head_seq=seq, head_hash=last, sent=sent)
        begun, changed = self._split()
        # By place, in the order of the fields: by name it takes three times as long.
        return Change(
            message.key,
            head[0],
            self.now,
            self.document,
            message if message is not state.message else None,
            items,
            tuple(self._jobs.values()),
            self._seen((*begun, *changed)),
            tuple(begun),
            tuple(changed),
            tuple(self._errands),
            self.wire,
            self.call_until,
            self.waits_for,
            self.code,
            self.link,
            self.blank_day,
            tuple(self.freed),
            tuple(self.flags),
            message.closed and not state.message.closed,
            self.url,
            message.aside if message.aside is not state.message.aside else None,
            tuple(self._opened),
            self.content,
            self.deliveries,
            self.rides,
        )
