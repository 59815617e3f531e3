"""Deliveries: what a client is sent besides the dispatch. No evidence, no turn of the rotation."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from gateway.domain.accounts import Account
from gateway.domain.deeds import RefusedError
from gateway.domain.delivery_rules import DeliveryRule, DigestRule
from gateway.domain.messages import Key, Message, MessageState

_SPACE: Final = UUID("9d0f2a7c-52c3-5b57-8a34-0c1d6e7f8a90")

# How a delivery stands: it waits to be sent (again) or for a person, is on the wire, or is over.
WAITING: Final = "waiting"
BLOCKED: Final = "blocked"
INTENDED: Final = "intended"
SENT: Final = "sent"
FAILED: Final = "failed"
UNSURE: Final = "unsure"
DROPPED: Final = "dropped"
POSTS: Final = ("claim", "lead")
FOR_PEOPLE: Final = (BLOCKED, FAILED, UNSURE)


class Delivery(NamedTuple):
    """One thing to send, as it stands.

    `key` is without a UCN where it belongs to no message: a digest of what was taken from `since`
    to `until`. `occasion` is taken, delivered or daily. `tries` counts how often it was on the
    wire, `streak` those of them since a person last had it sent. `words` is the history item that
    holds the values a person approved; `reason` and `status` (HTTP) are those of its last failure.
    """

    id: UUID
    key: Key
    name: str
    kind: str
    occasion: str
    state: str
    created_at: datetime
    version: int = 0
    tries: int = 0
    streak: int = 0
    words: int | None = None
    reason: str | None = None
    status: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_post(self) -> bool:
        """True for a web post."""
        return self.kind in POSTS

    @property
    def is_over(self) -> bool:
        """True when nothing more comes of it by itself."""
        return self.state not in {WAITING, INTENDED}


def refuse_disregarded(message: Message) -> None:
    """Raise RefusedError for a message to be disregarded: nothing of it goes out any more."""
    if message.state is MessageState.CANCELED:
        raise RefusedError("canceled", "the message is to be disregarded")


def asked_for(
    account: Account | None, message: Message, occasion: str, now: datetime
) -> tuple[Delivery, ...]:
    """Return what goes out because a message is taken or delivered now: once each, ever."""
    if account is None or not account.deliveries:
        return ()
    return tuple(
        Delivery(
            _id(message.key, rule.name, occasion),
            message.key,
            rule.name,
            rule.kind,
            occasion,
            WAITING,
            now,
        )
        for rule in _of(account, message, occasion)
    )


def _of(account: Account, message: Message, occasion: str) -> Iterator[DeliveryRule]:
    for rule in account.deliveries:
        if isinstance(rule, DigestRule) or rule.on != occasion:
            continue
        if not rule.forms or message.form in rule.forms:
            yield rule


def digest_of(
    account: Account, rule: DigestRule, span: tuple[datetime, datetime], now: datetime
) -> Delivery:
    """Return the digest of a span; its id is that of the span's end."""
    since, until = span
    key = Key(account.account, until.date().replace(day=1), "")
    made = _id(key, rule.name, until.isoformat())
    waits = Delivery(made, key, rule.name, rule.kind, "daily", WAITING, now)
    return waits._replace(since=since, until=until)


def _id(key: Key, name: str, occasion: str) -> UUID:
    """The same for the same thing to send, however often it is asked for."""
    parts = (key.account, str(key.month), key.ucn, name, occasion)
    return uuid5(_SPACE, "\n".join(parts))


def rule_of(account: Account | None, name: str) -> DeliveryRule | None:
    """Return the rule of that name in force; None when the document has it no longer."""
    rules = account.deliveries if account else ()
    return next((rule for rule in rules if rule.name == name), None)
