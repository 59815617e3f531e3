"""What an account manager may read: the messages that are flagged for them (CONTRACT section 5)."""

from typing import Final

from gateway.domain.deeds import Person
from gateway.store.messages import Shown
from gateway.web.problems import ProblemError

MANAGER: Final = "account_manager"


def only_flagged(who: Person, shown: Shown | None = None) -> None:
    """Refuse an account manager everything but a flagged message; all other readers read all."""
    if who.role == MANAGER and (shown is None or shown.message.aside.review is None):
        raise ProblemError(403, "forbidden", "an account manager reads flagged messages only")
