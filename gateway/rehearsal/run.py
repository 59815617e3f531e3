"""Running a rehearsal: one scenario on a fresh database, and all that came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from gateway.clock import SystemClock
from gateway.domain.explaining import Explained
from gateway.rehearsal.expect import check
from gateway.rehearsal.play import Play, StuckError
from gateway.rehearsal.report import left_lines
from gateway.rehearsal.scenario import Scenario
from gateway.store import matters, messages
from gateway.store.explaining import explain_all
from gateway.store.pool import connect
from gateway.store.states import States

_LONG_BEFORE: Final = timedelta(days=3650)
_ALL: Final = 1_000_000
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario.

    `items` are the history items of all messages and matters, `left` the calls, texts, e-mails and
    alerts as JSON values, `faults` one line for each expectation that failed, `seconds` the real
    time spent, `differs` one line for whatever does not follow from the history: rounds, rows or
    its own chain.
    """

    scenario: Scenario
    items: tuple[dict[str, Any], ...]
    left: tuple[dict[str, Any], ...]
    faults: tuple[str, ...]
    seconds: float
    differs: tuple[str, ...] = ()


async def rehearse(scenario: Scenario, url: str) -> Outcome:
    """Play a scenario on the fresh, migrated database at `url` and compare what it expects."""
    clock = SystemClock()
    began = clock.monotonic()
    faults: list[str] = []
    with TemporaryDirectory(prefix="dispatchd-") as folder:
        play = Play(scenario, url, Path(folder))
        try:
            await play.run()
        except StuckError as fault:
            faults.append(str(fault))
    explained = await _memory(scenario, url)
    histories = {ucn: one.items for ucn, one in explained.items()}
    others = await _matters(url)
    # An expectation calls a case, hand-off or field job by the name its answer was saved under.
    named = {name: others[id_] for name, id_ in play.saved_ids().items() if id_ in others}
    faults += play.faults + check(scenario, {**named, **histories}, _finals(explained))
    differs = tuple(f"{ucn}: {words}" for ucn, one in explained.items() for words in one.mismatches)
    items = sorted(
        (item for items in (*histories.values(), *others.values()) for item in items),
        key=lambda item: (item["at"], item["ucn"] or "", item["seq"]),
    )
    left = tuple(left_lines(play))
    seconds = clock.monotonic() - began
    return Outcome(scenario, tuple(items), left, tuple(faults), seconds, differs)


async def _memory(scenario: Scenario, url: str) -> Mapping[str, Explained]:
    """Read by UCN the messages that the database now holds, explained, with their histories."""
    conn = await connect(url, SystemClock(), tries=1)
    states = States("")
    explained: dict[str, Explained] = {}
    try:
        since = scenario.start - _LONG_BEFORE
        shown = await messages.list_all(conn, messages.Wanted(since, delivered=True, most=_ALL))
        keys = [one.message.key for one in shown]
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            found = await explain_all(conn, states, some, scenario.until)
            explained |= {key.ucn: one for key, one in found.items()}
        return explained
    finally:
        await conn.close()


async def _matters(url: str) -> Mapping[str, Sequence[dict[str, Any]]]:
    """Read the histories of cases, hand-offs and field jobs by their ids."""
    conn = await connect(url, SystemClock(), tries=1)
    try:
        found = [id_ async for id_, _, _ in matters.ids(conn)]
        return {str(id_): await matters.history(conn, id_) for id_ in found}
    finally:
        await conn.close()


def _finals(explained: Mapping[str, Explained]) -> Mapping[str, Mapping[str, Any]]:
    """Return the final states of messages by UCN."""
    standing = {ucn: one.state.message for ucn, one in explained.items()}
    return {
        ucn: {"state": m.state.value, "evidence": m.evidence, "delivered_to": m.delivered_to}
        for ucn, m in standing.items()
    }
