"""Guesses: whose PIN is asked for on a call, and how many may be tried from one number.

A caller's number can be forged, so whoever calls us again and again is not asked again and again.
"""

from datetime import timedelta
from typing import Final

from gateway.domain.attempts import Attempt
from gateway.domain.draft import Draft
from gateway.domain.rounds import about
from gateway.domain.wording import alerts

# Two calls' worth, whoever calls and how often.
MOST: Final = 6
WINDOW: Final = timedelta(days=1)


def barred(guesses: int) -> bool:
    """Tell whether so many PINs were tried from a number that it is asked for none more."""
    return guesses >= MOST


def pin_of(draft: Draft, attempt: Attempt) -> str | None:
    """Return the PIN to ask for: only where details are protected (CONTRACT section 6)."""
    account = draft.state.account
    if account is None or not account.phi:
        return None
    contact = account.contacts.get(attempt.contact)
    return contact.pin if contact else None


def pin_length(draft: Draft, attempt: Attempt) -> int:
    """Return for how many keys to wait: the PIN's, so that it may but need not end with #."""
    return len(pin_of(draft, attempt) or "")


def note_wrong(draft: Draft, attempt: Attempt, guess: int) -> bool:
    """Tell whether a wrong PIN was the last from its number for a while; then a lead hears of it.

    `guess` is which one it is from there, 0 on a call of ours. One that was counted may be lost.
    """
    if barred(guess):
        job = draft.job(attempt.job)
        who = alerts.Reached(draft.state.contact_name(attempt.contact), attempt.address)
        draft.alert_lead(job.id, "wrong_pins", alerts.wrong_pins(about(job), who, MOST))
    return barred(guess)
