"""What all parts of the simulated carrier share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from uuid import UUID

from adapters.simulator.agenda import Agenda
from adapters.simulator.faults import Faults
from adapters.simulator.people import People
from adapters.simulator.webhooks import Deliver, Webhooks

API = "/2010-04-01"
API_VERSION = API[1:]
COMPAT = "/api/laml"
SPARE_NUMBER = "+15005550006"


@dataclass(frozen=True, slots=True)
class Options:
    """How this carrier differs from the plain one.

    keys: API key SID → secret. public: where inbound texts are posted (`{public}/twilio/sms`;
    a `#rc=..` fragment may follow as `inbound_fragment`). numbers: the sending numbers owned
    (empty: any). services: messaging service SID → its numbers. fetch_first: at the answer the
    Url is fetched before the `answered` callback leaves. compat: another vendor with the same API:
    under a path of its own, with UUIDs for SIDs and a signature header of another name.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    public: str = "http://127.0.0.1:8080"
    inbound_fragment: str = ""
    numbers: tuple[str, ...] = ()
    services: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seed: int = 0
    fetch_first: bool = True
    compat: bool = False


@dataclass(slots=True)
class Core:
    """Account, clock, agenda, people, faults and webhooks of one simulated carrier."""

    account: str
    clock: Callable[[], datetime]
    people: People
    options: Options
    faults: Faults
    agenda: Agenda
    webhooks: Webhooks
    dice: Random

    def sid(self, prefix: str) -> str:
        """Make an id: two letters and 32 hex digits, the same row for one seed; compat: a UUID."""
        if self.options.compat:
            return str(UUID(int=self.dice.getrandbits(128), version=4))
        return f"{prefix}{self.dice.getrandbits(128):032x}"

    def path(self, tail: str) -> str:
        """Give the REST path of something in this account."""
        return f"{self.prefix}{API}/Accounts/{self.account}/{tail}"

    @property
    def prefix(self) -> str:
        """Give what stands before the REST path at this vendor."""
        return COMPAT if self.options.compat else ""


def build_core(
    account: tuple[str, str],
    clock: Callable[[], datetime],
    deliver: Deliver,
    people: People,
    options: Options,
) -> Core:
    """Put a core together; `account` is SID and auth token."""
    sid, token = account
    dice = Random(options.seed)  # noqa: S311 - ids that can be repeated, no secret
    agenda, faults = Agenda(), Faults(seed=options.seed)
    header = "X-SignalWire-Signature" if options.compat else "X-Twilio-Signature"
    webhooks = Webhooks(token, deliver, faults, agenda, dice, header)
    return Core(sid, clock, people, options, faults, agenda, webhooks, dice)


def rfc2822(at: datetime | None) -> str | None:
    """Write an instant as the vendor does: `Mon, 02 Feb 2026 23:00:00 +0000`."""
    return None if at is None else format_datetime(at.astimezone(UTC).replace(microsecond=0))
