"""The kinds of values among the settings: each reads and complains in words, none shows itself."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from gateway.domain.urls import is_postgres_url, is_web_url

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MESSAGING_SERVICE = re.compile(r"MG[0-9A-Za-z]{32}")


def _split(value: object) -> object:
    """Read a comma list; what is given as a sequence already stays."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _web_url(value: str) -> str:
    """Answer an http(s) URL without its last slash."""
    if not is_web_url(value):
        raise ValueError("must be an http:// or https:// URL without a query")
    return value.rstrip("/")


def _database_url(value: SecretStr) -> SecretStr:
    if not is_postgres_url(value.get_secret_value()):
        words = "must be a postgresql:// URL, with / ? # % of a password as %2F %3F %23 %25"
        raise ValueError(words)
    return value


def _sender(value: str) -> str:
    if not _E164.fullmatch(value) and not _MESSAGING_SERVICE.fullmatch(value):
        raise ValueError("must list phone numbers such as +12025550100, or a messaging service MG…")
    return value


def _number(value: str) -> str:
    if not _E164.fullmatch(value):
        raise ValueError("must list phone numbers such as +12025550100")
    return value


def _mail_address(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", value.rpartition("<")[2].removesuffix(">")):
        raise ValueError("must be a mail address")
    return value


def _alert_url(value: SecretStr) -> SecretStr:
    if "://" not in value.get_secret_value():
        raise ValueError("must list notification URLs such as mailto://… or slack://…")
    return value


def _secret_url(value: SecretStr) -> SecretStr:
    if not is_web_url(value.get_secret_value().partition("?")[0]):
        raise ValueError("must be an http:// or https:// URL")
    return value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def default_folder() -> Path:
    """Answer where a service of this user keeps its data."""
    if os.geteuid() == 0:
        return Path("/var/lib/dispatchd")
    home = os.environ.get("XDG_DATA_HOME") or Path("~").expanduser() / ".local/share"
    return Path(home) / "dispatchd"


SecretUrl = Annotated[SecretStr, AfterValidator(_secret_url)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Port = Annotated[int, Field(ge=0, le=65535)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]
AlertUrls = Annotated[
    tuple[Annotated[SecretStr, AfterValidator(_alert_url)], ...], NoDecode, BeforeValidator(_split)
]
Senders = Annotated[
    tuple[Annotated[str, AfterValidator(_sender)], ...], NoDecode, BeforeValidator(_split)
]
Numbers = Annotated[
    tuple[Annotated[str, AfterValidator(_number)], ...], NoDecode, BeforeValidator(_split)
]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
Coverage = Annotated[
    int,
    Field(
        ge=0,
        le=24 * 31,
        description="How many hours ahead schedules are looked over for gaps, of which a lead is "
        "alerted; 0: never.",
    ),
]
LogFormat = Annotated[
    Literal["json", "console"],
    BeforeValidator(_lower),
    Field(description="json (one object per line) or console (for people)."),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(_lower),
    Field(description="debug, info, warning or error."),
]
IncidentUrls = Annotated[
    AlertUrls,
    Field(description="Comma list of notification URLs told of major incidents. Empty: a lead's."),
]
ProductMailbox = Annotated[
    MailAddress | None,
    Field(description="Where hand-offs to the product team are mailed. Empty: to MAIL_FROM."),
]
MatterRetention = Annotated[
    int | None,
    Field(
        ge=1,
        le=36_500,
        description="Days until hand-offs, cases and jobs of no account are erased. Empty: never.",
    ),
]
ReminderHours = Annotated[
    int,
    Field(
        ge=1,
        le=24 * 31,
        description="Hours after which a lead hears of a hand-off nobody confirmed.",
    ),
]
ResolutionOrder = Annotated[
    Literal["before_product", "after_product"],
    Field(description="A hand-off needs its Final Resolution: before_product or after_product."),
]
