"""Requests of the REST API read and judged: what was asked for, or the vendor's error."""

import re
from urllib.parse import urlsplit

from adapters.simulator.errors import RestError
from adapters.simulator.forms import Form
from adapters.simulator.people import E164
from adapters.simulator.records import CallOrder, Link

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
DETECTIONS = ("Enable", "DetectMessageEnd")
SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
MOST_RING, RING, TIME_LIMIT = 600, 60, 14_400
MOST_BODY, MOST_TWIML, MOST_VALIDITY = 1600, 4000, 36_000


def read_call(form: Form, numbers: tuple[str, ...]) -> CallOrder:
    """Judge a call request; RestError with the vendor's code names the first fault."""
    _phone(form, "To", (21201, 21211))
    _phone(form, "From", (21213, 21212))
    if numbers and form.get("From") not in numbers:
        raise RestError(21210, f"The source phone number {form.get('From')} is not yours")
    twiml = form.get("Twiml")
    if not form.get("Url") and not twiml:
        raise RestError(21205, "Url parameter is required")
    if len(twiml) > MOST_TWIML:
        raise RestError(21205, "Twiml is longer than 4000 characters")
    detection = form.get("MachineDetection")
    if detection and detection not in DETECTIONS:
        raise RestError(20001, f"MachineDetection {detection} is not known")
    asynchronous = form.get("AsyncAmd") == "true"
    return CallOrder(
        answer=read_link(form, "Url", "Method", 21205),
        twiml=twiml,
        fallback=read_link(form, "FallbackUrl", "FallbackMethod", 21205),
        status=read_link(form, "StatusCallback", "StatusCallbackMethod", 21609),
        events=_events(form),
        ring=_number(form, "Timeout", RING, MOST_RING),
        time_limit=_number(form, "TimeLimit", TIME_LIMIT, TIME_LIMIT),
        detection=f"{'async' if asynchronous else 'sync'} {detection}" if detection else "",
        detection_hook=read_link(
            form, "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", 21609
        ),
    )


def read_text(form: Form, numbers: tuple[str, ...]) -> Link | None:
    """Judge a message request and give its status callback; RestError as the vendor does."""
    _phone(form, "To", (21604, 21211))
    service = form.get("MessagingServiceSid") or form.get("From")
    if not service:
        raise RestError(21603, "A 'From' phone number is required.")
    if service.startswith("MG"):
        if not SERVICE.fullmatch(service):
            raise RestError(21701, f"The Messaging Service {service} does not exist.")
    else:
        _phone(form, "From", (21603, 21212))
        if numbers and service not in numbers:
            raise RestError(21606, f"The 'From' phone number {service} is not yours")
    body = form.get("Body")
    if not body and not form.has("MediaUrl"):
        raise RestError(21602, "Message body is required.")
    if len(body) > MOST_BODY:
        raise RestError(21617, "The concatenated message body exceeds the 1600 character limit")
    _number(form, "ValidityPeriod", MOST_VALIDITY, MOST_VALIDITY)
    return read_link(form, "StatusCallback", "", 21609)


def read_link(form: Form, name: str, method: str, code: int) -> Link | None:
    """Read an address and its method; absent is None, not absolute http(s) is an error."""
    url = form.get(name)
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname:
        raise RestError(code, f"{name} is not a valid URL: {url}")
    verb = form.get(method, "POST").upper() or "POST"
    if verb not in ("GET", "POST"):
        raise RestError(20001, f"{method} must be GET or POST")
    return Link(url, verb)


def _phone(form: Form, name: str, codes: tuple[int, int]) -> None:
    missing, invalid = codes
    number = form.get(name)
    if not number:
        raise RestError(missing, f"No '{name}' number is specified")
    if not E164.fullmatch(number):
        raise RestError(invalid, f"Invalid '{name}' Phone Number: {number}")


def _events(form: Form) -> frozenset[str]:
    asked = frozenset(form.every("StatusCallbackEvent")) or frozenset({"completed"})
    if asked - EVENTS:
        raise RestError(21626, f"Invalid StatusCallbackEvent: {min(asked - EVENTS)}")
    return asked


def _number(form: Form, name: str, default: int, most: int) -> int:
    raw = form.get(name)
    if not raw:
        return default
    if not raw.isdecimal() or not 1 <= int(raw) <= most:
        raise RestError(20001, f"{name} must be a number from 1 to {most}, not {raw}")
    return int(raw)
