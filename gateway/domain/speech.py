"""Speech: what a call says next, before any carrier's markup."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ask:
    """Say sentences and wait `timeout` seconds for `digits` keys (0: until the pound key).

    `step` comes back with the keys, so that a repeated webhook is known as such.
    """

    say: tuple[str, ...]
    step: int
    timeout: int
    digits: int = 1


@dataclass(frozen=True, slots=True)
class Tell:
    """Say sentences and hang up."""

    say: tuple[str, ...]


Speech = Ask | Tell
