"""What a history holds of a night, whatever happened in it (contract, section 7)."""

import hashlib
import re
from pathlib import Path

import orjson
import pytest

from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import Scenario, read_scenarios

HERE = Path(__file__).parent
NIGHTS = [*sorted(HERE.glob("text-*-accept.yaml")), HERE / "protected" / "night.yaml"]
OUTCOMES = {"initiated", "success", "failure", "info"}
ACTORS = re.compile(
    r"(gateway|carrier|contact:[a-z]+"
    r"|(agent|dispatcher|lead|admin|wfm|account_manager|technician):[\w.@-]+)"
)
AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def scenario_of(path: Path) -> Scenario:
    return read_scenarios(path.read_text(encoding="utf-8"), path.name)[0]


@pytest.mark.parametrize("path", NIGHTS, ids=[path.stem for path in NIGHTS])
async def test_every_item_is_complete_and_none_is_missing(path: Path, database: str) -> None:
    """S3-45, S3-46: numbered without a gap, and when, who, what and how it went."""
    outcome = await rehearse(scenario_of(path), database)
    chains: dict[str, list[dict[str, object]]] = {}
    for item in outcome.items:
        # A message's history, or that of a case about one (whose own items name no message).
        whose = item["ucn"] or item["data"]["case"]
        chains.setdefault(str(whose), []).append(item)
        assert AT.fullmatch(item["at"])
        assert ACTORS.fullmatch(item["actor"]), item
        assert item["outcome"] in OUTCOMES
        assert re.fullmatch(r"[^\n]+[.!]", item["text"]), item["text"]
    assert chains
    for items in chains.values():
        items.sort(key=lambda one: int(str(one["seq"])))
        assert [one["seq"] for one in items] == list(range(1, len(items) + 1))
        before = "0" * 64
        for one in items:
            assert one["prev_hash"] == before
            said = {name: one[name] for name in one if name not in {"hash", "content"}}
            text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
            before = hashlib.sha256(text).hexdigest()
            assert one["hash"] == before


async def test_the_kinds_that_a_dispatcher_looks_for_are_there(database: str) -> None:
    """S3-45: when it was taken, dial attempts, texts sent, cues that were set."""
    outcome = await rehearse(scenario_of(HERE / "protected" / "night.yaml"), database)
    kinds = {item["kind"] for item in outcome.items}
    assert {"message.taken", "dial.started", "dial.answered", "sms.sent", "cue.set"} <= kinds
    told = {item["data"]["contact"] for item in outcome.items if item["kind"] == "dial.started"}
    assert {"ann", "fay", "eve"} <= told
