"""Who dispatched a message, computed from its history (S3-40, S3-42). Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

_STARTS: Final = frozenset({"dial.started", "sms.sent", "secure.sent", "email.sent"})
# A person's own call, by an agent, a dispatcher or a lead.
_BY_HAND: Final = frozenset({"forced", "person"})
_REPORTS: Final = frozenset({"relay.accepted", "relay.declined"})
# The kinds of item that tell.
KINDS: Final = (*sorted(_STARTS | _REPORTS),)
_NO_DISPATCH: Final = frozenset({"resend", "copy"})


class Audit(NamedTuple):
    """Whether the gateway itself reached out, and all who did (actors), in order."""

    auto: bool
    by: tuple[str, ...] = ()


NOBODY: Final = Audit(auto=False)


def audit(deeds: Iterable[tuple[str, str, str | None]]) -> Audit:
    """Tell from a history's items: kind, actor and source of each, in order.

    A resend is asked for by a person, and a copy goes to the client: neither is dispatch.
    """
    auto = False
    by: dict[str, None] = {}
    for kind, actor, source in deeds:
        started = kind in _STARTS and source not in _NO_DISPATCH
        auto = auto or started
        if started or (kind in _REPORTS and source in _BY_HAND):
            by[actor] = None
    return Audit(auto, tuple(by))
