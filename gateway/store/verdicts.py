"""Verdicts: what becomes of a change that is to be written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Written:
    """The change is committed; `sender` is the number of ours that its call or text goes from."""

    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Stale:
    """Something had changed since the state was read: nothing of it was written, plan again."""


@dataclass(frozen=True, slots=True)
class PhoneTaken:
    """Another call has the phone, until then at the latest."""

    phone: str
    until: datetime


@dataclass(frozen=True, slots=True)
class CodeTaken:
    """The phone already has that code for another message."""

    phone: str


@dataclass(frozen=True, slots=True)
class NoToken:
    """The sending numbers of a channel are busy; one is free again at `free_at`."""

    channel: str
    free_at: datetime


Verdict = Written | Stale | PhoneTaken | CodeTaken | NoToken
STALE: Final = Stale()
