"""The line-up: who waits for a sending number, and from when on each may try.

While all numbers are taken it helps nobody to plan the same jobs over and over. Numbers come back
at a known rate, so each waiting call has its turn at a known instant, the more urgent before the
less (which have a tenth, S3-10); until then its job is put off in the database, where any process
finds it. What waits for one phone comes back at one instant and shares a call (S3-67).

Nothing here is owed to anybody: a turn is an estimate, and lost with the process.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.domain.change import CallOut, Change, TextOut
from gateway.domain.messages import Priority
from gateway.domain.sharing import MOST
from gateway.store.claims import Rates, channel_of
from gateway.store.jobs import Claimed

# An estimate for longer than this is not worth much.
FARTHEST: Final = timedelta(minutes=5)
_LESSER_SHARE: Final = 10  # one turn in so many is kept for what is less urgent
_A_WHILE: Final = timedelta(seconds=1)
_NEARLY: Final = 0.8
_FORGET_EVERY: Final = timedelta(seconds=10)
Intended = tuple[Claimed, Change]


class Caller(NamedTuple):
    """What waits: for a number of which channel, to reach which phone, and how urgently."""

    channel: str
    phone: str
    priority: Priority
    returning: bool


class _Party(NamedTuple):
    """Those who wait for one phone, and how many more may go with them."""

    at: datetime
    priority: Priority
    room: int

    def takes(self, caller: Caller, now: datetime, alone_at: datetime) -> bool:
        """Tell whether somebody goes along: soon enough, or with what is more urgent."""
        soon = self.at <= alone_at or self.priority < caller.priority
        return self.room > 0 and self.at > now and soon


class Lineup:
    """Gives turns to what finds no sending number free."""

    def __init__(self) -> None:
        # Where each line ends: of those who never tried, and of those who found no number.
        self._ends: dict[tuple[str, Priority, bool], datetime] = {}
        self._parties: dict[tuple[str, str], _Party] = {}
        self._forgot_at: datetime | None = None
        self._latest: datetime | None = None
        # When a channel's next less urgent one may try though more urgent ones wait.
        self._lesser_at: dict[str, datetime] = {}
        # Since when they are counted who found a number, and who did not.
        self._since: datetime | None = None
        self.granted = self.refused = 0

    def waiting(self, now: datetime) -> bool:
        """Tell whether anybody's turn is still to come."""
        if self._latest is not None and now < self._latest - _A_WHILE:
            # The clock was set back: whoever comes now must not wait until it is there again.
            self._ends.clear()
            self._lesser_at.clear()
            self._since = None
        self._latest = now
        return any(end > now for end in self._ends.values())

    def idle(self, rates: Rates, now: datetime) -> bool:
        """Tell, once a second, whether somebody waits though numbers were left over: call them up.

        What was estimated before counts no more then.
        """
        if self._since is None or now - self._since < _A_WHILE:
            self._since = self._since or now
            return False
        lines = {channel for (channel, *_), end in self._ends.items() if end > now}
        most = sum(_A_WHILE / one for c in lines if (one := _each(rates, c)))
        idle = bool(lines) and not self.refused and self.granted < _NEARLY * most
        self._since, self.granted, self.refused = now, 0, 0
        if idle:
            self._ends.clear()
        return idle

    def look_at(self, now: datetime) -> datetime | None:
        """Return when to ask again whether numbers are idle; None while nobody waits."""
        return (self._since or now) + _A_WHILE if self.waiting(now) else None

    def part(
        self, planned: Sequence[Intended], rates: Rates, now: datetime
    ) -> tuple[list[Intended], list[tuple[Intended, Caller, datetime]]]:
        """Part those who may try now from those behind others, who are told their turn.

        Those who share a call try together, as soon as one of them has had to wait before.
        """
        if not self.waiting(now):
            return list(planned), []
        callers = asking(planned)
        ahead = {c.shares for one, c in planned if c.shares and put_off(one)}
        ready: list[Intended] = []
        behind: list[tuple[Intended, Caller, datetime]] = []
        known: dict[object, bool] = {}
        for (one, change), alone in zip(planned, callers, strict=True):
            whose = change.shares or one.id
            caller = alone._replace(returning=True) if alone and whose in ahead else alone
            if whose not in known:
                known[whose] = caller is not None and self.behind(caller, rates, now)
            if caller is not None and known[whose]:
                at = self.turn(caller, rates, now, now)
                behind.append(((one, change), caller, at))
            else:
                ready.append((one, change))
        return ready, behind

    def behind(self, caller: Caller, rates: Rates, now: datetime) -> bool:
        """Tell whether others come first: who is as urgent and waits, or more urgent all the same.

        Who has waited tries at his turn, while more urgent ones wait every tenth of them.
        """
        channel = caller.channel
        waiting = [p for (c, p, _), end in self._ends.items() if c == channel and end > now]
        first = min(waiting, default=caller.priority)
        if not waiting or channel in rates.back or first > caller.priority:
            return False
        if not caller.returning:
            return True
        if first == caller.priority:
            return False
        if self._lesser_at.get(channel, now) > now:
            return True
        self._lesser_at[channel] = now + _each(rates, channel) * _LESSER_SHARE
        return False

    def turn(self, caller: Caller, rates: Rates, free_at: datetime, now: datetime) -> datetime:
        """Return when it is a caller's turn: once a number is free, with others of its phone."""
        self._forget(now)
        line = caller.channel, caller.priority, caller.returning
        begins = self._ends.get(line, now)
        # The first of a line has the next number; from then on the line has its share of them.
        alone = begins <= now
        apart = _each(rates, caller.channel) if alone else self._apart(caller, rates, begins)
        end = min(max(begins, now) + apart, now + FARTHEST)
        at = max(free_at, end)
        whose = caller.channel, caller.phone
        party = self._parties.get(whose)
        if party is not None and party.takes(caller, now, at):
            self._parties[whose] = party._replace(room=party.room - 1)
            return party.at
        # Numbers that were taken at once are free at once: the line's end is not moved by that.
        self._ends[line] = end
        self._parties[whose] = _Party(at, caller.priority, MOST - 1)
        return at

    def _apart(self, caller: Caller, rates: Rates, begins: datetime) -> timedelta:
        """Return the time between two turns of a line, by its share of the numbers."""
        each = _each(rates, caller.channel)
        ends = [
            (priority, end)
            for (channel, priority, _), end in self._ends.items()
            if channel == caller.channel and end > begins
        ]
        first = max((end for priority, end in ends if priority < caller.priority), default=None)
        if first is not None:
            return min(each * _LESSER_SHARE, max(first - begins, each))
        lesser = any(priority > caller.priority for priority, _ in ends)
        return each * _LESSER_SHARE / (_LESSER_SHARE - 1) if lesser else each

    def _forget(self, now: datetime) -> None:
        """Forget whose turn has come."""
        if self._forgot_at is None or abs(now - self._forgot_at) >= _FORGET_EVERY:
            self._forgot_at = now
            self._parties = {whose: one for whose, one in self._parties.items() if one.at > now}


