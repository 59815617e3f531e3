"""Specials leave as one line, word for word, and what happened stands on record."""

from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.domain.history import stamp
from gateway.domain.retrace import documents_named, retrace
from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import Scenario, read_scenarios
from gateway.store import messages
from gateway.store.pool import connect
from gateway.store.states import States
from tests.kit.desk import NOON, later

HERE = Path(__file__).parent
LINE = "📣Specials 7001 - Please see special in regards to the office being closed until 1/5/2026."
SPECIALS = sorted(HERE.glob("special-*.yaml"))


def scenario_of(path: Path) -> Scenario:
    return read_scenarios(path.read_text(encoding="utf-8"), path.name)[0]


async def test_a_special_is_told_word_for_word_to_its_own_sink(database: str) -> None:
    scenario = scenario_of(HERE / "special-text-only.yaml")
    outcome = await rehearse(scenario, database)
    alerts = [one for one in outcome.left if one["type"] == "alert" and one["sink"] == "specials"]
    at = stamp(later(minutes=-30))
    assert alerts == [{"type": "alert", "at": at, "sink": "specials", "text": LINE}]


@pytest.mark.parametrize("path", SPECIALS, ids=[path.stem for path in SPECIALS])
async def test_every_decision_under_a_special_is_explained_by_the_record(
    path: Path, database: str
) -> None:
    outcome = await rehearse(scenario_of(path), database)
    conn = await connect(database, SystemClock(), tries=1)
    try:
        states = States("")
        for ucn in {item["ucn"] for item in outcome.items}:
            key = await states.key_of_ucn(conn, ucn)
            assert key is not None
            items = await messages.history(conn, key)
            wanted = [(key.account, version) for version in documents_named(items)]
            compiled = await states.accounts.compiled(conn, wanted)
            versions = {version: account for (_, version), account in compiled.items()}
            state = (await states.to_plan(conn, [key], NOON))[key]
            rounds = retrace(state, items, versions)
            assert [one.mismatches for one in rounds if one.mismatches] == []
    finally:
        await conn.close()
