"""The call script: what is said on the line, and what a key means at that moment (S3-72).

A machine never accepts; only a key pressed after the message has begun does (CONTRACT section 6).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gateway.domain import guesses
from gateway.domain.attempts import KEYED, MACHINE, PIN, PROMPT, SPOKEN, Attempt, AttemptState
from gateway.domain.change import ErrandKind, PhoneFlag
from gateway.domain.closing import counts, deliver, end_attempt
from gateway.domain.draft import Draft
from gateway.domain.events import Answered, MachineHeard, Pressed, VoicemailLeft
from gateway.domain.guesses import pin_length, pin_of
from gateway.domain.history import Outcome
from gateway.domain.rounds import about
from gateway.domain.speech import Ask, Speech, Tell
from gateway.domain.state import State
from gateway.domain.wording import alerts, voice

LISTEN_FOR = timedelta(seconds=30)
ASK_AGAIN = 10
# A second press this soon after the first is a double tap, not an answer to what was just begun.
DOUBLE_TAP = timedelta(seconds=2)
_PINS = 3


def answered(draft: Draft, event: Answered) -> Speech:
    """Somebody or something picked up: say who calls and for whom, and nothing more."""
    attempt = draft.attempt(event.attempt)
    if not attempt.open or draft.message.closed:
        return over(draft.state, attempt)
    pick_up(draft, attempt, event.sid)
    return speech(draft, draft.attempt(attempt.id))


def pick_up(draft: Draft, attempt: Attempt, sid: str | None) -> None:
    """Record the answer once, whichever webhook brings it first."""
    if attempt.answered_at is not None:
        return
    name = draft.state.contact_name(attempt.contact)
    words = f"The phone of {name} was answered."
    draft.note("dial.answered", words, Outcome.SUCCESS, attempt=attempt, contact=attempt.contact)
    risen = attempt.risen(AttemptState.ANSWERED)._replace(sid=attempt.sid or sid)
    # The count was of tries on the wire; from now on it is of PINs.
    draft.keep(risen._replace(answered_at=draft.now, stage_at=draft.now, tries=0))


def speech(draft: Draft, attempt: Attempt) -> Speech:
    """Return what to say where the script now stands."""
    account, content = draft.state.account, draft.state.content
    if account is None or content is None:
        return Tell(voice.trouble())
    left = _left(attempt, draft.now)
    timeout = max(1, min(ASK_AGAIN, left))
    if attempt.stage == PIN:
        return Ask(voice.pin_prompt(), attempt.step, timeout, pin_length(draft, attempt))
    priority = draft.message.priority.word
    if attempt.stage == SPOKEN:
        about = voice.about(account.name, priority) if attempt.is_inbound else ()
        return Ask((*about, *voice.message(content)), attempt.step, timeout)
    if attempt.is_inbound:
        return Ask(voice.inbound_open(1, times=1), attempt.step, timeout)
    name = draft.state.contact_name(attempt.contact)
    return Ask(voice.prompt(account.name, name, priority, times=1), attempt.step, timeout)


def _left(attempt: Attempt, now: datetime) -> int:
    """Return the whole seconds for which the call still waits for a key."""
    since = attempt.stage_at or now
    return int((LISTEN_FOR - (now - since)).total_seconds())


def over(state: State, attempt: Attempt) -> Speech:
    """Say how an attempt ended that has nothing more to ask."""
    spoken = {
        "accepted": voice.accepted,
        "declined": voice.passed,
        "wrong_person": voice.wrong_person,
        "no_confirm": voice.no_key,
    }.get(attempt.outcome or "")
    if spoken:
        return Tell(spoken())
    if not state.message.closed:
        # A call that was given up for lost rings after all: nobody is told what is not so.
        return Tell(voice.trouble())
    holder = state.message.delivered_to
    return Tell(voice.taken(state.contact_name(holder) if holder else None))


def pressed(draft: Draft, event: Pressed) -> Speech:
    """Take a key, or the silence instead of one, as the answer to the script's current step."""
    attempt = draft.attempt(event.attempt)
    if not attempt.open or draft.message.closed:
        return over(draft.state, attempt)
    pick_up(draft, attempt, event.sid)
    attempt = draft.attempt(attempt.id)
    if event.step < attempt.step:
        return speech(draft, attempt)
    attempt = attempt._replace(step=attempt.step + 1)
    draft.keep(attempt)
    if not event.digits:
        return _silence(draft, attempt)
    if attempt.stage == PIN:
        return _pin(draft, attempt, event)
    return _key(draft, attempt, event.digits)


