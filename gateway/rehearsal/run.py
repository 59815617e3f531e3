"""Running a rehearsal: one scenario on a fresh database, and all that came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from gateway.clock import SystemClock
from gateway.rehearsal.expect import check
from gateway.rehearsal.play import Play, StuckError
from gateway.rehearsal.report import left_lines
from gateway.rehearsal.scenario import Scenario
from gateway.store import messages
from gateway.store.pool import connect

_LONG_BEFORE: Final = timedelta(days=3650)
_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario.

    `items` are the history items of all messages, `left` the calls, texts, e-mails and alerts as
    JSON values, `faults` one line for each expectation that failed, `seconds` the real time spent.
    """

    scenario: Scenario
    items: tuple[dict[str, Any], ...]
    left: tuple[dict[str, Any], ...]
    faults: tuple[str, ...]
    seconds: float


async def rehearse(scenario: Scenario, url: str) -> Outcome:
    """Play a scenario on the fresh, migrated database at `url` and compare what it expects."""
    clock = SystemClock()
    began = clock.monotonic()
    play = Play(scenario, url)
    faults: list[str] = []
    try:
        await play.run()
    except StuckError as fault:
        faults.append(str(fault))
    histories, finals = await _memory(scenario, url)
    faults += play.faults + check(scenario, histories, finals)
    items = sorted(
        (item for items in histories.values() for item in items),
        key=lambda item: (item["at"], item["ucn"], item["seq"]),
    )
    left = tuple(left_lines(play))
    return Outcome(scenario, tuple(items), left, tuple(faults), clock.monotonic() - began)


async def _memory(
    scenario: Scenario, url: str
) -> tuple[Mapping[str, Sequence[dict[str, Any]]], Mapping[str, Mapping[str, Any]]]:
    """Read by UCN what the database now holds: histories and final states."""
    conn = await connect(url, SystemClock(), tries=1)
    try:
        since = scenario.start - _LONG_BEFORE
        shown = await messages.list_all(conn, messages.Wanted(since, delivered=True, most=_ALL))
        found = [one.message for one in shown]
        histories = {m.key.ucn: await messages.history(conn, m.key) for m in found}
    finally:
        await conn.close()
    finals = {
        m.key.ucn: {
            "state": m.state.value,
            "evidence": m.evidence,
            "delivered_to": m.delivered_to,
        }
        for m in found
    }
    return histories, finals
