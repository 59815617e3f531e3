"""`dispatchd run` as a chaos run starts it: on a wrong wall clock, or hasty, if it is told so.

Both live here, in a program of the tests: no setting of the product can bring them about.
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import ModuleType
from typing import Final

import gateway.cli.run
import gateway.compose
import gateway.daemon.trials
from gateway.cli.app import main as dispatchd
from gateway.clock import SystemClock
from gateway.daemon.perform import Performer
from gateway.domain.change import CallOut, Change, TextOut
from gateway.store import changes as store
from gateway.store.pool import Connection
from gateway.store.rates import Rates
from gateway.store.verdicts import Verdict

SHIFT: Final = "CHAOS_CLOCK_SHIFT"
HASTY: Final = "CHAOS_WITHOUT_INTENT"


class ShiftedClock(SystemClock):
    """A host whose wall clock is wrong, by as many seconds as the environment says."""

    def __init__(self) -> None:
        super().__init__()
        self._origin += timedelta(seconds=float(os.environ.get(SHIFT, "0")))


class HastyPerformer(Performer):
    """Takes the intent step out: the wire is asked first, and what it was asked is written after.

    This is what the chaos run must find; it shows that a run that finds nothing has looked.
    """

    last: "HastyPerformer | None" = None

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)
        self._gone: set[object] = set()
        HastyPerformer.last = self

    async def ahead(self, change: Change, sender: str) -> None:
        """Ask the wire for what nobody has committed yet."""
        self._gone.add(change.wire.attempt)
        await super().perform(change, sender)

    async def perform(self, change: Change, sender: str | None) -> None:
        """Ask only for what has not gone ahead."""
        if change.wire is None or change.wire.attempt not in self._gone:
            await super().perform(change, sender)


async def write_late(
    conn: Connection, changes: Sequence[Change], now: datetime, rates: Rates, *, wake: bool = True
) -> list[Verdict]:
    """Write what was decided after it was done."""
    hasty, numbers = HastyPerformer.last, rates.numbers["call"] or rates.numbers["text"]
    if hasty and numbers:
        wired = [one for one in changes if isinstance(one.wire, CallOut | TextOut)]
        # What was answered otherwise than with a yes is about an attempt that nobody knows yet.
        asked = (hasty.ahead(one, numbers[0]) for one in wired)
        await asyncio.gather(*asked, return_exceptions=True)
    return await store.write(conn, changes, now, rates, wake=wake)


# What is put in whose place: module, name, and what stands there instead.
SPOILS: Final[dict[str, tuple[tuple[ModuleType, str, object], ...]]] = {
    SHIFT: (
        (gateway.compose, "SystemClock", ShiftedClock),
        (gateway.cli.run, "SystemClock", ShiftedClock),
    ),
    HASTY: (
        (gateway.compose, "Performer", HastyPerformer),
        (gateway.daemon.trials, "write", write_late),
    ),
}


def main() -> object:
    """Be `dispatchd`, spoilt as the environment says."""
    for setting, places in SPOILS.items():
        for module, name, instead in places if setting in os.environ else ():
            setattr(module, name, instead)
    return dispatchd()