def _each(rates: Rates, channel: str) -> timedelta:
    """Return the time between two turns if all numbers of a channel are at work."""
    numbers = len(rates.numbers.get(channel, ())) or 1
    return (rates.interval(channel) or timedelta()) / numbers


def put_off(one: Claimed) -> bool:
    """Tell whether a job had to wait before: it may be claimed later than was promised."""
    job = one.job
    return job.next_at is not None and job.due_at is not None and job.next_at > job.due_at


def asking(planned: Sequence[Intended]) -> list[Caller | None]:
    """Tell for what each waits, None for nothing; those who ride along wait as the leader."""
    phones = dict(_phones(planned))
    urgent = _most_urgent(planned)
    callers: list[Caller | None] = []
    for one, change in planned:
        known = phones.get(change.shares) if change.shares else _phone(change)
        if known is None:
            callers.append(None)
            continue
        priority = urgent.get(change.shares, one.job.priority)
        callers.append(Caller(*known, priority, put_off(one)))
    return callers


def _phones(planned: Sequence[Intended]) -> Iterator[tuple[object, tuple[str, str]]]:
    for _, change in planned:
        known = _phone(change) if change.shares else None
        if known is not None:
            yield change.shares, known


def _most_urgent(planned: Sequence[Intended]) -> Mapping[object, Priority]:
    urgent: dict[object, Priority] = {}
    for one, change in planned:
        if change.shares:
            urgent[change.shares] = min(
                urgent.get(change.shares, one.job.priority), one.job.priority
            )
    return urgent


def _phone(change: Change) -> tuple[str, str] | None:
    """Return the channel and phone of a change that goes on the wire by itself."""
    wire, channel = change.wire, channel_of(change.wire)
    return (channel, wire.to) if channel and isinstance(wire, CallOut | TextOut) else None
