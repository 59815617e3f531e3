"""Pieces of speech that several media share: priorities, moments, labels, details in order."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain.content import Content

# Fixed tables, because a host's locale must not change what is said.
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "emergency": "an emergency message",
        "urgent": "an urgent message",
        "routine": "a message",
    }
)
_WITHOUT_ARTICLE: Final = {word: said.split(" ", 1)[1] for word, said in _MESSAGES.items()}
# Longer free words than this stand last, so that shortening costs the end of the story and never
# the number to call or the address to go to.
_LONG_STORY: Final = 120
_DOTS: Final = "..."
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def a_message(priority: str) -> str:
    """Name a message of `priority` with its article; an unknown priority is just a message."""
    return _MESSAGES.get(priority, "a message")


def message(priority: str) -> str:
    """Name a message of `priority` without an article, to stand in a sentence."""
    return _WITHOUT_ARTICLE.get(priority, "message")


def capital(words: str) -> str:
    """Raise the first letter and leave the others as they are."""
    return words[:1].upper() + words[1:]


def one_line(words: str) -> str:
    """Fold every run of white space and of characters that XML and UTF-8 refuse to one space."""
    if not words.isprintable():
        words = _UNPRINTABLE.sub(" ", words)
    return " ".join(words.split())


def story(words: str) -> str:
    r"""Fold each line by itself and keep the lines apart by `\n`; empty ends go."""
    return "\n".join(one_line(line) for line in words.splitlines()).strip()


def sentence(words: str) -> str:
    """Give `words` on one line with a full stop unless they end a sentence already."""
    line = one_line(words)
    return line if not line or line[-1] in ".!?" else f"{line}."


def shortened(words: str, most: int) -> str:
    """Cut `words` to `most` characters, at a space where there is one, with dots where cut."""
    if len(words) <= most:
        return words
    room = max(most - len(_DOTS), 0)
    kept = words[:room]
    head, space, _ = kept.rpartition(" ")
    return (head if space and len(head) * 2 > room else kept).rstrip() + _DOTS


@lru_cache(maxsize=4096)
def label(key: str) -> str:
    """Turn a form's key into words: `callback_number` is `Callback number`."""
    return capital(one_line(key.replace("_", " ").replace("-", " ")))


def facts(content: Content) -> tuple[tuple[str, str], ...]:
    """Label and value of caller, callback number and each field that says something, in order.

    A field that only repeats the caller's number is left out.
    """
    caller, phone = content.caller_name, content.caller_phone
    named = [("Caller", caller), ("Callback", phone)]
    named += [(label(key), value) for key, value in content.fields.items() if value != phone]
    stated = [(name, one_line(value)) for name, value in named if value]
    return tuple([(name, value) for name, value in stated if value])


def in_order(story: str, facts: Iterable[str]) -> tuple[str, ...]:
    """Put the free words before the facts, or after them when they are long; empty ones go."""
    lines = (*facts, story) if len(story) > _LONG_STORY else (story, *facts)
    return tuple([line for line in lines if line])


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Say an aware instant in the zone's local time: `6:04 PM EST, Mon Feb 2`."""
    local = at.astimezone(zone)
    day = f"{_DAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day}"
    half = "AM" if local.hour < 12 else "PM"  # noqa: PLR2004  the clock has twelve hours
    return f"{local.hour % 12 or 12}:{local.minute:02} {half} {local.tzname()}, {day}"


def span(length: timedelta) -> str:
    """Say a duration of whole minutes: `45 min`, `2 h`, `2 h 15 min`."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """Join words as people do: `41`, `41 and 42`, `41, 42 and 43`."""
    *first, last = tuple(words) or ("",)
    return f"{', '.join(first)} {joint} {last}" if first else last