def _silence(draft: Draft, attempt: Attempt) -> Speech:
    if _left(attempt, draft.now) > 0:
        return speech(draft, attempt)
    return no_confirm(draft, attempt, voice.no_key())


def no_confirm(draft: Draft, attempt: Attempt, say: tuple[str, ...]) -> Speech:
    """End a call that was answered but on which nobody accepted."""
    if attempt.is_inbound:  # what looks for somebody goes on by itself
        draft.keep(attempt.over("no_confirm"))
        return Tell(voice.inbound_over())
    name = draft.state.contact_name(attempt.contact)
    words = f"The call to {name} was answered, but nobody accepted."
    draft.note("dial.no_confirm", words, Outcome.FAILURE, attempt=attempt, contact=attempt.contact)
    end_attempt(draft, attempt, "no_confirm")
    return Tell(say)


def _key(draft: Draft, attempt: Attempt, digits: str) -> Speech:
    match digits[0]:
        case "1":
            return _one(draft, attempt)
        case "2" if _offered(attempt, "2"):
            return _decline(draft, attempt)
        case "9" if _offered(attempt, "9"):
            return _wrong_person(draft, attempt)
        case "*" if attempt.stage == SPOKEN:
            return go_to(draft, attempt, SPOKEN)
        case _ if attempt.stage == PROMPT:
            return go_to(draft, attempt, KEYED)
        case _:
            return speech(draft, attempt)


def _offered(attempt: Attempt, key: str) -> bool:
    """Whoever calls us is nobody wrong: 9 means nothing there, and 2 nothing before the message."""
    return not attempt.is_inbound or (key == "2" and attempt.stage == SPOKEN)


def _one(draft: Draft, attempt: Attempt) -> Speech:
    """Hear the message at the first 1, accept it at the next, if that is no double tap."""
    if attempt.stage != SPOKEN:
        return go_to(draft, attempt, PIN if pin_of(draft, attempt) else SPOKEN)
    if draft.now - (attempt.stage_at or draft.now) < DOUBLE_TAP:
        return speech(draft, attempt)
    return _accept(draft, attempt)


def go_to(draft: Draft, attempt: Attempt, stage: str) -> Speech:
    """Let the script stand at another stage from now on, and return what is said there."""
    if attempt.is_inbound and stage == SPOKEN != attempt.stage:
        _note_read_out(draft, attempt)
    attempt = attempt._replace(stage=stage, stage_at=draft.now)
    draft.keep(attempt)
    return speech(draft, attempt)


def _note_read_out(draft: Draft, attempt: Attempt) -> None:
    name, who = draft.state.contact_name(attempt.contact), attempt.contact
    words = f"The message is read out to {name}, who called us."
    draft.note("inbound.read_out", words, Outcome.SUCCESS, attempt=attempt, contact=who)


def _pin(draft: Draft, attempt: Attempt, event: Pressed) -> Speech:
    spent = guesses.barred(event.guess - 1)
    if not spent and event.digits.rstrip("#") == pin_of(draft, attempt):
        return go_to(draft, attempt, SPOKEN)
    attempt = attempt._replace(tries=attempt.tries + 1)
    draft.keep(attempt)
    if guesses.note_wrong(draft, attempt, event.guess):
        draft.keep(attempt.over("no_confirm"))
        return Tell(voice.inbound_barred())
    if attempt.tries >= _PINS:
        return no_confirm(draft, attempt, voice.pin_refused())
    return Ask(voice.wrong_pin(), attempt.step, ASK_AGAIN, pin_length(draft, attempt))


def _accept(draft: Draft, attempt: Attempt) -> Speech:
    draft.actor = f"contact:{attempt.contact}"
    name = draft.state.contact_name(attempt.contact)
    draft.note(
        "relay.accepted",
        f"{name} accepted by key.",
        Outcome.SUCCESS,
        attempt=attempt,
        contact=attempt.contact,
        evidence="key_press",
        **_source(attempt),
    )
    draft.keep(attempt.over("accepted"))
    draft.actor = "gateway"
    if not counts(draft, attempt, "key_press"):
        end_attempt(draft, attempt, "accepted")
        return Tell(voice.noted())
    deliver(draft, "key_press", attempt.contact, attempt)
    return Tell(voice.accepted())


