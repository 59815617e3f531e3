"""Restoring: a number that was suspended as somebody else's may be used again. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.draft import Draft
from gateway.domain.history import Note, Outcome
from gateway.domain.state import State

_KIND: Final = "endpoint.restored"


def on_record(contact: str, actor: str) -> Note:
    """Return what an account's own record says of it; `contact` is a key, or `office`."""
    return Note(_KIND, _words(contact), Outcome.SUCCESS, {"contact": contact}, actor=actor)


def tell(
    state: State, contacts: Sequence[str], actor: str, now: datetime, chance: Chance
) -> Change | None:
    """Have a message know whose number may be used again; None when it is over.

    The next round reaches them like everybody else.
    """
    if state.message.closed or all(job.state.terminal for job in state.jobs):
        return None
    draft = Draft(state, now, chance)
    draft.actor = actor
    for contact in contacts:
        words = _words(state.contact_name(contact))
        draft.note(_KIND, words, Outcome.SUCCESS, contact=contact)
    return draft.sealed()


def _words(name: str) -> str:
    return f"The number of {name} is restored: it may be used again."
