"""State: everything a decision may look at, loaded once, frozen."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from gateway.domain.accounts import Account
from gateway.domain.attempts import Attempt
from gateway.domain.contacts import Rung
from gateway.domain.content import Content
from gateway.domain.flags import Flags
from gateway.domain.jobs import Job
from gateway.domain.messages import Message
from gateway.domain.rows import copied_often
from gateway.domain.specials import Special


@copied_often
class State(NamedTuple):
    """One message with its jobs and attempts, and the account document in force.

    `busy` holds phones found taken by another call, until when at the latest (learnt when an intent
    was refused); `taken_codes` the reply codes that a phone cannot be given; `calls` when phones
    with a limit of their own were called lately; `specials` those posted for the account that have
    not ended, in order. `rides`: whoever is reached is reached by that attempt of another message.
    `shut`: channels (call, text) for which no number of ours may be used, and when to look again.
    `rung`: how the phones that were called within three hours were. `doubtful`: the clock was
    first read or set ahead so lately that a request may still be on the wire, however old it seems.
    """

    message: Message
    content: Content | None
    jobs: tuple[Job, ...]
    attempts: tuple[Attempt, ...]
    account: Account | None
    document: int
    public_url: str
    flags: Mapping[str, Flags] = MappingProxyType({})
    busy: Mapping[str, datetime] = MappingProxyType({})
    taken_codes: Mapping[str, AbstractSet[str]] = MappingProxyType({})
    blank_told: bool = False
    calls: Mapping[str, tuple[datetime, ...]] = MappingProxyType({})
    specials: tuple[Special, ...] = ()
    rides: UUID | None = None
    rung: Mapping[str, Rung] = MappingProxyType({})
    shut: Mapping[str, datetime] = MappingProxyType({})
    doubtful: bool = False

    def job(self, job_id: UUID) -> Job:
        """Return the job with that id; KeyError when it is not of this message."""
        for job in self.jobs:
            if job.id == job_id:
                return job
        raise KeyError(job_id)

    def attempt(self, attempt_id: UUID) -> Attempt:
        """Return the attempt with that id; KeyError when it is not of this message."""
        for attempt in self.attempts:
            if attempt.id == attempt_id:
                return attempt
        raise KeyError(attempt_id)

    def of_job(self, job_id: UUID) -> tuple[Attempt, ...]:
        """Return the attempts of one job, oldest first."""
        return tuple([attempt for attempt in self.attempts if attempt.job == job_id])

    def contact_name(self, key: str) -> str:
        """Return a contact's name, or the key where the document no longer has it."""
        contact = self.account.contacts.get(key) if self.account else None
        return contact.name if contact else key
