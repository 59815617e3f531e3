"""The people with phones: what each does with the next call and the next text (CONTRACT 8)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeVar

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LENGTH = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
E164 = re.compile(r"\+[1-9]\d{6,14}")
PRESSED = re.compile(r"[0-9A-D*#]+")
CODES = re.compile(r"\d{3,5}")
GREETING = timedelta(seconds=5)
ENDINGS = ("no_answer", "busy", "failed", "answer_after", "voicemail_after")
Script = TypeVar("Script")


class PeopleError(ValueError):
    """A script that cannot be followed; its words name the place."""


@dataclass(frozen=True, slots=True)
class Key:
    """Digits pressed `after` the answer; several digits are pressed at one instant."""

    after: timedelta
    press: str


@dataclass(frozen=True, slots=True)
class CallScript:
    """What a person does with one call; nothing set: it rings until the caller gives up.

    `failed` is a vendor error code, or a SIP code when it has three digits.
    """

    busy: bool = False
    failed: str | None = None
    answer_after: timedelta | None = None
    keys: tuple[Key, ...] = ()
    hang_up_after: timedelta | None = None
    voicemail: bool = False
    greeting: timedelta = GREETING


@dataclass(frozen=True, slots=True)
class TextScript:
    """What becomes of one text; nothing set: sent, no carrier report, no reply."""

    delivered_after: timedelta | None = None
    reply_after: timedelta = timedelta()
    reply: str | None = None
    undelivered: str | None = None
    failed: str | None = None


@dataclass(slots=True)
class Person:
    """Scripts in turn, the last repeats; the counters say how many were used."""

    calls: tuple[CallScript, ...] = ()
    texts: tuple[TextScript, ...] = ()
    calls_used: int = 0
    texts_used: int = 0


@dataclass(slots=True)
class People:
    """Everybody who has a phone; a number without a script never answers."""

    by_phone: dict[str, Person] = field(default_factory=dict)

    @classmethod
    def read(cls, raw: object) -> Self:
        """Read the `people` part of a scenario; PeopleError names what is wrong and where."""
        people = cls()
        for phone, script in _mapping(raw if raw is not None else {}, "people").items():
            place = f"people[{phone}]"
            if not E164.fullmatch(str(phone)):
                raise PeopleError(f"{place}: a phone number is written +12025550101")
            people.by_phone[str(phone)] = _person(script, place)
        return people

    def next_call(self, phone: str) -> CallScript:
        """Use up one call script of that phone."""
        person = self.by_phone.setdefault(phone, Person())
        person.calls_used += 1
        return _turn(person.calls, person.calls_used, CallScript())

    def next_text(self, phone: str) -> TextScript:
        """Use up one text script of that phone."""
        person = self.by_phone.setdefault(phone, Person())
        person.texts_used += 1
        return _turn(person.texts, person.texts_used, TextScript())


def _turn(scripts: tuple[Script, ...], used: int, default: Script) -> Script:
    return scripts[min(used, len(scripts)) - 1] if scripts else default


def _person(raw: object, place: str) -> Person:
    script = _known(_mapping(raw, place), ("calls", "texts"), place)
    return Person(
        _each(script.get("calls"), f"{place}.calls", _call),
        _each(script.get("texts"), f"{place}.texts", _text),
    )


def _each(raw: object, place: str, read: Callable[[Any, str], Script]) -> tuple[Script, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise PeopleError(f"{place}: a list is wanted")
    return tuple(read(item, f"{place}[{index}]") for index, item in enumerate(raw))


def caller(raw: object, place: str) -> CallScript:
    """Read what somebody does who calls us: keys and hang_up_after, counted from the answer."""
    script = _known(_mapping(raw, place), ("keys", "hang_up_after"), place)
    return _call({"answer_after": "0s", **script}, place)


def _call(raw: object, place: str) -> CallScript:
    names = (*ENDINGS, "keys", "hang_up_after", "greeting")
    script = _known(_mapping(raw, place), names, place)
    chosen = [name for name in ENDINGS if name in script]
    if len(chosen) != 1:
        raise PeopleError(f"{place}: exactly one of {', '.join(ENDINGS)} is wanted")
    fits = {"answer_after": {"keys", "hang_up_after"}, "voicemail_after": {"greeting"}}
    stray = set(script) - {chosen[0]} - fits.get(chosen[0], set())
    if stray:
        raise PeopleError(f"{place}: {min(stray)} does not go with {chosen[0]}")
    return _ending(chosen[0], script, place)


def _ending(name: str, script: Mapping[str, Any], place: str) -> CallScript:
    value = script[name]
    where = f"{place}.{name}"
    if name == "failed":
        return CallScript(failed=_code(value, where))
    if name == "answer_after":
        return CallScript(
            answer_after=length(value, where),
            keys=_each(script.get("keys"), f"{place}.keys", _key),
            hang_up_after=_maybe_length(script, "hang_up_after", place),
        )
    if name == "voicemail_after":
        greeting = _maybe_length(script, "greeting", place)
        return CallScript(
            answer_after=length(value, where),
            voicemail=True,
            greeting=GREETING if greeting is None else greeting,
        )
    if value is not True:
        raise PeopleError(f"{where}: only true makes sense")
    return CallScript(busy=name == "busy")


def _key(raw: object, place: str) -> Key:
    script = _known(_mapping(raw, place), ("after", "press"), place)
    press = str(script.get("press", ""))
    if not PRESSED.fullmatch(press):
        raise PeopleError(f"{place}.press: digits, * or # are wanted, not {press!r}")
    return Key(length(script.get("after"), f"{place}.after"), press)


def _text(raw: object, place: str) -> TextScript:
    names = ("delivered_after", "reply_after", "reply", "undelivered", "failed")
    script = _known(_mapping(raw, place), names, place)
    if "undelivered" in script or "failed" in script:
        return _lost_text(script, place)
    if "reply_after" in script and "reply" not in script:
        raise PeopleError(f"{place}: reply_after without a reply")
    return TextScript(
        delivered_after=_maybe_length(script, "delivered_after", place),
        reply_after=_maybe_length(script, "reply_after", place) or timedelta(),
        reply=str(script["reply"]) if "reply" in script else None,
    )


def _lost_text(script: Mapping[str, Any], place: str) -> TextScript:
    name, value = next(iter(script.items()))
    if len(script) > 1:
        raise PeopleError(f"{place}: undelivered and failed each stand alone")
    code = _code(value, f"{place}.{name}")
    return TextScript(failed=code) if name == "failed" else TextScript(undelivered=code)


def _code(raw: object, place: str) -> str:
    if not CODES.fullmatch(str(raw)):
        raise PeopleError(f"{place}: an error code such as 30003 is wanted, not {raw!r}")
    return str(raw)


def _maybe_length(script: Mapping[str, Any], name: str, place: str) -> timedelta | None:
    return length(script[name], f"{place}.{name}") if name in script else None


def length(raw: object, place: str) -> timedelta:
    """Read a duration such as `12s`, `2m` or `1h`; PeopleError names the place."""
    found = LENGTH.fullmatch(str(raw))
    if not found:
        raise PeopleError(f"{place}: a duration such as 12s, 2m or 1h is wanted, not {raw!r}")
    return timedelta(seconds=float(found[1]) * UNITS[found[2]])


def _mapping(raw: object, place: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise PeopleError(f"{place}: names with values are wanted, not {raw!r}")
    return raw


def _known(raw: Mapping[str, Any], names: tuple[str, ...], place: str) -> Mapping[str, Any]:
    for name in raw:
        if name not in names:
            raise PeopleError(f"{place}.{name}: unknown key; known are {', '.join(names)}")
    return raw
