"""Habits: whom a message like this one was just planned to call, so that it need not be planned.

In a storm the same account's messages come one after the other, and each has to wait for a number.
Whose phone it will be matters only for sharing a call; it is planned when it has its turn. What is
known here is some seconds old at most, and never used for an emergency.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.daemon.lineup import Caller, put_off
from gateway.domain.messages import Priority
from gateway.domain.state import State
from gateway.store.jobs import Claimed

LASTS: Final = timedelta(seconds=10)
_MOST: Final = 20_000
_Kind = tuple[str, int | None, Priority, str | None]


class _Habit(NamedTuple):
    """What messages of a kind wait for; `fields` where those decide who is on call."""

    channel: str
    phone: str
    fields: Mapping[str, str] | None
    until: datetime


class Habits:
    """Remembers for a moment whom messages of an account, priority and form are to reach."""

    def __init__(self) -> None:
        self._known: dict[_Kind, _Habit] = {}

    def note(self, one: Claimed, state: State, caller: Caller, now: datetime) -> None:
        """Note for whom a planned job has to wait."""
        kind = _kind(one)
        if kind is None or state.account is None:
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        several = len(state.account.schedules) > 1
        fields = state.content.fields if several and state.content else None
        self._known[kind] = _Habit(caller.channel, caller.phone, fields, now + LASTS)

    def caller(self, one: Claimed, now: datetime) -> Caller | None:
        """Return what a job would wait for, None where only a plan can tell."""
        kind = _kind(one)
        habit = self._known.get(kind) if kind else None
        if habit is None or now >= habit.until:
            return None
        if habit.fields is not None and (one.content is None or one.content.fields != habit.fields):
            return None
        return Caller(habit.channel, habit.phone, one.job.priority, returning=False)


def _kind(one: Claimed) -> _Kind | None:
    """Return what decides whom a job reaches first; None where more than that may."""
    job, message = one.job, one.message
    plain = one.whole and job.source == "new" and job.target is None and not put_off(one)
    if message is None or not plain or job.priority is Priority.EMERGENCY:
        return None
    return one.key.account, one.document, job.priority, message.form