def _decline(draft: Draft, attempt: Attempt) -> Speech:
    draft.actor = f"contact:{attempt.contact}"
    words, who = f"{draft.state.contact_name(attempt.contact)} cannot take it.", attempt.contact
    draft.note("relay.declined", words, attempt=attempt, contact=who, **_source(attempt))
    draft.actor = "gateway"
    end_attempt(draft, attempt, "declined")
    if attempt.is_inbound:
        _pass_on(draft, attempt)
    return Tell(voice.passed())


def _source(attempt: Attempt) -> dict[str, Any]:
    """Name whence an answer came that was given on a call to us."""
    return {"source": attempt.source} if attempt.is_inbound else {}


def _pass_on(draft: Draft, attempt: Attempt) -> None:
    """Nobody waits any longer for an answer that was given on another call."""
    for one in draft.attempts_of(attempt.job):
        waits = one.open and one.holds_until is not None and not one.is_inbound
        if waits and one.contact == attempt.contact:
            end_attempt(draft, one, "declined")


def _wrong_person(draft: Draft, attempt: Attempt) -> Speech:
    """Key 9: the number is not the person's; nobody calls it until it has been checked."""
    who, why = attempt.contact, "wrong_person"
    name = draft.state.contact_name(attempt.contact)
    words = f"Whoever answered is not {name}; the number is suspended."
    not_them = f"It is not {name} who answered."
    draft.note("relay.declined", not_them, attempt=attempt, contact=who, reason=why)
    draft.note(
        "endpoint.suspended", words, Outcome.SUCCESS, attempt=attempt, contact=who, reason=why
    )
    job = draft.job(attempt.job)
    line = alerts.wrong_person(about(job), alerts.Reached(name, attempt.address))
    draft.alert_lead(job.id, "wrong_person", line)
    draft.flags.append(PhoneFlag(attempt.address, suspended="wrong_person"))
    end_attempt(draft, attempt, "wrong_person")
    return Tell(voice.wrong_person())


def machine_heard(draft: Draft, event: MachineHeard) -> None:
    """A machine picked up: leave the voicemail; after any key a verdict means nothing."""
    attempt = draft.attempt(event.attempt)
    untouched = attempt.open and attempt.stage == PROMPT
    if not untouched or not event.verdict.startswith("machine") or draft.message.closed:
        return
    pick_up(draft, attempt, None)
    attempt = draft.attempt(attempt.id)
    draft.keep(attempt._replace(stage=MACHINE))
    if not event.follows:
        draft.errand(ErrandKind.VOICEMAIL, attempt)


def voicemail_left(draft: Draft, event: VoicemailLeft) -> None:
    """The words are on the machine (S3-73): recorded, not relayed; the round goes on."""
    attempt = draft.attempt(event.attempt)
    if not attempt.open or attempt.stage != MACHINE:
        return
    name = draft.state.contact_name(attempt.contact)
    who = attempt.contact
    if event.done:
        words = f"A voicemail asks {name} to call back."
        draft.note("vm.left", words, Outcome.SUCCESS, attempt=attempt, contact=who)
    words = f"A machine answered for {name}."
    draft.note("dial.voicemail", words, Outcome.FAILURE, attempt=attempt, contact=who)
    if event.done and counts(draft, attempt, "voicemail"):
        deliver(draft, "voicemail", attempt.contact, attempt)
        draft.keep(draft.attempt(attempt.id).over("voicemail"))
        return
    end_attempt(draft, attempt, "voicemail")


def voicemail_speech(state: State, attempt_id: UUID) -> tuple[str, ...]:
    """Return what a voicemail says: a request to call back, no detail at all (S3-73)."""
    attempt = state.attempt(attempt_id)
    account = state.account
    number = attempt.sender if attempt.sender and attempt.sender.startswith("+") else None
    name = state.contact_name(attempt.contact)
    return voice.voicemail(account.name if account else "your account", name, number)
