"""Twilio's error codes: what each class of them means for the next step.

Twilio warns that codes change, so the class only chooses a side effect; every failure moves on to
the next way of reaching the person. A code not listed is a refusal of unknown cause.
"""

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.wire import Answer, Kind, Refused, Reply, Unsure

CALL_ENDED: Final = 21220
"""An update of a call that has already ended: nothing to do, nothing wrong."""

TOO_MANY: Final = 20429

ABROAD: Final = frozenset({13227, 21215, 21219, 21408, 21608})
"""Refusals of our account that are about the number reached only, such as its country."""

_WORDS: Final[dict[Kind, dict[int, str]]] = {
    "number": {
        13225: "the number is blocked for calls",
        13224: "the number cannot be called",
        21211: "the number is not valid",
        21214: "the number cannot be reached",
        21216: "the number is blocked for calls",
        21217: "the number is not valid",
        21612: "no route for texts to the number",
        21614: "the number cannot take texts",
        30004: "the recipient blocks the text",
        30005: "the handset is unknown",
        30006: "a landline or an unreachable carrier",
        63003: "the channel does not know the recipient",
        63024: "the recipient is not valid",
        63036: "the recipient cannot take this channel",
    },
    "account": {
        10001: "the account is not active",
        20003: "the credentials are not valid",
        20005: "the account is not active",
        13227: "calls to that country are not allowed",
        21205: "our URL is not valid",
        21210: "the sending number is not verified",
        21212: "the sending number is not valid",
        21215: "calls to that country are not allowed",
        21219: "a trial account may not call the number",
        21408: "texts to that country are not allowed",
        21601: "the sending number cannot call or text",
        21603: "a sending number is required",
        21606: "the sending number does not belong to the account",
        21608: "a trial account may not text the number",
        21609: "our status URL is not valid",
        21701: "the messaging service does not exist",
        21703: "the messaging service has no number",
        21704: "the messaging service has no number",
        21705: "the messaging service is not valid",
        21711: "the messaging service's number is not valid",
        21712: "the number belongs to another messaging service",
        30002: "the account is suspended",
        30007: "filtered by the carrier",
        30032: "the toll-free number is not verified",
        30034: "the sending number is not registered",
        30035: "the sending number's registration is not complete",
        63001: "the channel's credentials are not valid",
        63007: "the channel has no such sender",
        63016: "the message needs an approved template",
        63020: "the channel's account is not accepted",
        63051: "the channel's account is locked",
    },
    "content": {
        21602: "the text is empty",
        21604: "no recipient was given",
        21617: "the text is too long",
        21619: "the text or its media is missing",
        21620: "the media address is not valid",
        21654: "the template is not valid",
        21655: "the template does not exist",
        21656: "the template's values are not valid",
        30019: "the content is too large",
        63005: "the channel rejects the content",
        63013: "the channel's policy rejects the content",
        63021: "the channel finds the content not valid",
    },
    "retryable": {
        10004: "too many calls at once",
        20429: "too many requests",
        21611: "the sending number's queue is full",
        22005: "the call queue is full",
        30001: "the text queue is full",
        30003: "the handset cannot be reached",
        30008: "the carrier gives no reason",
        30017: "the carrier's network is congested",
        30022: "the sending number's rate limit",
        30023: "the sending number's daily limit",
        30027: "the campaign's daily limit",
        30410: "the carrier did not answer in time",
        30450: "held back by the carrier",
        63010: "the channel failed",
        63012: "the channel failed",
        63018: "the channel's rate limit",
        63038: "the account's daily limit",
    },
    "ambiguous": {
        20500: "the carrier failed",
        20503: "the carrier is not available",
    },
    "opt_out": {
        21610: "the recipient has opted out of texts",
        30610: "the recipient's quiet hours",
        30640: "the recipient is listed as a litigator",
    },
    "unknown": {CALL_ENDED: "the call had already ended"},
}
_TABLE: Final = {code: (kind, words) for kind, by in _WORDS.items() for code, words in by.items()}
_OURS: Final = frozenset({"account", "content"})
_NUMBER = re.compile(r"\+?\d(?:[\s().-]*\d){6,}")
_LONGEST = 200
_LOWEST_CODE = 10000


@dataclass(frozen=True, slots=True)
class Fault:
    """One error code understood: its class, plain words, and whether the fault is ours."""

    code: int | None
    kind: Kind
    words: str
    ours: bool


def fault(code: int | None) -> Fault:
    """Look a code up, be it of a refused request or of a failed callback; None is unknown."""
    kind, words = _TABLE.get(code or 0, ("unknown", "cause unknown"))
    return Fault(code, kind, words, kind in _OURS)


def answer_for(reply: Reply) -> Answer:
    """Turn a reply other than 2xx into an answer.

    429 was never processed and may be sent again; other 4xx are definite; 408, 5xx and
    whatever else might have happened are Unsure.
    """
    code, message = _read(reply.body)
    if reply.status == 429:  # noqa: PLR2004 - HTTP's own numbers
        words = fault(TOO_MANY).words
        return Refused(
            TOO_MANY, words, again=True, ours=False, after=_after(reply), kind="retryable"
        )
    if not 400 <= reply.status < 500 or reply.status == 408:  # noqa: PLR2004
        return Unsure(f"the carrier answered HTTP {reply.status}")
    known = fault(code)
    words = known.words if code in _TABLE else (masked(message) or known.words)
    ours = known.ours or reply.status in {401, 403}
    kind: Kind = "account" if ours and known.kind == "unknown" else known.kind
    return Refused(code, f"{code or f'HTTP {reply.status}'}: {words}", False, ours, None, kind)


def masked(words: str) -> str:
    """Return one short line without phone numbers: refusals are shown and kept in history."""
    return _NUMBER.sub("[number]", " ".join(words.split()))[:_LONGEST]


def _read(body: bytes) -> tuple[int | None, str]:
    """Return Twilio's code and message; an HTML page from something between us has neither."""
    try:
        problem = json.loads(body)
        code = int(problem.get("code") or 0)
        message = str(problem.get("message") or problem.get("title") or "")
    except (ValueError, TypeError, AttributeError):
        return None, ""
    return (code if code >= _LOWEST_CODE else None), message


def _after(reply: Reply) -> float | None:
    """Return Retry-After in seconds; a date is measured from the reply's own Date."""
    told = (reply.header("Retry-After") or "").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
        return max(0.0, (until - parsedate_to_datetime(reply.header("Date") or "")).total_seconds())
    except (ValueError, TypeError):
        return None
