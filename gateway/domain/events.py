"""Events: what the carrier, a person on call or a mail server tells of one message."""

from dataclasses import dataclass
from uuid import UUID

from gateway.domain.dispatch_cause import Cause
from gateway.domain.replies import Said


@dataclass(frozen=True, slots=True)
class Refusal:
    """The carrier definitely did not take an attempt.

    `again`: the very same attempt may go out once more, after `after` seconds; `ours`: the fault
    is the account's or the content's, so the operator must hear of it. `number`: it says that the
    number cannot be reached, whoever asks.
    """

    attempt: UUID
    code: int | None
    words: str
    again: bool
    ours: bool
    after: float | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody knows whether the carrier took an attempt (timeout, 5xx, broken connection)."""

    attempt: UUID
    words: str


@dataclass(frozen=True, slots=True)
class MailAccepted:
    """A mail server took an e-mail; that is no delivery."""

    attempt: UUID
    sid: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A status of a call or text in our own word, from a callback or a look-up."""

    attempt: UUID
    sid: str | None
    status: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The carrier was asked and knows nothing of an attempt."""

    attempt: UUID


@dataclass(frozen=True, slots=True)
class Answered:
    """A call was answered and asks what to say."""

    attempt: UUID
    sid: str | None


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody on call rang us up, and this message is open for them.

    `rides`: the first of the messages that are read out on the same call, None when it is alone;
    `guesses`: how many PINs were tried from that number lately, none of them right; `ours`: the
    number of ours that was rung up, whose carrier speaks for the call.
    """

    attempt: UUID
    contact: str
    phone: str
    sid: str
    rides: UUID | None
    guesses: int = 0
    ours: str | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys pressed on a call, as the answer to script step `step`; empty for silence.

    `guess`: which PIN it is that is tried from a caller's number, 0 where none is asked for.
    """

    attempt: UUID
    sid: str | None
    step: int
    digits: str
    guess: int = 0


@dataclass(frozen=True, slots=True)
class TurnCame:
    """On a call about several messages the one before is dealt with: this one is read out.

    `known`: whoever listens has given the PIN on this call, where one is asked for.
    """

    attempt: UUID
    sid: str | None
    known: bool


@dataclass(frozen=True, slots=True)
class TurnLost:
    """A call about several messages is over before this one was dealt with.

    `outcome`: how the one ended on which it was given up (`wrong_person`, `no_confirm`).
    """

    attempt: UUID
    sid: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class MachineHeard:
    """What answering machine detection believes (TWILIO section 1); it never accepts anything.

    `follows`: another message of the same call has the voicemail left.
    """

    attempt: UUID
    verdict: str
    follows: bool = False


@dataclass(frozen=True, slots=True)
class VoicemailLeft:
    """The voicemail words were put on the line (`done`), or the call had ended before."""

    attempt: UUID
    done: bool


@dataclass(frozen=True, slots=True)
class Replied:
    """A text from a phone about this message; `words` as they came, kept erasable.

    `helped` is true when the answer is a help text. `kept` is false when so many texts in a row
    have changed nothing that one more of these is not put on record.
    """

    phone: str
    contact: str
    said: Said
    words: str
    helped: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True)
class LinkFetched:
    """A secure link's page was fetched: a person, a preview or a scanner, nobody knows."""

    attempt: UUID


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """The Open button of a secure link was pressed: the read receipt."""

    attempt: UUID


@dataclass(frozen=True, slots=True)
class AlertFailed:
    """An alert to a sink (lead, dispatch) reached nobody."""

    sink: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlertReached:
    """An alert that reached nobody at first was taken by its sink after all."""

    sink: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkUnopened:
    """A cue after an accept by code, the link to the details has not been opened."""

    attempt: UUID


@dataclass(frozen=True, slots=True)
class ParkWaits:
    """It is time to see whether somebody has the park that item `seq` began."""

    seq: int


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case about the message was opened: whose it is, and what failed for which job."""

    case: UUID
    owner: str
    cause: Cause
    job: UUID | None


Event = (
    Refusal
    | Doubt
    | MailAccepted
    | Progress
    | NotFound
    | Answered
    | Called
    | Pressed
    | TurnCame
    | TurnLost
    | MachineHeard
    | VoicemailLeft
    | Replied
    | LinkFetched
    | LinkOpened
    | AlertFailed
    | AlertReached
    | LinkUnopened
    | ParkWaits
    | CaseOpened
)
