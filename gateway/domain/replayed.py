"""Replayed: a message and its jobs as they are built again from a history, item by item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Item = Mapping[str, Any]


def at_of(item: Item) -> datetime:
    """Return an item's instant."""
    return datetime.fromisoformat(item["at"])


@dataclass(slots=True)
class Attempted:
    """An attempt as the items tell it; `holds`: a cue waits for its reply."""

    job: str
    call: bool
    holds: bool = False
    open: bool = True


@dataclass(slots=True)
class JobAgain:
    """A job replayed: the fields that are compared, then what its rounds are counted by."""

    source: str
    state: str = "pending"
    cue_at: datetime | None = None
    round: int = 0
    active_seconds: int = 0
    began: datetime | None = None
    open: bool = False
    paced: bool = True
    idle: int = 0
    coming: int = 0
    gap: bool = False
    exhausted: bool = False

    def count(self, at: datetime) -> None:
        """Add the time since the last round to the active clock, unless it was a gap (S3-49)."""
        if self.began is not None and self.paced and not self.gap:
            self.active_seconds += max(0, int((at - self.began).total_seconds()) - self.idle)
        self.gap = False

    def pause(self, state: str) -> None:
        """Stand still in a state of which the time counts for nothing."""
        self.state, self.open, self.paced = state, False, False


@dataclass(slots=True)
class MessageAgain:
    """A message replayed from its items, in order."""

    state: str = "open"
    evidence: str | None = None
    delivered_to: str | None = None
    delivered_at: datetime | None = None
    skill: str | None = None
    flagged: bool = False
    review: str | None = None
    verdict: str | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    jobs: dict[str, JobAgain] = field(default_factory=dict)
    attempts: dict[str, Attempted] = field(default_factory=dict)

    def let_go(self, item: Item) -> None:
        """End the texts of a job: nobody waits for their replies any more."""
        for one in self.attempts.values():
            if one.job == item["job"] and not one.call:
                one.open = False
