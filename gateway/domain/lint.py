"""The look over a message before dispatch: what a proofreader would find (S3-12, S3-39). Pure.

It warns and never delays: what is found opens a review. The dictionary is asked through a function,
so that nothing here reads a file.
"""

import re
from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from gateway.domain.accounts import Account, Form
from gateway.domain.aside import Finding
from gateway.domain.content import Content

# Answers which of some lower-case words are not known.
Unknown = Callable[[Collection[str]], AbstractSet[str]]
SPELLING: Final = "SPELLING"
PROTOCOL: Final = "PROTOCOL"
MISSING_INFO: Final = "MISSING_INFO"
INCOMPLETE_SENTENCE: Final = "INCOMPLETE_SENTENCE"
PHONE_FORMAT: Final = "PHONE_FORMAT"
EMAIL_FORMAT: Final = "EMAIL_FORMAT"
ALL_CAPS: Final = "ALL_CAPS"
CLASSES: Final = (
    *(SPELLING, PROTOCOL, MISSING_INFO, INCOMPLETE_SENTENCE),
    *(PHONE_FORMAT, EMAIL_FORMAT, ALL_CAPS),
)
TEXT: Final = "text"
_MOST: Final = 50
# Words of the trade that general dictionaries lack.
_TRADE: Final = frozenset(
    {
        *("hvac", "rtu", "ductwork", "minisplit", "wifi", "apt", "appt", "appts", "eta", "ok"),
        *("voicemail", "voicemails", "callback", "callbacks", "oncall", "onsite", "offsite"),
        *(
            "tech",
            "techs",
            "info",
            "asap",
            "pls",
            "ext",
            "readout",
            "misecure",
            "dispatcher",
            "dispatchers",
        ),
    }
)
# A field that the caller's own number fills as well.
_CALLERS: Final = frozenset({"callback_number", "callback", "phone", "caller_phone"})
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_TOKEN: Final = re.compile(r"\S+")
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)*\.[A-Za-z]{2,}")
_PHONE_CHARS: Final = re.compile(r"[+\d\s().-]+(?:\s*(?:x|ext\.?|#)\s*\d{1,8})?", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"(?:x|ext\.?|#)\s*\d{1,8}\s*$", re.IGNORECASE)
_SHORT_NUMBER: Final = re.compile(r"(?<![\d-])\d{3}[-.]\d{4}(?![\d-])")
_AREA_CODE: Final = re.compile(r"\d{3}\)?[-. ]?\s?$")
_PHONE_KEYS: Final = ("phone", "callback", "mobile", "cell", "fax")
_MAIL_KEYS: Final = ("email", "e-mail", "e_mail")
_LEAST_DIGITS, _MOST_DIGITS, _NATIONAL = 8, 15, 10
# A text that ends with one of these was broken off, whatever stands behind it.
_BROKEN: Final = frozenset(
    "a an the and or of my their our your whose because".split()  # noqa: SIM905 - a list of words
)
_STOPS: Final = frozenset({".", "!", "?"})
_CLOSING: Final = " \t\r\n\"'\u201d\u2019)"
_SENTENCE: Final = 2  # words at least
_BREAKS: Final = (",", ":", ";", "-", "(", "…", "...")
# With these only when no full stop follows: "he knows where she is."
_OPEN: Final = frozenset(
    "is are was were has have had with for to from but if than since into which at".split()  # noqa: SIM905 - a list of words
)


def look_over(
    content: Content, form: str | None, account: Account, unknown: Unknown
) -> tuple[Finding, ...]:
    """Return what is wrong with a message, at most 50 findings, in the order of `CLASSES`."""
    rule = account.forms.get(form) if form else None
    found = [
        *_misspelt(content, account, unknown),
        *_against_protocol(form, account),
        *_missing(content, rule),
        *look_at_words(content.text),
    ]
    for key, value in content.fields.items():
        found += _odd_field(key, value)
    return tuple(found[:_MOST])


def look_at_special(text: str, account: Account, unknown: Unknown) -> tuple[Finding, ...]:
    """Return what is wrong with a special's words, which are checked like a message (S3-77)."""
    content = Content(text, None, None, {})
    return (*_misspelt(content, account, unknown), *look_at_words(text))


def classes(found: Collection[Finding]) -> str:
    """Name the classes that were found, each once, parted by spaces."""
    seen = {one.kind for one in found}
    return " ".join(kind for kind in CLASSES if kind in seen)


def missing_delivery_field(content: Content, form: str | None, account: Account) -> str | None:
    """Name the field without which nobody knows whom to reach: the form's `schedule_field`."""
    rule = account.forms.get(form) if form else None
    key = rule.schedule_field if rule else None
    return key if key is not None and not content.fields.get(key, "").strip() else None


