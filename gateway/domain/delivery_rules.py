"""The rules of an account's deliveries, compiled: copies, digests and web posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from schedules.walltime import first_instant


@dataclass(frozen=True, slots=True)
class CopyRule:
    """A copy of a message by e-mail, when it is taken or delivered; `forms` empty: of any."""

    name: str
    to: str
    on: str
    forms: frozenset[str] = frozenset()
    kind: str = "copy"


@dataclass(frozen=True, slots=True)
class DigestRule:
    """A daily e-mail at a local time about the messages since the last one."""

    name: str
    to: str
    at: time
    forms: frozenset[str] = frozenset()
    kind: str = "digest"

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the first instant after `now` (aware) at which it is due in the zone."""
        day = now.astimezone(zone).date()
        found = first_instant(datetime.combine(day, self.at), zone)
        tomorrow = datetime.combine(day + timedelta(days=1), self.at)
        return found if found > now else first_instant(tomorrow, zone)


@dataclass(frozen=True, slots=True)
class PostRule:
    """A web post: where to, as what, what in it, and what the client's answer must say.

    `fields` are `theirs: ours`; `allow` a rule of `charset`; `idempotent`: the client honours the
    Idempotency-Key, so that a post whose fate is unknown may be repeated.
    """

    name: str
    url: str = field(repr=False)
    on: str
    kind: str
    format: str
    fields: Mapping[str, str]
    allow: str
    accept: str | None = None
    secret: str | None = field(default=None, repr=False)
    idempotent: bool = False
    forms: frozenset[str] = frozenset()


DeliveryRule = CopyRule | DigestRule | PostRule
