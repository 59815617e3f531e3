"""The grammar of a text that a person on call sends back (CONTRACT section 6, S3-11, S3-52).

Only the whole body is a reply. It is folded (NFKC, any case) and split into words at spaces,
punctuation and symbols; digits that stand apart are never joined, so `1 41` is not 141.

A verdict may stand on either side of its code. `41 1` and `41 2` are therefore read as `1 41` and
`2 41`: a lone digit is never a code, so no other reading is left. Two codes, two verdicts or a
third word are unclear: a wrong accept leaves somebody unhelped, a help text costs little.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Accept:
    """The sender takes the message of `code` (2-4 digits), or the only open one when None."""

    code: str | None


@dataclass(frozen=True, slots=True)
class Pass:
    """The sender cannot take the message of `code` (2-4 digits), or the only open one when None."""

    code: str | None


@dataclass(frozen=True, slots=True)
class AcceptAll:
    """The sender takes every open message."""


@dataclass(frozen=True, slots=True)
class ListOpen:
    """The sender asks which messages are open."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """The sender wants no more texts; `word` is the keyword in capitals."""

    word: str


@dataclass(frozen=True, slots=True)
class OptIn:
    """The sender wants texts again; `word` is the keyword in capitals."""

    word: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing the grammar knows: it changes nothing and is answered with help."""


Said = Accept | Pass | AcceptAll | ListOpen | OptOut | OptIn | Unclear

STOP_WORDS: Final = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
START_WORDS: Final = frozenset({"start", "unstop"})
LIST_WORDS: Final = frozenset({"list", "help", "info"})  # INFO is the carriers' twin of HELP

_VERDICTS: Final[Mapping[str, type[Accept] | type[Pass]]] = MappingProxyType(
    dict.fromkeys(("ok", "y", "yes", "1", "accept"), Accept)
    | dict.fromkeys(("no", "n", "2", "pass"), Pass)
)
_WORD: Final = re.compile(r"[^\W_]+")
_CODE: Final = re.compile(r"[0-9]{2,4}")
# Signs that mean no, doubt or something else than their letters (the numero sign folds to "No"):
# dropped like other symbols they would turn "41" with a thumb down into an accept.
_DOUBTS: Final = frozenset(
    "\u2116\u00ba\u274c\u274e\u2716\u2717\u2718\u26d4"
    "\U0001f44e\U0001f6ab\U0001f6d1\U0001f645\U0001f937\U0001f196\U0001f6c7"
)
_DOUBT: Final = " doubt "  # a word that stands in no form
_ASKING: Final = frozenset("\u2753\u2754")  # the emoji question marks


def parse(body: str, opted_out: bool = False) -> Said:
    """Read a text's whole body; `opted_out` says whether its sender is opted out (for YES).

    >>> parse("41 ok.")
    Accept(code='41')
    """
    folded = unicodedata.normalize("NFKC", "".join(map(_apart, body))).casefold()
    match _WORD.findall(folded):
        case []:
            return ListOpen() if "?" in folded else Unclear()
        case [word]:
            return _alone(word, opted_out)
        case [first, second]:
            return _pair(first, second)
        case _:
            return Unclear()


def _apart(sign: str) -> str:
    if sign in _DOUBTS:
        return _DOUBT
    if sign in _ASKING:
        return "?"
    match unicodedata.category(sign):
        case "Nd":
            return str(unicodedata.decimal(sign))
        case "No":  # circled and raised digits fold to plain ones and would join their neighbours
            return f" {sign} "
        case _:
            return sign


def _alone(word: str, opted_out: bool) -> Said:
    if word in STOP_WORDS:
        return OptOut(word.upper())
    if word in START_WORDS or (opted_out and word == "yes"):
        return OptIn(word.upper())
    if word in LIST_WORDS:
        return ListOpen()
    if word == "all":
        return AcceptAll()
    if word in _VERDICTS:
        return _VERDICTS[word](None)
    return Accept(word) if _CODE.fullmatch(word) else Unclear()


def _pair(first: str, second: str) -> Said:
    code, verdict = (first, second) if _CODE.fullmatch(first) else (second, first)
    if _CODE.fullmatch(code) and verdict in _VERDICTS:
        return _VERDICTS[verdict](code)
    return Unclear()
