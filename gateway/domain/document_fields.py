"""The kinds of values in an account document: each parses, complains in words and prints back."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from gateway.domain.durations import format_duration, parse_duration
from schedules.rotation import parse_every
from schedules.walltime import zone_of
from schedules.week_time import parse_week_time
from schedules.windows import parse_daily, parse_weekly

_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?")
_YEARS = range(1970, 2200)
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
HIDDEN_PIN = "****"


def parse_local(value: object) -> datetime:
    """Read a local time `2026-02-02T17:30` , 24:00 ends a day, as naive datetime; or ValueError."""
    found = _LOCAL.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2] is None:
        hint = " (without an offset: it is in the account's zone)" if _has_offset(value) else ""
        raise ValueError(f"must be a local time such as 2026-02-02T17:30{hint}")
    day = datetime.combine(parse_date(found[1]), datetime.min.time())
    hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
    if minute > 59 or second > 59 or (hour, minute, second) > (24, 0, 0):  # noqa: PLR2004
        raise ValueError(f"{value} is not a time: there is no {found[2]}:{found[3]} on a clock")
    return day + timedelta(hours=hour, minutes=minute, seconds=second)


def parse_bound(value: object) -> datetime:
    """Read a local time or a date, which stands for its first minute (S3-80); else ValueError."""
    if isinstance(value, str) and "T" not in value and ":" not in value:
        return datetime.combine(parse_date(value), datetime.min.time())
    return parse_local(value)


def parse_date(value: object) -> date:
    """Read a date `2026-02-02` between 1970 and 2199; ValueError for 30 February and the like."""
    found = _LOCAL.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2] is not None:
        raise ValueError("must be a date such as 2026-02-02")
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        raise ValueError(f"there is no {found[1]} in the calendar") from None
    if day.year not in _YEARS:
        raise ValueError(f"{found[1]} is not between 1970 and 2199")
    return day


def parse_utc(value: object) -> datetime:
    """Read a UTC instant `2026-02-02T22:30:00Z`; ValueError otherwise."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str) or not value.endswith("Z"):
        raise ValueError("must be a UTC instant such as 2026-02-02T22:30:00Z")
    return parse_local(value.removesuffix("Z")).replace(tzinfo=UTC)


def _print_utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def _feed_url(text: str) -> str:
    """Answer the URL; the words never quote it, for its path is often a secret."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises when it is none
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in {"https", "http", "webcal"} or not parts.hostname:
        raise ValueError("must be an https://, http:// or webcal:// URL")
    if parts.username or parts.password or any(letter.isspace() for letter in text):
        raise ValueError("must be a URL without a login and without blanks")
    return text


def _feed_file(text: str) -> str:
    if not _FILE.fullmatch(text):
        raise ValueError("must be the name of a file in the folder for feeds, without a path")
    return text


def _has_offset(value: object) -> bool:
    return isinstance(value, str) and bool(re.search(r"\d{2}:\d{2}.*([+-]\d{2}:?\d{2}|Z)$", value))


def _print_local(local: datetime) -> str:
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def _text(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, bool | float):
        raise ValueError("must be text; put it in quotes")  # noqa: TRY004  pydantic's protocol
    return value


def _clean(text: str) -> str:
    # What can be printed holds none of them, which is seen at once.
    if not text.isprintable() and any(ord(each) < 32 or each == "\x7f" for each in text):  # noqa: PLR2004
        raise ValueError("must be one line of text")
    return text.strip()


def _phone(text: str) -> str:
    if _E164.fullmatch(text):
        return text
    raise ValueError(f"{text!r} is not an E.164 number such as +12025550101{_remark(text)}")


def _remark(text: str) -> str:
    """Return a friendly guess at the number that was meant, "" without one."""
    try:
        guess = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return ""
    written = phonenumbers.format_number(guess, phonenumbers.PhoneNumberFormat.E164)
    possible = _E164.fullmatch(written) and phonenumbers.is_possible_number(guess)
    return f"; did you mean {written}?" if possible else ""


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"{text!r} is not an e-mail address")
    return text


def _pin(text: str) -> str:
    if text != HIDDEN_PIN and not re.fullmatch(r"[0-9]{3,10}", text):
        raise ValueError("must be 3 to 10 digits")
    return text


def _duration(value: object) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"{value} has no unit; write {value}s, {value}m or {value}h")  # noqa: TRY004
    if not isinstance(value, str):
        raise ValueError("must be a duration such as 15m")  # noqa: TRY004
    return parse_duration(value)


def _checked(parse: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


def between(least: timedelta, most: timedelta) -> AfterValidator:
    """Return the check of a duration's bounds, both included."""

    def check(length: timedelta) -> timedelta:
        if not least <= length <= most:
            raise ValueError(f"must be {format_duration(least)} to {format_duration(most)}")
        return length

    return AfterValidator(check)


def _as_string(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


Text = Annotated[str, BeforeValidator(_text)]
Line = Annotated[Text, AfterValidator(_clean), Field(min_length=1, max_length=200)]
AccountNumber = Annotated[Text, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
ContactKey = Annotated[Text, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Zone = Annotated[str, _checked(zone_of)]
Weekly = Annotated[Text, _checked(parse_weekly)]
Quiet = Annotated[Text, _checked(parse_daily)]
WeekTime = Annotated[Text, _checked(parse_week_time)]
Turn = Annotated[Text, _checked(parse_every)]
Phone = Annotated[Text, AfterValidator(_phone), Field(json_schema_extra={"format": "E.164"})]
Email = Annotated[str, AfterValidator(_email)]
Pin = Annotated[Text, AfterValidator(_pin)]
Day = Annotated[
    date,
    BeforeValidator(parse_date),
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date"}),
]
LocalTime = Annotated[
    datetime,
    BeforeValidator(parse_local),
    PlainSerializer(_print_local),
    _as_string("2026-02-02T17:30"),
]
Bound = Annotated[
    datetime, BeforeValidator(parse_bound), PlainSerializer(_print_local), _as_string("2026-02-02")
]
Duration = Annotated[
    timedelta, BeforeValidator(_duration), PlainSerializer(format_duration), _as_string("15m")
]
Utc = Annotated[
    datetime,
    BeforeValidator(parse_utc),
    PlainSerializer(_print_utc),
    _as_string("2026-02-02T22:30:00Z"),
]
FeedUrl = Annotated[str, AfterValidator(_feed_url), Field(max_length=2_000)]
FeedFile = Annotated[Text, AfterValidator(_feed_file)]
