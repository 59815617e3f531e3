"""The people of an account and where they can be reached."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from schedules.windows import Weekly


@dataclass(frozen=True, slots=True)
class PhoneLimit:
    """At most `calls` to a phone within `per`."""

    calls: int
    per: timedelta


# What holds for every phone whose contact has no limit of their own.
USUAL_LIMIT: Final = PhoneLimit(30, timedelta(hours=3))
PAUSE_BETWEEN_CALLS: Final = timedelta(minutes=1)


class Rung(NamedTuple):
    """How a phone was called lately: how often within three hours, when last, when that ended.

    An accepted call counts among the `times` only: who has just accepted is there for the next.
    """

    times: int
    last: datetime
    over: datetime | None

    @property
    def enough(self) -> bool:
        """Tell whether three hours have seen as many calls as they may."""
        return self.times >= USUAL_LIMIT.calls

    def pause_until(self, began: datetime, now: datetime) -> datetime | None:
        """Return until when a round that began at `began` lets the phone rest; None: not at all.

        A call that was still open when the round began does not count: whoever waits for its end
        dials at once, and a step that is repeated is meant to be (CONTRACT section 4). When there
        were calls enough, waiting is of no use.
        """
        if self.enough:
            return None
        until = self.last + PAUSE_BETWEEN_CALLS
        ended = self.over is not None and self.over < began
        return until if ended and now < until else None


@dataclass(frozen=True, slots=True)
class Consent:
    """What the contact agreed to (None: not said), when (naive local time) and how."""

    voice: bool | None = None
    text: bool | None = None
    at: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One person; `key` is their name in the document, phones are E.164, quiet is for routine."""

    key: str
    name: str
    phone: str | None = None
    sms: str | None = None
    email: str | None = None
    active: bool = True
    pin: str | None = None
    quiet: Weekly | None = None
    requires_human: bool = False
    notes: str | None = None
    consent: Consent | None = None
    phone_limit: PhoneLimit | None = None

    def address(self, status: str) -> str | None:
        """Return where a status reaches them: call, sms, secure or email; None if nowhere."""
        return address(status, self.phone, self.sms, self.email)


def address(status: str, phone: str | None, sms: str | None, email: str | None) -> str | None:
    """Return the address of a status; texts fall back to the phone, secure messages to e-mail."""
    match status:
        case "call":
            return phone
        case "sms":
            return sms or phone
        case "secure":
            return sms or phone or email
        case "email":
            return email
        case _:
            raise ValueError(f"{status!r} is not call, sms, secure or email")
