"""Plans made while a table is nearly empty, as when a month begins, are good when it has filled."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.store.pool import Pool
from tests.kit.desk import NOON, later
from tests.kit.plans import UNCLAIMED, WRITTEN, planned

ATTEMPT = "0142ed6a-8199-8bfe-b150-6361963ea568"
MONTH = "2026-02-01 00:00Z"
KEYS = (["7001"], ["2026-02-01"], ["49000001"])
AROUND = ("+12025550101", NOON, ["7001"], ["2026-02-02"], NOON, later(hours=-1))


def looks(node: dict[str, Any]) -> Iterator[str]:
    """Yield by what a plan finds attempts."""
    read = node.get("Relation Name") or node.get("Index Name") or ""
    if read.startswith("attempts") and node["Node Type"] not in {"Bitmap Heap Scan", "ModifyTable"}:
        yield node.get("Index Cond", "nothing")
    for one in node.get("Plans", ()):
        yield from looks(one)


@pytest.mark.parametrize(
    ("query", "given", "keys"),
    [
        ("jobs.note_placed", ([], MONTH, MONTH), ("(id = ",)),
        ("jobs.note_carried", ([], MONTH), ("(rides = ",)),
        ("jobs.attempt_sid", (ATTEMPT, MONTH, MONTH), ("(id = ", "(rides = ")),
        ("jobs.claimed_sids", ("+12025550101", ["CA1"], NOON), ("(address = ",)),
        ("changes.write_changes", (*WRITTEN, MONTH, MONTH, *UNCLAIMED), ("(id = ",)),
        ("changes.set_rides", ([], [], MONTH, MONTH), ("(id = ",)),
        ("parties.places_of_attempts", ([ATTEMPT], MONTH, MONTH), ("(id = ",)),
        ("parties.sender_of_attempt", (ATTEMPT, MONTH, MONTH), ("(id = ",)),
        ("parties.party", (ATTEMPT, MONTH), ("(rides = ",)),
        ("states.load_messages", (*KEYS, [ATTEMPT], MONTH, MONTH, MONTH), ("(id = ", "(ucn = ")),
        ("states.load_surroundings", AROUND, ("(address = ",)),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_attempts_are_found_by_their_keys_in_a_table_that_is_empty_yet(
    pool: Pool, query: str, given: tuple[object, ...], keys: tuple[str, ...]
) -> None:
    async with pool.acquire() as conn:
        found = [*looks(await planned(conn, query, given))]
    assert found
    for one in found:
        assert any(key in one for key in keys), found
