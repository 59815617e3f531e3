"""What a web post says: the client's fields, filled from a message, as JSON or XML (S3-55…58)."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

import orjson

from gateway.domain.charset import Charset, strange, suggestion
from gateway.domain.content import Content
from gateway.domain.history import stamp
from gateway.domain.messages import Message

LITERAL: Final = "="
_TYPES: Final = {"json": "application/json", "xml": "application/xml; charset=utf-8"}
_ADDRESS = re.compile(r"\S+@\S+")
# Of one value people need see only so many characters to know what is wrong with it.
_MOST_STRANGE: Final = 20


def _instant(at: datetime | None) -> str | None:
    return stamp(at) if at is not None else None


class Told(NamedTuple):
    """What a post may tell: a message with its words, its account's name, and the post's kind."""

    message: Message
    content: Content
    account_name: str
    kind: str


SOURCES: Final[Mapping[str, Callable[[Told], str | None]]] = MappingProxyType(
    {
        "kind": lambda told: told.kind,
        "account": lambda told: told.message.key.account,
        "account.name": lambda told: told.account_name,
        "ucn": lambda told: told.message.key.ucn,
        "priority": lambda told: told.message.priority.word,
        "form": lambda told: told.message.form,
        "text": lambda told: told.content.text,
        "caller.name": lambda told: told.content.caller_name,
        "caller.phone": lambda told: told.content.caller_phone,
        "taken_at": lambda told: stamp(told.message.taken_at),
        "taken_by": lambda told: told.message.taken_by,
        "delivered_at": lambda told: _instant(told.message.delivered_at),
        "delivered_to": lambda told: told.message.delivered_to,
        "evidence": lambda told: told.message.evidence,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A character that the client does not take (S3-57), `field` being the client's.

    `suggestion` is the whole value in characters that are taken, None where there is no such
    spelling; `email_changed`: it is an e-mail address, which would be another one.
    """

    field: str
    character: str
    codepoint: str
    index: int
    value: str
    suggestion: str | None
    email_changed: bool


def values(fields: Mapping[str, str], told: Told) -> dict[str, str]:
    """Fill the client's fields, `theirs: ours`; what a message does not have is empty.

    Ours is one of SOURCES, `fields.KEY`, `=` with fixed words, or a field's key by itself: a form's
    own field goes before a name of ours.
    """
    return {theirs: _value(ours, told) for theirs, ours in fields.items()}


def _value(ours: str, told: Told) -> str:
    if ours.startswith(LITERAL):
        return ours.removeprefix(LITERAL)
    given = told.content.fields
    if ours in given:
        return given[ours]
    if ours in SOURCES:
        return SOURCES[ours](told) or ""
    return given.get(ours.removeprefix("fields."), "")


def faults(filled: Mapping[str, str], taken: Charset) -> tuple[Fault, ...]:
    """Find every character that the client does not take, in every field (S3-55, S3-57)."""
    return tuple(fault for field, value in filled.items() for fault in _in(field, value, taken))


def _in(field: str, value: str, taken: Charset) -> Iterator[Fault]:
    odd = list(strange(value, taken))[:_MOST_STRANGE]
    if not odd:
        return
    better, email = suggestion(value, taken), bool(_ADDRESS.search(value))
    for one in odd:
        yield Fault(field, one.character, one.codepoint, one.index, value, better, email)


def suggested(filled: Mapping[str, str], taken: Charset) -> dict[str, str]:
    """Return the fields with each value that has a better spelling in it."""
    better = {field: suggestion(value, taken) for field, value in filled.items()}
    return {field: value if (s := better[field]) is None else s for field, value in filled.items()}


def body(form: str, kind: str, filled: Mapping[str, str]) -> tuple[str, bytes]:
    """Write the body of a post and its content type; in XML the kind is the element around."""
    if form == "xml":
        root = ET.Element(kind)
        for field, value in filled.items():
            ET.SubElement(root, field).text = value
        written = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        # A bare carriage return would be read as a newline (XML 1.0, section 2.11).
        return _TYPES[form], written.replace(b"\r", b"&#13;")
    return _TYPES[form], orjson.dumps(dict(filled))


def accepted(rule: str | None, answer: str) -> bool:
    """Tell whether the body of a 2xx answer says yes: `/regex/` found in it, or a text (S3-56)."""
    if rule is None:
        return True
    if rule.startswith("/") and rule.endswith("/") and len(rule) > len("//"):
        return re.search(rule[1:-1], answer) is not None
    return rule in answer
