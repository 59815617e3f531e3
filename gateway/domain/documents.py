"""Account documents: checked, compiled, and printed back."""

from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gateway.domain.accounts import Account
from gateway.domain.addresses import hidden_addresses
from gateway.domain.compiling import build
from gateway.domain.document_checks import check, hidden_pins
from gateway.domain.document_deliveries import HIDDEN_SECRET, ClientDelivery, named
from gateway.domain.document_fields import HIDDEN_PIN
from gateway.domain.document_models import AccountDocument
from gateway.domain.marked import Marked
from gateway.domain.problems import DocumentError, Problem

__all__ = [
    "AccountDocument",
    "DocumentError",
    "Problem",
    "account_schema",
    "canonical",
    "compile_account",
    "document_from",
    "document_of",
    "keep_pins",
]

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "unknown key",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
}
_FORMS = {
    "account": "must be 1 to 40 letters, digits, _ or -",
    "reach": "must be oncall, backup, permanent, office or contact:KEY",
}


def document_of(marked: Marked) -> AccountDocument:
    """Return the checked document of a marked value; DocumentError names each place."""
    try:
        document = AccountDocument.model_validate(marked.value)
    except ValidationError as error:
        faults = [_problem(each, marked) for each in error.errors(include_url=False)]
        raise DocumentError(*sorted(faults, key=lambda fault: fault.line)) from None
    problems = [marked.problem(loc, words) for loc, words in check(document)]
    if problems:
        raise DocumentError(*sorted(problems, key=lambda fault: fault.line))
    return document


def document_from(value: object, origin: str) -> AccountDocument:
    """Return the checked document of a parsed value, such as a request's JSON; no line numbers."""
    return document_of(Marked(value, origin, {}))


def keep_pins(document: AccountDocument, stored: AccountDocument | None) -> AccountDocument:
    """Return the document with each `****` pin and secret replaced by the stored one.

    That is the one of the same contact or delivery; what has none stays, and compile_account
    refuses it.
    """
    kept = stored.contacts if stored else {}
    contacts = {
        key: each.model_copy(update={"pin": kept[key].pin or HIDDEN_PIN})
        if each.pin == HIDDEN_PIN and key in kept
        else each
        for key, each in document.contacts.items()
    }
    changed: dict[str, object] = {"contacts": contacts} if contacts else {}
    if document.deliveries:
        had = dict(named(stored.deliveries)) if stored else {}
        asked = named(document.deliveries)
        changed["deliveries"] = [_secret_kept(each, had.get(name)) for name, each in asked]
    return document.model_copy(update=changed) if changed else document


def _secret_kept(each: ClientDelivery, stored: ClientDelivery | None) -> ClientDelivery:
    """Put back the secret that was shown hidden; never one that belongs to another address."""
    hidden = each.secret == HIDDEN_SECRET and stored is not None and stored.post == each.post
    return each.model_copy(update={"secret": stored.secret}) if stored and hidden else each


def compile_account(document: AccountDocument, origin: str = "document") -> Account:
    """Return the compiled account; DocumentError when parts do not fit together."""
    hidden = (*hidden_pins(document), *hidden_addresses(document))
    findings = [*check(document), *hidden]
    if findings:
        marked = Marked(None, origin, {})
        raise DocumentError(*(marked.problem(loc, words) for loc, words in findings))
    return build(document)


def canonical(document: AccountDocument, *, pins: bool = False) -> dict[str, Any]:
    """Return the document as JSON values, keys in the contract's order, only what was set.

    Reading it gives an equal document. Pins are written as `****` (write-only) unless asked for;
    `keep_pins` puts the stored ones back.
    """
    printed = document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if not pins:
        for contact in printed.get("contacts", {}).values():
            if "pin" in contact:
                contact["pin"] = HIDDEN_PIN
        for delivery in printed.get("deliveries", ()):
            if "secret" in delivery:
                delivery["secret"] = HIDDEN_SECRET
    return printed


def account_schema() -> dict[str, Any]:
    """Return the JSON Schema of an account document."""
    schema = AccountDocument.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _problem(error: ErrorDetails, marked: Marked) -> Problem:
    loc = tuple(part for part in error["loc"] if part != "[key]")
    return marked.problem(loc, _words(error))


def _words(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in ("too_short", "string_too_short") and context["min_length"] == 1:
        return "must not be empty"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    if kind == "string_pattern_mismatch":
        return _FORMS.get(str(error["loc"][-1]), "must be letters, digits, _ . or -")
    if kind == "extra_forbidden":
        return _WORDS[kind] + _meant(str(error["loc"][-1]))
    return _WORDS.get(kind, error["msg"])


def _meant(key: str) -> str:
    close = get_close_matches(key, _known_keys(), n=1)
    return f"; did you mean {close[0]}?" if close else ""


@lru_cache(maxsize=1)
def _known_keys() -> frozenset[str]:
    """Return every key that an account document knows somewhere."""
    schema = account_schema()
    parts = [schema, *schema["$defs"].values()]
    return frozenset(key for part in parts for key in part.get("properties", {}))
