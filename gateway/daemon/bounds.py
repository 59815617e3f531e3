"""Bounds: from where on the hot claim reads, class by class, since all before has been claimed.

Reading on from there keeps a claim short even when a forgotten transaction holds back vacuum, and
every index entry of what was claimed since stays in its way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.messages import Priority
from gateway.store.following import EVER, LONG_AGO, Since
from gateway.store.jobs import Claimed

# So far back looks once a second whoever looks more often: should anything have become due in the
# past without a word, it waits no longer than that; what is older than this, until the next sweep.
HOT: Final = timedelta(seconds=15)
_WIDELY: Final = timedelta(seconds=1)
# Instants come by several ways, some of them rounded.
_SLACK: Final = timedelta(milliseconds=50)


@dataclass(slots=True, eq=False)
class Look:
    """A claim under way: the instant it is for, and the earliest one that was told meanwhile."""

    now: datetime
    since: Since
    told: datetime | None = None


class Bounds:
    """What is known to be claimed, and where something may have been left behind.

    A claim passes over what others have locked just then, and is as old as its beginning. So two
    bounds are kept of each class: how far it was claimed, where the next claim begins, and how far
    `checked` found nothing left, where the next check does. Whatever becomes due before either is
    told by `lower`.
    """

    def __init__(self) -> None:
        """Nothing is known: all is to be looked at."""
        self._claimed: Since = EVER
        self._checked: Since = EVER
        self._looks: list[Look] = []
        self._widely_at: datetime | None = None

    @property
    def unchecked(self) -> Since:
        """Where a check begins: nothing that is due and nobody's lies before it."""
        return _below(self._checked)

    def look(self, now: datetime) -> Look:
        """Begin a claim of what is due at `now`."""
        if self._widely_at is None or abs(now - self._widely_at) >= _WIDELY:
            self._widely_at = now
            self.lower(now - HOT)
        self.lower(now)  # the clock may have been set back
        look = Look(now, _below(self._claimed))
        self._looks.append(look)
        return look

    def looked(self, look: Look, most: int, claimed: Sequence[Claimed]) -> None:
        """End a claim of `most` jobs at most: this is what it found.

        Of a class that it found as much of as there was room for, there may be more: all that was
        due before the first of these is claimed, at least.
        """
        self._looks.remove(look)
        found: list[list[datetime]] = [[] for _ in Priority]
        for one in claimed:
            found[one.job.priority].append(one.job.next_at or look.now)
        room = _room(most, *map(len, found))
        ends = [
            min(some) if len(some) >= many else look.now
            for some, many in zip(found, room, strict=True)
        ]
        until = [end if look.told is None else min(end, look.told) for end in ends]
        first, second, third = map(max, self._claimed, until)
        self._claimed = first, second, third

    def checked(self, first: datetime | None) -> None:
        """Hear what of `unchecked` is the first that is nobody's; None: there is nothing.

        To be told while no claim is under way.
        """
        if first is not None:
            self.lower(first)
        self._checked = self._claimed

    def none_due(self, now: datetime) -> None:
        """Hear that nothing whatsoever is due at `now`."""
        self._claimed = self._checked = now, now, now

    def lower(self, since: datetime) -> None:
        """Hear that something may have become due since then, of which no claim so far knows."""
        for look in self._looks:
            look.told = since if look.told is None else min(look.told, since)
        self._claimed, self._checked = _least(self._claimed, since), _least(self._checked, since)

    def forget(self) -> None:
        """Have everything looked at, however long it is overdue."""
        self.lower(LONG_AGO)


def _room(most: int, emergency: int, urgent: int, _routine: int) -> Sequence[int]:
    """Return how many of each class a claim had room for that found so many (S3-10)."""
    tenth = (most + 9) // 10
    return most, max(most - emergency, tenth), max(most - emergency - urgent, tenth)


def _least(bounds: Since, at: datetime) -> Since:
    first, second, third = bounds
    return min(first, at), min(second, at), min(third, at)


def _below(bounds: Since) -> Since:
    first, second, third = bounds
    return first - _SLACK, second - _SLACK, third - _SLACK
