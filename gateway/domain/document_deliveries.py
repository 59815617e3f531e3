"""`deliveries` of an account document: e-mail copies, daily digests and web posts."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, model_validator

from gateway.domain.charset import DEFAULT, charset
from gateway.domain.document_fields import Email, Line, Text
from gateway.domain.document_schedules import Part
from gateway.domain.posted import LITERAL, SOURCES

HIDDEN_SECRET: Final = "****"  # noqa: S105 - it stands for a stored one
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
# Also a name that XML takes for an element.
_REMOTE: Final = r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$"
_ALWAYS: Final = frozenset({"name", "form"})
_OF_MAIL: Final = _ALWAYS | {"email", "on", "digest"}
_OF_POST: Final = _ALWAYS | {
    *("post", "on", "format", "kind", "fields", "order", "allow", "accept", "secret", "idempotent"),
}


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f'{text!r} is not a time of day such as "08:00"')
    return text


def _url(text: str) -> str:
    """Answer the URL; the words never quote it, for its path is often a secret."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises when it is none
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("must be an https:// or http:// URL")
    plain = text.isascii() and text.isprintable() and " " not in text
    if parts.username or parts.password or parts.fragment or not plain:
        raise ValueError("must be a plain URL, without a login, a fragment and blanks")
    return text


def _class(text: str) -> str:
    charset(text)
    return text


def _accepted(text: str) -> str:
    if text.startswith("/") and text.endswith("/") and len(text) > len("//"):
        try:
            re.compile(text[1:-1])
        except re.error as fault:
            raise ValueError(f"is not a regular expression: {fault.msg}") from None
    return text


def _source(text: str) -> str:
    known = text in SOURCES or text.startswith(("fields.", LITERAL))
    if "." in text and not known:
        listed = ", ".join(sorted(one for one in SOURCES if "." in one))
        raise ValueError(f"{text!r} is no part of a message; known are {listed} and fields.KEY")
    return text


def _secret(text: str) -> str:
    if text != HIDDEN_SECRET and not (len(text) >= 16 and text.isascii()):  # noqa: PLR2004
        raise ValueError("must be 16 to 200 plain characters")
    return text


_FIELDS: Final = Field(
    min_length=1, max_length=200, json_schema_extra={"additionalProperties": False}
)
Clock = Annotated[Text, AfterValidator(_clock), Field(json_schema_extra={"examples": ["08:00"]})]
PostUrl = Annotated[str, AfterValidator(_url), Field(max_length=2_000)]
Remote = Annotated[str, Field(pattern=_REMOTE)]
Source = Annotated[Line, AfterValidator(_source)]
Secret = Annotated[Line, AfterValidator(_secret)]


class ClientDelivery(Part):
    """What the client is sent besides the dispatch, and what of a message brings it about.

    `email` with `on` is a copy, with `digest` what came in a day; `post` a web post (S3-55…58).
    """

    name: Annotated[Text, Field(pattern=_NAME)] | None = None
    email: Email | None = None
    on: Literal["taken", "delivered"] | None = None
    digest: Clock | None = None
    form: list[Line] = Field(default_factory=list)
    post: PostUrl | None = None
    format: Literal["json", "xml"] = "json"
    kind: Literal["claim", "lead"] = "lead"
    fields: Annotated[dict[Remote, Source], _FIELDS] | None = None
    order: list[Remote] = Field(default_factory=list)
    allow: Annotated[Line, AfterValidator(_class)] = DEFAULT
    accept: Annotated[Line, AfterValidator(_accepted)] | None = None
    secret: Secret | None = None
    idempotent: StrictBool = False

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.email is None) == (self.post is None):
            raise ValueError("needs either email or post")
        kind, known = ("e-mails", _OF_MAIL) if self.email else ("web posts", _OF_POST)
        if odd := sorted(self.model_fields_set - known):
            raise ValueError(f"{odd[0]} is not for {kind}")
        if self.email and (self.on is None) == (self.digest is None):
            raise ValueError("an e-mail needs either on or digest")
        if self.post and self.fields is None:
            raise ValueError("a web post needs fields: which of theirs is which of ours")
        if strangers := [one for one in self.order if one not in (self.fields or {})]:
            raise ValueError(f"order names {strangers[0]!r}, which is not under fields")
        return self

    @property
    def what(self) -> str:
        """A copy, a digest, or the kind of a web post: claim or lead."""
        if self.post is not None:
            return self.kind
        return "copy" if self.on else "digest"

    @property
    def occasion(self) -> str:
        """When it goes out: taken (the default of a web post), delivered, or daily."""
        return "daily" if self.digest else self.on or "taken"


def named(deliveries: Sequence[ClientDelivery]) -> Iterator[tuple[str, ClientDelivery]]:
    """Pair each with its name: its own, else made of what it is, as `copy-taken`, `lead-taken-2`.

    Their order makes the names apart, so those that come in numbers are better named.
    """
    seen: dict[str, int] = {}
    for one in deliveries:
        plain = f"{one.what}-{one.occasion}"
        seen[plain] = seen.get(plain, 0) + (one.name is None)
        number = seen[plain]
        yield one.name or (plain if number == 1 else f"{plain}-{number}"), one
