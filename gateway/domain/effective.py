"""What holds for an account, value by value: from its document, or by default (S3-93)."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from gateway.domain.document_models import AccountDocument, Protocol
from gateway.domain.document_schedules import Part
from gateway.domain.protocols import DEFAULT_PROTOCOL, DEFAULT_STEPS, EVIDENCE

DOCUMENT, DEFAULT = "document", "default"
# What a protocol says, in the contract's order; `when` says what it is for.
RULES: Final = (
    *("cue", "limit", "ring", "permanent", "voicemail", "steps", "evidence", "hold", "rotation"),
)
_OF_ACCOUNT: Final = ("phi", "office", "permanent", "deliveries", "notices", "retention")
_OF_FORM: Final = ("required", "schedule_field", "kind")


class Value(NamedTuple):
    """A value in JSON's terms, and where it comes from: `document` or `default`."""

    value: Any
    origin: str


class Rules(NamedTuple):
    """A protocol as it works, the default one last; it governs what no other does."""

    name: str
    when: Mapping[str, Any] | None
    values: Mapping[str, Value]


class Effective(NamedTuple):
    """What holds for an account: in general, by protocol in their order, and by form."""

    account: Mapping[str, Value]
    protocols: tuple[Rules, ...]
    forms: Mapping[str, Mapping[str, Value]]


def effective(document: AccountDocument) -> Effective:
    """Return every value that governs an account's messages, with its origin."""
    named = tuple(_rules(each) for each in document.protocols)
    default = Rules(DEFAULT_PROTOCOL.name, None, _values(Protocol(name="default"), RULES))
    forms = {name: _values(form, _OF_FORM) for name, form in document.forms.items()}
    return Effective(_values(document, _OF_ACCOUNT), (*named, default), forms)


def _rules(protocol: Protocol) -> Rules:
    when = protocol.when.model_dump(mode="json", by_alias=True)
    return Rules(protocol.name, when, _values(protocol, RULES))


def _values(part: Part, names: tuple[str, ...]) -> dict[str, Value]:
    printed = part.model_dump(mode="json", by_alias=True)
    return {name: _value(part, name, printed[name]) for name in names}


def _value(part: Part, name: str, printed: object) -> Value:
    """Return a value; one that is absent or empty where something is needed is the default."""
    if isinstance(part, Protocol) and printed is None and name in _STANDARD:
        return Value(_STANDARD[name], DEFAULT)
    return Value(printed, DOCUMENT if name in part.model_fields_set else DEFAULT)


_STANDARD: Final[Mapping[str, Any]] = {
    "steps": [
        {"reach": step.reach, "by": step.by, "wait": None, "repeat": 1} for step in DEFAULT_STEPS
    ],
    "evidence": list(EVIDENCE),
}
