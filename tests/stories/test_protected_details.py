"""With `phi: true` no detail leaves but behind a link or after a PIN (contract, section 4).

A night in which everything happens that writes words: each way to reach people, each answer they
can get, each alert, and people who work the message. All that left, the history and every line of
the log are searched for every part of the message.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import structlog

from gateway import log
from gateway.clock import SystemClock
from gateway.rehearsal.play import Play
from gateway.rehearsal.report import left_lines
from gateway.rehearsal.scenario import read_scenarios
from gateway.store import messages
from gateway.store.pool import connect
from tests.kit.desk import NOON

ANN, EVE = "+12025550101", "+12025550105"
# Every part of the message, and what people wrote about it; none could stand in a hash by chance.
DETAILS = (
    *("zanthrope", "boilerwick", "rita", "roequill", "5550142", "555-0142", "(202) 555-0142"),
    *("brambleway", "gatecode", "wx-9942", "quillon", "vexwort", "murkstone", "callback@"),
)
NIGHT = Path(__file__).parent / "protected" / "night.yaml"


@dataclass(slots=True)
class Night:
    """All words of a night: what left by text, mail and alert, was spoken, recorded and logged."""

    kinds: set[str]
    left: str
    spoken: dict[str, list[str]]
    history: str
    logged: str
    faults: list[str]


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Keep every line of the log, down to the libraries' own."""
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    stream = StringIO()
    log.set_up("json", "debug", lambda: NOON, stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def play(database: str, logged: StringIO, phi: str) -> Night:
    """Play the night and gather its words, in small letters."""
    (scenario,) = read_scenarios(NIGHT.read_text("utf-8").replace("phi: true", phi), "test")
    played = Play(scenario, database)
    await played.run()
    lines = list(left_lines(played))
    carrier = played.line.carrier
    assert carrier is not None
    spoken: dict[str, list[str]] = {}
    for call in carrier.calls:
        spoken.setdefault(call.to, []).append(" ".join(call.heard).lower())
    conn = await connect(database, SystemClock(), tries=1)
    try:
        wanted = messages.Wanted(scenario.start, delivered=True)
        shown = await messages.list_all(conn, wanted)
        items = [i for one in shown for i in await messages.history(conn, one.message.key)]
    finally:
        await conn.close()
    history = [{name: item[name] for name in item if name != "content"} for item in items]
    kinds = {item["kind"] for item in items} | {f"left.{line['type']}" for line in lines}
    told = str(lines).lower(), spoken, str(history).lower(), logged.getvalue().lower()
    return Night(kinds, *told, played.faults)


def found_in(words: str) -> list[str]:
    return [one for one in DETAILS if one in words]


async def test_no_detail_leaves_by_any_way_but_behind_a_link_or_after_a_pin(
    database: str, logged: StringIO
) -> None:
    night = await play(database, logged, "phi: true")
    assert night.faults == []
    assert {
        *("left.text", "left.email", "left.alert", "left.call", "vm.left", "sms.help_sent"),
        *("dial.failed", "dial.hung_up", "relay.declined", "sms.undelivered", "sms.opt_out"),
        *("secure.prefetch", "secure.timeout", "email.accepted", "gap.detected", "limit.reached"),
        *("park.created", "am_review.flagged", "contact.skipped", "endpoint.suspended"),
    } <= night.kinds
    assert found_in(night.left) == []
    assert found_in(night.history) == []
    assert night.logged
    assert found_in(night.logged) == []
    assert (
        found_in(" ".join(" ".join(said) for to, said in night.spoken.items() if to != EVE)) == []
    )
    first, *others = night.spoken[EVE]
    assert "zanthrope" in first.partition("that pin is not right")[2]
    assert found_in(first.partition("that pin is not right")[0]) == []
    assert found_in(" ".join(others)) == []


async def test_without_phi_the_very_same_search_finds_what_left(
    database: str, logged: StringIO
) -> None:
    """So that the search is known to be able to find: but nothing in history, voicemail or log."""
    night = await play(database, logged, "phi: false")
    assert {"zanthrope", "brambleway", "wx-9942"} <= {*found_in(night.left)}
    assert found_in(" ".join(night.spoken[ANN])) == []
    assert found_in(night.history) == []
    assert found_in(night.logged) == []
    assert not {"quillon", "vexwort", "murkstone"} & {*found_in(night.left)}
