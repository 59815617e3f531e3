"""A message: what an agent took for a client, and whether somebody on call has it."""

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple

from gateway.domain.aside import NOTHING_ASIDE, Aside
from gateway.domain.rows import copied_often


class Priority(IntEnum):
    """How urgent a message is; a lower number goes first (S3-10)."""

    EMERGENCY = 0
    URGENT = 1
    ROUTINE = 2

    __hash__ = int.__hash__  # an enum's own one is written in Python

    @property
    def word(self) -> str:
        """The contract's word: emergency, urgent or routine."""
        return _WORDS[self]


_WORDS = tuple(each.name.lower() for each in Priority)


class MessageState(StrEnum):
    """Whether a message still needs somebody."""

    OPEN = "open"
    DELIVERED = "delivered"
    CANCELED = "canceled"

    __hash__ = str.__hash__


_OPEN = MessageState.OPEN


class Key(NamedTuple):
    """Names one message and all its rows: account, month in which it was taken, UCN."""

    account: str
    month: date
    ucn: str


@copied_often
class Message(NamedTuple):
    """One message without its words; `head_seq` and `head_hash` end its history chain.

    `aside` is what people have set aside of it for others.

    Its row is the lock of everything that belongs to it.
    """

    key: Key
    priority: Priority
    form: str | None
    taken_by: str
    taken_at: datetime
    state: MessageState = MessageState.OPEN
    evidence: str | None = None
    delivered_to: str | None = None
    delivered_at: datetime | None = None
    sent: bool = False
    head_seq: int = 0
    head_hash: str = "0" * 64
    aside: Aside = NOTHING_ASIDE

    @property
    def closed(self) -> bool:
        """True once nobody needs to be reached any more."""
        return self.state is not _OPEN
