"""The story of a chaos run, told by a seed: who calls, who answers, and what breaks when.

The same seed tells the same story. How it then goes is up to real time: which instant of a
dispatch a kill hits depends on the host.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from tests.chaos.people import Client, clients

DAEMONS: Final = 3
MINUTES: Final = 300.0
LEASE: Final = 15.0
_PRIORITIES: Final = (("emergency", 1), ("urgent", 6), ("routine", 3))
# What breaks: its weight, and how long it lasts at least and at most, in seconds.
_KINDS: Final[dict[str, tuple[int, float, float]]] = {
    "kill": (8, 0.5, 5),
    "stop": (4, LEASE + 2, LEASE + 7),
    "term": (2, 0.5, 2),
    "cut": (3, 1, 5),
    "stall": (3, 2, 18),
    "delay": (2, 3, 8),
    "half_open": (3, 4, 12),
    "shifted": (2, 0.5, 3),
    "backend": (3, 0.1, 0.1),
    "postgres": (2, 0.5, 3),
    "ahead": (2, 0.1, 0.1),
    "behind": (1, 3, 6),
    "carrier_down": (2, 2, 6),
    "carrier_slow": (2, 3, 8),
    "carrier_breaks": (3, 4, 10),
    "carrier_limits": (2, 3, 8),
    "callbacks_lost": (3, 4, 10),
    "callbacks_late": (2, 4, 10),
}
_SINGLE: Final = frozenset(
    {"kill", "stop", "term", "cut", "stall", "delay", "half_open", "shifted"}
)
_SHORT: Final = ("carrier_breaks", "kill", "cut", "backend", "callbacks_lost", "ahead")


@dataclass(frozen=True, slots=True)
class Order:
    """A message that an agent hands in, `at` seconds after the start."""

    ucn: str
    account: str
    priority: str
    at: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that breaks `at` seconds after the start, and for how long.

    `target`: which daemon, None for what all of them share. `amount`: by how many seconds a clock
    is wrong.
    """

    at: float
    kind: str
    target: int | None
    lasts: float
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Story:
    """All of it; `lasts`: how many seconds of orders and troubles there are."""

    seed: int
    lasts: float
    clients: tuple[Client, ...]
    orders: tuple[Order, ...]
    troubles: tuple[Trouble, ...]


def tell(seed: int, messages: int, *, rate: float = 12.0, short: bool = False) -> Story:
    """Tell the story of a seed: `messages` at about `rate` a second.

    `short`: a few troubles only, in quick succession, of which the last sets the clock ahead, so
    that whatever must be waited for is over soon; and somebody always accepts.
    """
    lasts = max(6.0, messages / rate)
    many = max(6, messages * 2 // 3)
    people = clients(_chance(seed, "people"), many, willing=short)
    orders = _orders(_chance(seed, "orders"), people, messages, lasts)
    chance = _chance(seed, "troubles")
    troubles = _few(chance, lasts) if short else _troubles(chance, lasts)
    return Story(seed, lasts, people, orders, troubles)


def proof(seed: int) -> Story:
    """Tell a short story in which doubles are sure to come without the intent step.

    The carrier takes half a second for each answer, and in the midst of that all daemons lose
    the database, several times.
    """
    story = tell(seed, 160, rate=16.0, short=True)
    late = Trouble(0.0, "carrier_late", None, story.lasts)
    crashes = (Trouble(at, "backend", None, 0.1) for at in (3.0, 5.0, 7.0, 9.0))
    return replace(story, troubles=(late, *crashes))


def _chance(seed: int, of: str) -> Random:
    """Draw people, orders and troubles apart, so that more of one changes nothing of the others."""
    return Random(f"{seed} {of}")  # noqa: S311 - chance that can be repeated, no secret


def _orders(
    chance: Random, people: tuple[Client, ...], messages: int, lasts: float
) -> tuple[Order, ...]:
    words, weights = zip(*_PRIORITIES, strict=True)
    at = sorted(chance.uniform(0, lasts) for _ in range(messages))
    return tuple(
        Order(
            f"4{number:07}",
            chance.choice(people).account,
            chance.choices(words, weights)[0],
            when,
        )
        for number, when in enumerate(at)
    )


def _troubles(chance: Random, lasts: float) -> tuple[Trouble, ...]:
    """One after the other, two or three at a time now and then; a daemon has one at a time."""
    found: list[Trouble] = []
    busy = [0.0] * DAEMONS
    shared = 0.0
    at = chance.uniform(0.5, 2)
    while at < lasts:
        kind = chance.choices([*_KINDS], [one[0] for one in _KINDS.values()])[0]
        free = [n for n in range(DAEMONS) if busy[n] <= at]
        if kind in _SINGLE and free:
            target = chance.choice(free)
            found.append(_trouble(chance, at, kind, target))
            busy[target] = at + found[-1].lasts + 3
        elif kind not in _SINGLE and shared <= at:
            found.append(_trouble(chance, at, kind, None))
            shared = at + found[-1].lasts + 2
        at += chance.choice([0.5, 2, 3, 5])
    return tuple(found)


def _few(chance: Random, lasts: float) -> tuple[Trouble, ...]:
    step = lasts / len(_SHORT)
    return tuple(
        _trouble(chance, step * (n + 0.8), kind, n % DAEMONS if kind in _SINGLE else None, 2.0)
        for n, kind in enumerate(_SHORT)
    )


def _trouble(
    chance: Random, at: float, kind: str, target: int | None, most: float = 1e9
) -> Trouble:
    _, least, longest = _KINDS[kind]
    lasts = min(most, chance.uniform(least, longest))
    signs = {"ahead": MINUTES, "behind": -MINUTES}
    amount = signs.get(kind, chance.choice([-MINUTES, MINUTES]) if kind == "shifted" else 0.0)
    return Trouble(round(at, 2), kind, target, round(lasts, 2), amount)
