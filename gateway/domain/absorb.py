"""The street's second door: what an event means for one message, and what to say at once."""

from datetime import datetime
from typing import assert_never

from gateway.domain import dispatch_cases, letters, outcomes, parks, relays, resends, script
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.closing import hear_its_end
from gateway.domain.draft import Draft
from gateway.domain.events import (
    AlertFailed,
    AlertReached,
    Answered,
    Called,
    CaseOpened,
    Doubt,
    Event,
    LinkFetched,
    LinkOpened,
    LinkUnopened,
    MachineHeard,
    MailAccepted,
    NotFound,
    ParkWaits,
    Pressed,
    Progress,
    Refusal,
    Replied,
    TurnCame,
    TurnLost,
    VoicemailLeft,
)
from gateway.domain.speech import Speech
from gateway.domain.state import State


def absorb(
    state: State, event: Event, now: datetime, chance: Chance
) -> tuple[Change, Speech | None]:
    """Decide what an event changes; a call that waits for words also gets its speech."""
    draft = Draft(state, now, chance)
    said = _absorb(draft, event)
    resends.heard(draft)
    return draft.sealed(), said


def _absorb(  # noqa: C901, PLR0912, PLR0915 - one arm an event
    draft: Draft, event: Event
) -> Speech | None:
    match event:  # what comes most often first
        case Progress():
            outcomes.progressed(draft, event)
        case Replied():
            letters.replied(draft, event)
        case Answered():
            return script.answered(draft, event)
        case Pressed():
            said = script.pressed(draft, event)
            hear_its_end(draft, event.attempt)
            return said
        case TurnCame() | TurnLost() | Called():
            return relays.turned(draft, event)
        case MachineHeard():
            script.machine_heard(draft, event)
        case VoicemailLeft():
            script.voicemail_left(draft, event)
            hear_its_end(draft, event.attempt)
        case Refusal():
            outcomes.refused(draft, event)
        case Doubt():
            outcomes.doubted(draft, event)
        case NotFound():
            outcomes.not_found(draft, event)
        case MailAccepted():
            outcomes.mail_accepted(draft, event)
        case LinkFetched():
            letters.link_fetched(draft, event)
        case LinkOpened():
            letters.link_opened(draft, event)
        case LinkUnopened() | AlertFailed() | AlertReached() | ParkWaits() | CaseOpened():
            _errand_told(draft, event)
        case _:
            assert_never(event)
    return None


def _errand_told(
    draft: Draft, event: LinkUnopened | AlertFailed | AlertReached | ParkWaits | CaseOpened
) -> None:
    """Take what came of an errand, or what it found."""
    match event:
        case LinkUnopened():
            letters.link_unopened(draft, event)
        case AlertFailed():
            outcomes.alert_failed(draft, event)
        case AlertReached():
            outcomes.alert_reached(draft, event)
        case ParkWaits():
            parks.waited(draft, event)
        case CaseOpened():
            dispatch_cases.told(draft, event)