def look_at_words(text: str) -> Iterator[Finding]:
    """Find half sentences, short numbers, odd e-mail addresses and capitals in a text."""
    if place := _broken_off(text):
        yield Finding(INCOMPLETE_SENTENCE, TEXT, *place)
    for found in _SHORT_NUMBER.finditer(text):
        if not _AREA_CODE.search(text, 0, found.start()):
            yield Finding(PHONE_FORMAT, TEXT, *found.span())
    if "@" in text:
        yield from _odd_addresses(text)
    if _shouted(text):
        yield Finding(ALL_CAPS, TEXT)


def _misspelt(content: Content, account: Account, unknown: Unknown) -> Iterator[Finding]:
    """Find words that neither the dictionary, the account, the trade nor the message explains."""
    lower = content.text.lower().replace("\u2019", "'")
    odd = unknown(set(_WORD.findall(lower)))
    if odd:  # mostly there is none, and nothing has a capital to look at
        odd = unknown({_bare(word) for word in odd}) - _TRADE - account.words
    if odd:
        odd -= _names(content, account)
    if odd:
        places = _places(content.text)
        yield from (Finding(SPELLING, TEXT, *at) for word, at in places.items() if word in odd)


def _places(text: str) -> dict[str, tuple[int, int]]:
    """Return where each word stands first that is no name and no abbreviation."""
    shouted = _shouted(text)
    places: dict[str, tuple[int, int]] = {}
    fresh = True
    for found in _WORD.finditer(text):
        word = found[0]
        if _is_plain(word, first=fresh, shouted=shouted):
            places.setdefault(_bare(word), found.span())
        ended = text[found.end() : found.end() + 1] in _STOPS
        fresh = ended and len(word) > len("Mrs")  # behind a title a name follows
    return places


def _is_plain(word: str, *, first: bool, shouted: bool) -> bool:
    """Tell a word from a name or an abbreviation: those have capitals within a sentence."""
    if len(word) < 3:  # noqa: PLR2004
        return False
    return word.islower() or shouted or (first and word[1:].islower())


def _bare(word: str) -> str:
    return word.lower().replace("\u2019", "'").removesuffix("'s")


def _names(content: Content, account: Account) -> frozenset[str]:
    """Return the words that are right because they are names here."""
    people = (one.name for one in account.contacts.values())
    texts = [account.name, content.caller_name or "", *people, *content.fields.values()]
    return frozenset(_bare(word) for text in texts for word in _WORD.findall(text))


def _against_protocol(form: str | None, account: Account) -> Iterator[Finding]:
    """Find the wrong form: one the account does not have, or none where it has some (S3-41)."""
    if account.forms and (form is None or form not in account.forms):
        yield Finding(PROTOCOL, "form")


def _missing(content: Content, rule: Form | None) -> Iterator[Finding]:
    if rule is None:
        return
    selects = (rule.schedule_field,) if rule.schedule_field else ()
    for key in dict.fromkeys((*rule.required, *selects)):
        by_caller = key in _CALLERS and content.caller_phone
        if not content.fields.get(key, "").strip() and not by_caller:
            yield Finding(MISSING_INFO, f"fields.{key}")


def _odd_field(key: str, value: str) -> Iterator[Finding]:
    name, value = key.casefold(), value.strip()
    if not value:
        return
    if any(word in name for word in _MAIL_KEYS):
        if not _MAIL.fullmatch(value):
            yield Finding(EMAIL_FORMAT, f"fields.{key}")
    elif any(word in name for word in _PHONE_KEYS) and not _is_phone(value):
        yield Finding(PHONE_FORMAT, f"fields.{key}")


def _is_phone(value: str) -> bool:
    """Tell a number that can be dialed: ten digits, or a country's code behind a plus."""
    if not _PHONE_CHARS.fullmatch(value):
        return False
    number = _EXTENSION.sub("", value)
    digits = re.sub(r"\D", "", number)
    if number.lstrip().startswith("+"):
        return _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS
    return len(digits.removeprefix("1") if len(digits) > _NATIONAL else digits) == _NATIONAL


def _odd_addresses(text: str) -> Iterator[Finding]:
    for found in _TOKEN.finditer(text):
        token = found[0].strip("<>()[]{},;:!?.\"'")
        meant = "@" in token and not token.startswith("@")
        if meant and not _MAIL.fullmatch(token):
            yield Finding(EMAIL_FORMAT, TEXT, *found.span())


def _broken_off(text: str) -> tuple[int, int] | None:
    """Return where a text breaks off, or is a single word; None for a whole one."""
    plain = text.rstrip(_CLOSING)
    start, _, last = plain.rpartition(" ")
    if not start.strip():
        return (0, len(text.rstrip())) if len(text.split(None, 1)) < _SENTENCE else None
    word = last.lower().rstrip(".!?")
    dangling = word in _BROKEN or (word in _OPEN and word == last.lower())
    return (len(start) + 1, len(plain)) if dangling or last.endswith(_BREAKS) else None


def _shouted(text: str) -> bool:
    """Tell a text of two words or more that is in capitals throughout."""
    return text.isupper() and sum(len(word) > 1 for word in _WORD.findall(text)) > 1
