"""An attempt: one call, text, secure message or e-mail to one person, at most once on the wire."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self
from uuid import UUID

from gateway.domain.messages import Key
from gateway.domain.rows import copied_often

# The request may begin this long after the intent and takes 10 s at most; looking an attempt up
# begins only later.
WIRE_LASTS = timedelta(seconds=6)
UNSURE_AFTER = timedelta(seconds=20)
LOOK_AGAIN = timedelta(seconds=8)
# The first look-up is meant to come no later than this: 20 s of silence, or 5 s after a request
# that may begin 6 s late and then takes 10 s.
FIRST_LOOK = timedelta(seconds=22)
LOST_AFTER = timedelta(seconds=18)
DOUBT_LOOK = timedelta(seconds=5)
# When the carrier is asked what it should have told long since.
CALL_CHECK = timedelta(seconds=90)
TEXT_CHECK = timedelta(seconds=60)
SPEAK_FOR = timedelta(seconds=180)


class AttemptState(StrEnum):
    """How far an attempt has got; ranks never go down and `ended` sticks (TWILIO section 2)."""

    INTENDED = "intended"
    DEFERRED = "deferred"
    UNSURE = "unsure"
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    ARRIVED = "arrived"
    ENDED = "ended"

    __hash__ = str.__hash__  # an enum's own one is written in Python

    @property
    def rank(self) -> int:
        """Its place in the order of things."""
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(AttemptState)}

# KEYED: still at the first prompt, but a key was pressed: no machine then.
PROMPT, KEYED, PIN, SPOKEN, MACHINE = "prompt", "keyed", "pin", "spoken", "machine"

# What an attempt came to whose number the carrier never takes; it failed, wherever words are said.
REFUSED = "refused"

# What an attempt came to by which the message goes to the next person: key 2 or a pass by text, and
# key 9.
PASSES = frozenset({"declined", "wrong_person"})

# How somebody is reached who calls us; such an attempt holds no round and is not on our wire.
INBOUND = "inbound"


@copied_often
class Attempt(NamedTuple):
    """One attempt. `outcome` is what it came to for us, `ended_at` when the carrier let go of it.

    `step` counts the answers a call's script has given, so that a repeated webhook is known;
    `stage` is where the script stands, since `stage_at`; before it begins, that is when the wire
    was asked again. `holds_until` ends a reply's wait.
    `rides`: the attempt that is on the wire for several messages, which may be this very one.
    """

    id: UUID
    key: Key
    job: UUID
    round: int
    slot: str
    contact: str
    address: str
    method: str
    source: str
    started_at: datetime
    check_at: datetime
    state: AttemptState = AttemptState.INTENDED
    stage: str = PROMPT
    step: int = 0
    tries: int = 0
    answered_at: datetime | None = None
    stage_at: datetime | None = None
    holds_until: datetime | None = None
    outcome: str | None = None
    ended_at: datetime | None = None
    sender: str | None = None
    sid: str | None = None
    code: str | None = None
    prefetches: int = 0
    rides: UUID | None = None

    @property
    def open(self) -> bool:
        """True while it may still come to something."""
        return self.outcome is None

    @property
    def is_call(self) -> bool:
        """True for a telephone call."""
        return self.method == "call"

    @property
    def asked_at(self) -> datetime:
        """When the wire was asked for it, the last time."""
        again = self.stage_at if self.answered_at is None else None
        return again or self.started_at

    @property
    def unheard(self) -> bool:
        """True while the carrier has the text and has not said what became of it."""
        written = not (self.is_call or self.is_inbound) and "@" not in self.address
        return written and self.sid is not None and self.ended_at is None

    @property
    def is_inbound(self) -> bool:
        """True for a call from the person on call to us."""
        return self.method == INBOUND

    @property
    def is_rider(self) -> bool:
        """True when another message's call or text carries this one too."""
        return self.rides is not None and self.rides != self.id

    @property
    def on_the_wire(self) -> bool:
        """True while nobody knows yet whether the carrier has it."""
        return self.open and self.state in _UNKNOWN

    def risen(self, state: AttemptState) -> Self:
        """Return it in `state`, unless it has already got further."""
        return self._replace(state=state) if state.rank > self.state.rank else self

    def again(self, now: datetime) -> Self:
        """Return it as it goes on the wire once more: nothing is known of that request yet."""
        return self._replace(
            state=AttemptState.INTENDED,
            tries=self.tries + 1,
            check_at=now + UNSURE_AFTER,
            stage_at=now,
        )

    def over(self, outcome: str) -> Self:
        """Return it with its outcome; the first outcome stays."""
        return self if self.outcome else self._replace(outcome=outcome, state=AttemptState.ENDED)


_UNKNOWN = frozenset({AttemptState.INTENDED, AttemptState.DEFERRED, AttemptState.UNSURE})
