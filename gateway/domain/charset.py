"""Characters that a client takes, and what may stand for one that they do not (S3-55, S3-57)."""

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

DEFAULT: Final = "ascii"
_TEXT: Final = r"\t\n\r -~"
_NAMED: Final = {
    "ascii": f"[{_TEXT}]",
    "latin1": f"[{_TEXT}\xa0-\xff]",
    # What XML 1.0 can carry at all (section 2.2), without the controls of the second block.
    "unicode": f"[{_TEXT}\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]",
}
_LONGEST: Final = 400
# One class and nothing behind it: no unescaped bracket inside.
_CLASS = re.compile(r"\[\^?(?:[^\]\[\\]|\\.)+\]")
# What NFKD leaves as it is; each has a common way of being written in plain letters.
_PLAIN: Final = {
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ł": "l",
    "Ł": "L",
    "\u0131": "i",
    "ħ": "h",
    "Ħ": "H",
    "ŋ": "n",
    "Ŋ": "N",
    "ŧ": "t",
    "Ŧ": "T",
    "ĸ": "k",
    "\u2018": "'",
    "\u2019": "'",
    "\u201a": "'",
    "\u201b": "'",
    "\u2032": "'",
    "\u00b4": "'",
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2033": '"',
    "\u00ab": '"',
    "\u00bb": '"',
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2212": "-",
    "\u2022": "-",
    "\u00b7": "-",
    "\u2044": "/",
    "\u00d7": "x",
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a9": "(c)",
    "\u00ae": "(r)",
    "\u00b0": " deg",
    "\u00bf": "?",
    "\u00a1": "!",
    "\u2028": "\n",
    "\u2029": "\n",
}
# Marks, and characters that show nothing: they go.
_SILENT: Final = frozenset({"Mn", "Me", "Cf", "Cc"})


class Charset(NamedTuple):
    """Which characters a client takes: each is asked for by itself."""

    takes: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Strange:
    """A character that is not taken: its place in the value, counted from 0."""

    index: int
    character: str

    @property
    def codepoint(self) -> str:
        """The character's number as Unicode writes it, such as `U+00FC`."""
        return f"U+{ord(self.character):04X}"


@lru_cache(maxsize=256)
def charset(rule: str) -> Charset:
    """Read a rule: ascii, latin1, unicode, or a class such as `[A-Za-z0-9 @.-]`; or ValueError."""
    pattern = _NAMED.get(rule, rule)
    if pattern is rule and (len(rule) > _LONGEST or not _CLASS.fullmatch(rule)):
        raise ValueError("must be ascii, latin1, unicode or a class such as [A-Za-z0-9 @.-]")
    taken = _compiled(pattern, rule)
    sound = _compiled(_NAMED["unicode"], rule)
    # Whatever a class says, nothing may break the body it stands in.
    return Charset(lambda one: bool(taken.fullmatch(one) and sound.fullmatch(one)))


def _compiled(pattern: str, rule: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(pattern)
    except (re.error, Warning):
        raise ValueError(f"{rule!r} is not a class of characters") from None


def strange(value: str, taken: Charset) -> Iterator[Strange]:
    """Give the characters of a value that are not taken, in order."""
    return (Strange(n, one) for n, one in enumerate(value) if not taken.takes(one))


def suggestion(value: str, taken: Charset) -> str | None:
    """Return the value in characters that are taken; None where something has no such spelling.

    NFKD and a table fold ü to u, Ç to C and ō to o; what is taken stays as it is.
    """
    # "u" and a mark of its own are one letter to a reader, and are folded as one.
    parts = [_folded(one, taken) for one in unicodedata.normalize("NFC", value)]
    return None if None in parts else "".join(part for part in parts if part is not None)


def _folded(one: str, taken: Charset) -> str | None:
    if taken.takes(one):
        return one
    if unicodedata.category(one) in _SILENT:
        return ""
    plain = _PLAIN.get(one) or "".join(
        _PLAIN.get(part, part)
        for part in unicodedata.normalize("NFKD", one)
        if unicodedata.category(part) not in _SILENT
    )
    if plain and all(map(taken.takes, plain)):
        return plain
    return " " if one.isspace() and taken.takes(" ") else None
