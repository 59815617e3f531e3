"""The floor: who is coded for dispatch, what reaches them, and whether a break can be taken."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from gateway.domain.deeds import Person
from gateway.domain.needs import AM_REVIEW, WorkKind

# So long before a break it is told, so that WFM can find a replacement (S3-06).
BREAK_NOTICE: Final = timedelta(minutes=5)
# Who codes people for dispatch; whoever else did it, it is to be verified (S3-91).
CODERS: Final = frozenset({"wfm", "lead"})


class CallState(StrEnum):
    """What an agent's phone is doing (S3-04); in Disp no live call is sent to them."""

    TALK = "TALK"
    RING = "RING"
    ZERO = "ZERO"
    DISP = "DISP"


LIVE: Final = frozenset({CallState.TALK, CallState.RING})


class Session(NamedTuple):
    """Somebody on the floor: coded for dispatch or not, since when, by whom (an actor).

    `break_at` is when they take a break, until they are coded again.
    """

    name: str
    coded: bool
    changed_at: datetime
    changed_by: str
    call_state: CallState = CallState.ZERO
    break_at: datetime | None = None

    @property
    def told(self) -> bool:
        """Tell whether WFM or a lead coded them."""
        return self.coded and self.changed_by.partition(":")[0] in CODERS

    def covers(self, at: datetime) -> bool:
        """Tell whether they do dispatch work at an instant and in the five minutes after it."""
        away = self.break_at is not None and self.break_at < at + BREAK_NOTICE
        return self.coded and self.call_state is CallState.DISP and not away


def away(sessions: Sequence[Session], at: datetime) -> list[str]:
    """Name who is coded while none of them covers; nobody where somebody does, or none is coded."""
    coded = [one for one in sessions if one.coded]
    return [] if any(one.covers(at) for one in coded) else [one.name for one in coded]


class Verdict(StrEnum):
    """What becomes of a break that somebody asks for."""

    GRANTED = "granted"
    FLAGGED = "flagged"
    REFUSED = "refused"


def judge_break(notice: timedelta, *, covered: bool, waiting: int) -> Verdict:
    """Judge a break asked for so long before; `waiting` jobs need a person (S3-06)."""
    if covered or notice >= BREAK_NOTICE:
        return Verdict.GRANTED
    return Verdict.REFUSED if waiting else Verdict.FLAGGED


def may_hear(who: Person, need: tuple[str, str], session: Session | None, *, coding: bool) -> bool:
    """Tell whether somebody is offered a need: its kind of work and its reason (S3-03).

    `coding`: dispatchers must be coded for dispatch work; specials concern them all (S3-79).
    Account managers hear what they are to look at; who works no messages hears nothing.
    """
    kind, reason = need
    if who.role == "account_manager":
        return reason == AM_REVIEW
    if who.leads:
        return True
    if "dispatcher" in who.roles:
        coded = session is not None and session.coded
        return reason != AM_REVIEW and (coded or not coding or kind != WorkKind.DISPATCH)
    return False
