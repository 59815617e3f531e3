"""TwiML read into verbs; what the simulator does not act on is passed over."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

TIMEOUT = 5


class TwimlError(ValueError):
    """A document that is no TwiML (vendor codes 12100, 12200)."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Say:
    """Words spoken; they take no time here."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence of so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Gather:
    """Wait for keys; `most` 0 is without limit, `finish` the ending keys, times in seconds."""

    prompts: tuple[Say | Pause, ...]
    action: str
    method: str
    timeout: int
    most: int
    finish: str
    on_empty: bool
    keys: bool


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document; an empty `url` is the current one."""

    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse an inbound call: `reason` rejected or busy."""

    reason: str


@dataclass(frozen=True, slots=True)
class Message:
    """A text sent back to whoever wrote."""

    body: str


Verb = Say | Pause | Gather | Redirect | Hangup | Reject | Message


def read_twiml(text: str) -> tuple[Verb, ...]:
    """Read a `<Response>`; TwimlError 12100 if it is not XML, 12200 if it is another document."""
    try:
        root = ET.fromstring(text.strip())  # noqa: S314 - the answer of our own program
    except ET.ParseError as fault:
        raise TwimlError(12100, f"Document parse failure: {fault}") from fault
    if root.tag != "Response":
        raise TwimlError(12200, f"Schema validation warning: <{root.tag}> is no <Response>")
    return tuple(READERS[node.tag](node) for node in root if node.tag in READERS)


def _words(node: ET.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def _say(node: ET.Element) -> Say:
    return Say(_words(node))


def _pause(node: ET.Element) -> Pause:
    return Pause(_number(node, "length", 1))


def _gather(node: ET.Element) -> Gather:
    prompts = tuple(
        _say(child) if child.tag == "Say" else _pause(child)
        for child in node
        if child.tag in ("Say", "Pause")
    )
    return Gather(
        prompts=prompts,
        action=node.get("action", ""),
        method=node.get("method", "POST").upper(),
        timeout=_number(node, "timeout", TIMEOUT),
        most=_number(node, "numDigits", 0),
        finish=node.get("finishOnKey", "#"),
        on_empty=node.get("actionOnEmptyResult", "false").lower() == "true",
        keys="dtmf" in node.get("input", "dtmf").split(),
    )


def _number(node: ET.Element, name: str, default: int) -> int:
    raw = node.get(name, "")
    if raw and not raw.isdecimal():
        raise TwimlError(12200, f'Schema validation warning: {name}="{raw}" of <{node.tag}>')
    return int(raw) if raw else default


def _redirect(node: ET.Element) -> Redirect:
    return Redirect((node.text or "").strip(), node.get("method", "POST").upper())


def _hangup(_: ET.Element) -> Hangup:
    return Hangup()


def _reject(node: ET.Element) -> Reject:
    return Reject(node.get("reason", "rejected"))


def _message(node: ET.Element) -> Message:
    bodies = node.findall("Body")
    if bodies:
        return Message("".join("".join(body.itertext()) for body in bodies))
    return Message((node.text or "").strip())


READERS: dict[str, Callable[[ET.Element], Verb]] = {
    "Say": _say,
    "Pause": _pause,
    "Gather": _gather,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
    "Message": _message,
}
