"""Aside: what people have set aside of a message for other people, beside its jobs."""

from datetime import datetime
from typing import NamedTuple


class Park(NamedTuple):
    """A park that is not over (S3-13): for which skill, by whom (an actor), since when.

    `seq` is the history item that names its words; `held` the ids of jobs that waited for a person
    when it was parked; `owner` has claimed it, until `until` if nothing renews that.
    """

    seq: int
    skill: str
    by: str
    at: datetime
    held: tuple[str, ...] = ()
    owner: str | None = None
    until: datetime | None = None

    def owner_at(self, now: datetime) -> str | None:
        """Return who has it at an instant; a claim that has lapsed is nobody's."""
        return self.owner if self.until is not None and self.until > now else None


class Review(NamedTuple):
    """What an account manager is to look at (S3-18): flagged when, by the history item `seq`."""

    seq: int
    at: datetime


class Finding(NamedTuple):
    """Something that a look over a message found (S3-39): its class, and where.

    `place` is `text`, `form` or `fields.KEY`; `start` and `end` tell which characters of the text,
    so that no word of the message stands here.
    """

    kind: str
    place: str
    start: int | None = None
    end: int | None = None


class Proof(NamedTuple):
    """A review of what a look over the message found, by its `id` (S3-12, S3-38).

    Opened at `at` by the history item `seq`; `state` is open, approved, fixed or waived, the last
    three as `by` (an actor) decided it at `decided_at`.
    """

    id: str
    seq: int
    at: datetime
    found: tuple[Finding, ...]
    state: str = "open"
    by: str | None = None
    decided_at: datetime | None = None

    @property
    def open(self) -> bool:
        """True until somebody decided it."""
        return self.state == "open"


class Aside(NamedTuple):
    """`annotated`: a person added words since the last park, so that it may be parked (again).

    `review`: it is flagged for the account manager. `proof`: something was found in its words.
    `office_until`: a directive has it wait for the office, which opens then (S3-44).
    """

    annotated: bool = False
    park: Park | None = None
    review: Review | None = None
    proof: Proof | None = None
    office_until: datetime | None = None


NOTHING_ASIDE = Aside()
