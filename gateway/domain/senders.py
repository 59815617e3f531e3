"""Senders: which of our numbers may be used now, by the health of their lines.

Numbers are preferred in the order of their carriers: the second carrier's are used while none of
the first's is sound. Several numbers of one carrier have a breaker each and one for all of them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from gateway.domain.breakers import CLOSED, Breaker, Line, free_at
from gateway.domain.messages import Priority

# So long others have to be a probe before an emergency is one, while there is no other way.
_OTHERS_FIRST: Final = timedelta(seconds=10)
# So long routine has while there is another way: who counts on that finds out nothing for us.
_ROUTINE_FIRST: Final = timedelta(minutes=5)


class Sender(NamedTuple):
    """One of our numbers (or a messaging service) and the name of the carrier it belongs to."""

    number: str
    carrier: str


Known: TypeAlias = Mapping[Line, Breaker]
"""The breakers that are not as good as new."""


def lines_of(channel: str, number: str, senders: Sequence[Sender]) -> tuple[Line, ...]:
    """Return the lines that a request from `number` goes over; a stranger has one of its own."""
    carrier = next((one.carrier for one in senders if one.number == number), None)
    if carrier is None or sum(one.carrier == carrier for one in senders) == 1:
        return (Line(channel, number),)
    return Line(channel, number), Line(channel, carrier)


def usable(
    channel: str, senders: Sequence[Sender], known: Known, busy: Collection[Line] = ()
) -> tuple[str, ...]:
    """Return the numbers to use: the sound ones of the first carrier that has any.

    A carrier whose line is `busy` (too much waits for its answers) is passed over.
    """
    for carrier, theirs in _by_carrier(senders):
        sound = tuple(
            one.number
            for one in theirs
            if not any(known.get(line, CLOSED).open for line in lines_of(channel, one[0], senders))
        )
        if sound and Line(channel, carrier) not in busy:
            return sound
    return ()


def back_at(
    channel: str, senders: Sequence[Sender], known: Known, now: datetime
) -> datetime | None:
    """Return when the first of the numbers may be tried again; None when one is sound."""
    at = [_free_at(channel, one.number, senders, known, now) for one in senders]
    return None if None in at else min((one for one in at if one is not None), default=None)


def to_try(
    channel: str, senders: Sequence[Sender], known: Known, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the numbers to ping now and those to probe, one for each carrier in trouble at most.

    A number is probed when all its open lines have answered. One that is sound by itself goes
    first: a bad number would only tell of itself, and keep its carrier shut for all others.
    """
    ping: list[str] = []
    probe: list[str] = []
    for _, theirs in _by_carrier(senders):
        free = [one.number for one in theirs if _is_free(channel, one.number, senders, known, now)]
        free.sort(key=lambda number: known.get(Line(channel, number), CLOSED).open)
        if free:
            lines = lines_of(channel, free[0], senders)
            answers = all(known[line].answers for line in lines if known.get(line, CLOSED).open)
            (probe if answers else ping).append(free[0])
    return tuple(ping), tuple(probe)


def most_urgent(
    channel: str, number: str, senders: Sequence[Sender], known: Known, now: datetime
) -> Priority | None:
    """Return how urgent at most what tries a number again may be; None: it may not be tried.

    While another number is sound no emergency does, and only routine at first. Else an emergency
    does when nobody else came to do it: it might be all that comes tonight.
    """
    at = _free_at(channel, number, senders, known, now)
    if at is None:
        return None
    if usable(channel, senders, known):
        return Priority.URGENT if now - at >= _ROUTINE_FIRST else Priority.ROUTINE
    return Priority.EMERGENCY if now - at >= _OTHERS_FIRST else Priority.URGENT


def _is_free(
    channel: str, number: str, senders: Sequence[Sender], known: Known, now: datetime
) -> bool:
    at = _free_at(channel, number, senders, known, now)
    return at is not None and at <= now


def _free_at(
    channel: str, number: str, senders: Sequence[Sender], known: Known, now: datetime
) -> datetime | None:
    lines = lines_of(channel, number, senders)
    at = [free_at(known[line], now) for line in lines if line in known]
    return max((one for one in at if one is not None), default=None)


def _by_carrier(senders: Sequence[Sender]) -> Iterator[tuple[str, list[Sender]]]:
    for carrier in dict.fromkeys(one.carrier for one in senders):
        yield carrier, [one for one in senders if one.carrier == carrier]
