"""Turns: a round's places in order, as a protocol and a roster give them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from gateway.domain.protocols import Protocol
from schedules.lines import Line


@dataclass(frozen=True, slots=True)
class Slot:
    """One turn in a round: a person, by what method, and how long the turn may hold the round.

    `address` is the phone number or e-mail address that the method uses, None where there is none,
    and `shown` how history may show it.
    """

    id: str
    contact: str
    line: Line
    method: str
    wait: timedelta | None
    repeat: int
    address: str | None
    shown: str


class Turns(NamedTuple):
    """The turns of a round under a protocol with these very lines of a roster.

    `people` names whom they are for, in order and once each, also those who are then passed over.
    """

    protocol: Protocol
    lines: tuple[Line, ...]
    blank: bool
    slots: tuple[Slot, ...]
    people: str
