"""Texts in the phone network's own alphabet: folding, counting and fitting.

One curly quote turns a whole text from 160 to 70 characters a segment, so words are folded to
GSM-7 first. Folding may spell differently but must not say something else: a number never becomes
another number, and what has no spelling leaves a visible mark instead of vanishing.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from adapters.twilio.spelling import SPELLED

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("^{}\\[~]|€")
"""Characters that take two places each (GSM 03.38 extension table, without the form feed)."""

MISSING: Final = "?"
"""Stands for a character that has no spelling in Latin letters."""

DOTS: Final = "..."
SHARED: Final = 4
"""Segments that a text about several messages may take; it is never cut."""

_GSM: Final = BASIC | EXTENDED
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₍₎"
_PLAIN = str.maketrans(_RAISED + _LOWERED, "0123456789+-()" * 2)
_TOKEN = re.compile(
    f"[{re.escape(''.join(sorted(_GSM)))}]+|[{_RAISED}]+|[{_LOWERED}]+|.", re.DOTALL
)
# Most texts are one segment of these characters, which is seen at once.
_PLAIN_WORDS = re.compile(r"[\n\r !-Z_a-z]*")
_ALONE: Final = 160
_MICROGRAM = re.compile("[\u00b5\u03bc](?=[gG])")
_SKIN = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_STRUCK = "\u0338"
_WIDE = 0x10000
_KINDS: Final = {
    "Zs": " ",
    "Zl": "\n",
    "Zp": "\n",
    "Pd": "-",
    "Pi": '"',
    "Pf": '"',
    # marks without a letter, joiners, signs of direction and control
    **dict.fromkeys(("Mn", "Me", "Mc", "Cf", "Cc"), ""),
}


def fold(body: str) -> str:
    """Return the words in GSM-7 only; what already is GSM-7 comes back untouched.

    Curly quotes, dashes and odd spaces become plain ones, accents outside GSM-7 are dropped from
    their letters, digits of any script become 0-9, emoji and symbols are named in brackets.
    """
    if _GSM.issuperset(body):
        return body
    written: list[str] = []
    guarded = False
    plain = _MICROGRAM.sub("mc", unicodedata.normalize("NFC", body))
    for token in _TOKEN.findall(plain):
        piece, counts = _spell(token, written[-1][-1:] if written else "")
        if piece and (guarded or counts) and _touching(written, piece):
            # 2½ must not read 21/2.
            piece = " " + piece
        if piece:
            written.append(piece)
            guarded = counts
    return "".join(written)


def segments(body: str) -> int:
    """Count the segments a text is sent in: 160 or 153 each in GSM-7, else 70 or 67 in UCS-2."""
    if BASIC.issuperset(body):
        return _packed_evenly(len(body))
    if _GSM.issuperset(body):
        return _packed((1 + (char in EXTENDED) for char in body), 160, 153)
    return _packed((1 + (ord(char) >= _WIDE) for char in body), 70, 67)


def fit(body: str, tail: str, most: int = 2) -> str:
    """Return `body` folded, shortened if need be, with `tail` whole at its end.

    The result takes at most `most` segments, unless `tail` alone takes more: then it stands alone.
    A cut falls between words where it can, so that no number is left in part, and shows as dots.
    """
    if most and len(body) + len(tail) <= _ALONE and _PLAIN_WORDS.fullmatch(body + tail):
        return body + tail
    body = fold(body)
    if segments(body + tail) <= most:
        return body + tail
    low, high = 0, len(body)
    while low < high:
        middle = (low + high + 1) // 2
        if segments(body[:middle] + DOTS + tail) <= most:
            low = middle
        else:
            high = middle - 1
    kept = _whole_words(body, low)
    return kept + DOTS + tail if kept else tail


def whole(body: str, tail: str, most: int = SHARED) -> bool:
    """Tell whether `fit` would send all of it, nothing cut, in at most `most` segments."""
    return segments(fold(body) + tail) <= most


def _packed_evenly(count: int) -> int:
    return -(-count // 153) if count > 160 else min(count, 1)  # noqa: PLR2004 - GSM 03.40


def _packed(costs: Iterator[int], single: int, part: int) -> int:
    """Count parts; a character of two places is never split over two parts."""
    total, parts, room = 0, 0, 0
    for cost in costs:
        total += cost
        if cost > room:
            parts, room = parts + 1, part
        room -= cost
    return min(parts, 1) if total <= single else parts


def _whole_words(body: str, cut: int) -> str:
    kept = body[:cut]
    if cut < len(body) and not body[cut].isspace():
        kept = kept[: max(kept.rfind(" "), kept.rfind("\n"))] if re.search(r"\s", kept) else kept
    return kept.rstrip()


def _touching(written: list[str], piece: str) -> bool:
    return bool(written) and written[-1][-1:].isdigit() and piece[0].isdigit()


def _spell(token: str, before: str) -> tuple[str, bool]:
    """Return the spelling, and whether it is a number of its own that must not grow."""
    if token[0] in _GSM:
        return token, False
    if token[0] in _RAISED:
        return "^" + token.translate(_PLAIN), True
    if token[0] in _LOWERED:
        return ("_" if before.isdigit() else "") + token.translate(_PLAIN), True
    piece = _one(token)
    # A digit of another script is one of several; a fraction or a circled number stands alone.
    return piece, unicodedata.category(token) != "Nd"


@lru_cache(maxsize=4096)
def _one(char: str) -> str:
    """Spell one character."""
    if char in _GSM:
        return char
    if char in SPELLED:
        return SPELLED[char]
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    return _by_kind(char, unicodedata.category(char))


def _by_kind(char: str, category: str) -> str:
    if category in _KINDS:
        return _KINDS[category]
    if category in {"No", "Nl"}:
        return _number(char, category)
    if ord(char) in _SKIN:
        return ""
    if ord(char) in _FLAGS:
        return unicodedata.name(char)[-1]
    return _apart(char) or _named(char, category)


def _number(char: str, category: str) -> str:
    spread = unicodedata.normalize("NFKD", char).replace("\u2044", "/")
    if spread.isascii():
        circled = unicodedata.decomposition(char).startswith("<circle>")
        return f"({spread})" if circled else spread
    worth = unicodedata.numeric(char, 0.5)
    return f"({int(worth)})" if worth.is_integer() and category == "No" else MISSING


def _apart(char: str) -> str:
    """Spell a character by what it is composed of; empty if that holds nothing we can write."""
    spread = unicodedata.normalize("NFKD", char)
    if spread == char:
        return ""
    plain = "".join(_one(part) for part in spread if part != _STRUCK)
    if not plain.strip(MISSING):
        return MISSING
    return f"not {plain}" if _STRUCK in spread else plain


def _named(char: str, category: str) -> str:
    if category[0] != "S":
        return MISSING
    name = unicodedata.name(char, "")
    return f"[{name.lower()}]" if name else MISSING
