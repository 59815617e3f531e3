"""Calls and texts as the carrier remembers them, and as its JSON shows them."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.simulator.agenda import Entry
from adapters.simulator.core import API, API_VERSION, rfc2822
from adapters.simulator.people import CallScript
from adapters.simulator.twiml import Gather, Verb

CALL_ENDS = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True, slots=True)
class Link:
    """An address to fetch and the method to use."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class CallOrder:
    """What was asked for with one call; times in seconds."""

    answer: Link | None
    twiml: str
    fallback: Link | None
    status: Link | None
    events: frozenset[str]
    ring: int
    time_limit: int
    detection: str
    detection_hook: Link | None


@dataclass(slots=True)
class OpenGather:
    """A gather that is waiting, the keys so far, and the entry that ends it."""

    verb: Gather
    digits: str
    expiry: Entry


@dataclass(slots=True, eq=False)
class Call:
    """One call, from queued to its end; an inbound one begins answered."""

    sid: str
    to: str
    from_: str
    created: datetime
    order: CallOrder
    script: CallScript
    status: str = "queued"
    started: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    updated: datetime | None = None
    error: str | None = None
    sip: str | None = None
    answered_by: str | None = None
    events_sent: int = 0
    turn: int = 0
    document: str = ""
    verbs: deque[Verb] = field(default_factory=deque)
    gather: OpenGather | None = None
    pending: list[Entry] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    fetches: tuple[datetime | None, int] = (None, 0)
    direction: str = "outbound-api"

    @property
    def over(self) -> bool:
        """Tell whether the call has ended."""
        return self.status in CALL_ENDS

    @property
    def seconds(self) -> int:
        """Give the talked time in whole seconds."""
        if self.answered is None or self.ended is None:
            return 0
        return round((self.ended - self.answered) / timedelta(seconds=1))

    def outcome(self) -> str | None:
        """Say how it ended in the words of a scenario; None while it goes on."""
        if not self.over:
            return None
        if self.status == "completed":
            return "voicemail" if self.script.voicemail else "answered"
        return self.status.replace("-", "_")

    def shape(self, account: str) -> dict[str, Any]:
        """Give the vendor's JSON for one call."""
        return {
            "sid": self.sid,
            "account_sid": account,
            "parent_call_sid": None,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.from_,
            "from_formatted": self.from_,
            "phone_number_sid": None,
            "status": self.status,
            "start_time": rfc2822(self.started),
            "end_time": rfc2822(self.ended),
            "duration": str(self.seconds) if self.over else None,
            "price": None,
            "price_unit": "USD",
            "direction": self.direction,
            "answered_by": self.answered_by,
            "annotation": None,
            "api_version": API_VERSION,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "uri": f"{API}/Accounts/{account}/Calls/{self.sid}.json",
            "subresource_uris": {},
        }


@dataclass(slots=True, eq=False)
class Text:
    """One text, outbound or inbound; `sender` is the messaging service if one was named."""

    sid: str
    to: str
    from_: str
    body: str
    created: datetime
    direction: str
    status: str
    sender: str
    segments: int
    hook: Link | None = None
    sent: datetime | None = None
    updated: datetime | None = None
    error: str | None = None

    def shape(self, account: str) -> dict[str, Any]:
        """Give the vendor's JSON for one message."""
        service = self.sender if self.sender.startswith("MG") else None
        return {
            "sid": self.sid,
            "account_sid": account,
            "messaging_service_sid": service,
            "to": self.to,
            "from": None if self.status == "accepted" else self.from_,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "num_segments": str(self.segments),
            "num_media": "0",
            "price": None,
            "price_unit": "USD",
            "error_code": int(self.error) if self.error else None,
            "error_message": f"Error {self.error}" if self.error else None,
            "api_version": API_VERSION,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "date_sent": rfc2822(self.sent),
            "uri": f"{API}/Accounts/{account}/Messages/{self.sid}.json",
            "subresource_uris": {"media": f"{API}/Accounts/{account}/Messages/{self.sid}/Media"},
        }


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call that left, unmasked, for the rehearsal's output; `heard` is what was spoken on it."""

    at: datetime
    to: str
    from_: str
    ended_at: datetime | None
    outcome: str | None
    heard: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text that left, unmasked, for the rehearsal's output."""

    at: datetime
    to: str
    from_: str
    body: str


@dataclass(frozen=True, slots=True)
class Booked:
    """What the carrier's own books say of one request: `callback` is the URL that came with it."""

    kind: str
    sid: str
    to: str
    at: datetime
    ended_at: datetime | None
    callback: str
