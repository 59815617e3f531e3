"""Relays: several messages on one call, read out and answered one after another (S3-67).

The first prompt says how many there are. A key that deals with one message lets the next one begin;
each is accepted or passed by a key of its own, pressed after it has begun.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from gateway.domain.attempts import KEYED, PIN, PROMPT, SPOKEN, Attempt
from gateway.domain.closing import end_attempt
from gateway.domain.draft import Draft
from gateway.domain.events import (
    Answered,
    Called,
    Event,
    MachineHeard,
    NotFound,
    Progress,
    Refusal,
    TurnCame,
    TurnLost,
    VoicemailLeft,
)
from gateway.domain.guesses import pin_of
from gateway.domain.inbound import called
from gateway.domain.script import go_to, no_confirm, over, pick_up, speech
from gateway.domain.speech import Ask, Speech
from gateway.domain.wording import voice

# How a message ends whose call goes no further: nobody listens, or not whom we want.
ENDS_THE_CALL = frozenset({"no_confirm", "wrong_person"})
_AT_THE_PROMPT = frozenset({PROMPT, KEYED})


def turned(draft: Draft, event: TurnCame | TurnLost | Called) -> Speech | None:
    """Go on with the next message of a call, or give it up with the call; take a call to us."""
    match event:
        case TurnCame():
            return _begin(draft, event)
        case Called():
            return called(draft, event)
        case TurnLost():
            _give_up(draft, event)
            return None


def _begin(draft: Draft, event: TurnCame) -> Speech:
    """Read the next message out, after the PIN where one is asked for and not yet given."""
    attempt = draft.attempt(event.attempt)
    if not attempt.open or draft.message.closed:
        return over(draft.state, attempt)
    pick_up(draft, attempt, event.sid)
    attempt = draft.attempt(attempt.id)
    if attempt.stage in {PIN, SPOKEN}:  # a repeated webhook
        said = speech(draft, attempt)
    else:
        asked = pin_of(draft, attempt) and not event.known
        said = go_to(draft, attempt, PIN if asked else SPOKEN)
    return said if attempt.is_inbound else _led_over(draft, said)


def _led_over(draft: Draft, said: Speech) -> Speech:
    account = draft.state.account
    if account is None:
        return said
    lead = voice.next_message(account.name, draft.message.priority.word)
    return replace(said, say=(*lead, *said.say))


def _give_up(draft: Draft, event: TurnLost) -> None:
    """The call was given up before this message's turn: it is not relayed and goes on."""
    attempt = draft.attempt(event.attempt)
    if not attempt.open or draft.message.closed:
        return
    pick_up(draft, attempt, event.sid)
    attempt = draft.attempt(attempt.id)
    if event.outcome != "wrong_person":
        no_confirm(draft, attempt, ())
        return
    name, who = draft.state.contact_name(attempt.contact), attempt.contact
    words = f"It is not {name} who answered."
    draft.note("relay.declined", words, attempt=attempt, contact=who, reason=event.outcome)
    end_attempt(draft, attempt, event.outcome)


def announced(said: Speech, attempt: Attempt, count: int) -> Speech:
    """Say at the first prompt how many messages the call is about."""
    if count <= 1 or not isinstance(said, Ask) or attempt.stage not in _AT_THE_PROMPT:
        return said
    if attempt.is_inbound:
        return replace(said, say=voice.inbound_open(count, times=1))
    first, *rest = said.say
    return replace(said, say=(first, *voice.how_many(count), *rest))


def joined(before: Sequence[str], said: Speech) -> Speech:
    """Say how the last message ended, then the next one, without a goodbye between them."""
    ended = [words for words in before if words != voice.GOODBYE]
    return replace(said, say=(*ended, *said.say))


def retold(event: Event, attempt: UUID) -> Event | None:
    """Return what an event on a shared call or text means for another message of it, if anything.

    A doubt is not retold: what becomes of it is.
    """
    match event:
        case Progress() | NotFound() | Answered() | VoicemailLeft():
            return replace(event, attempt=attempt)
        case Refusal():
            return replace(event, attempt=attempt, ours=False)
        case MachineHeard():
            return replace(event, attempt=attempt, follows=True)
        case _:
            return None
