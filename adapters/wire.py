"""What crosses the wire, whoever carries it: answers, replies, and what a transport promises.

An expected failure is an answer, never an exception; only reads (a fetch, a list) raise, because
"nothing found" and "could not look" must not be mistaken for each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

Kind = Literal["number", "account", "content", "retryable", "ambiguous", "opt_out", "unknown"]
"""Why a carrier said no, by what to do about it; `adapters.twilio.errors` holds the table."""


_FAULTY, _THEIRS = 400, 500
# Not our credentials, too slow, too often: who says so does no work for us.
_NOT_HEARD = frozenset({401, 403, 408, 429})


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took it and named it `sid`; this is never delivery."""

    sid: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite no: nothing was placed.

    `again`: the very same attempt may be sent again (after `after` seconds, where the carrier
    said so). `ours`: an account, settings or content fault, which an operator must hear of.
    """

    code: int | None
    words: str
    again: bool
    ours: bool
    after: float | None = None
    kind: Kind = "unknown"


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have happened: a timeout, a broken connection, a 5xx or an unreadable answer."""

    words: str


Answer = Accepted | Refused | Unsure


class Reply(NamedTuple):
    """One HTTP reply as it came; header names in whatever case the far side used."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the header of that name, in any case, or None."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), None)


class WireError(Exception):
    """The far side was not reached or not understood; the words hold no address and no secret.

    `declined`: it is there and knows us, and only would not have this request.
    """

    declined = False


class NotSent(WireError):  # noqa: N818 - it names what happened, as Broken does
    """Nothing left this host: connection refused, no such name, TLS refused, connect timeout."""


class Broken(WireError):  # noqa: N818 - see NotSent
    """The request left, or may have; no complete reply came back."""


class Unread(WireError):  # noqa: N818 - see NotSent
    """A reply came to a fetch or a list, but not the records asked for. `status`: its own, or 0."""

    def __init__(self, words: str, status: int = 0) -> None:
        """Keep what the reply said."""
        super().__init__(words)
        self.declined = _FAULTY <= status < _THEIRS and status not in _NOT_HEARD


class Transport(Protocol):
    """Carries one HTTP request at a time, exactly once, without redirects or retries."""

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Return the reply, or raise NotSent or Broken."""

    async def close(self) -> None:
        """Let go of all connections; a second call does nothing."""
