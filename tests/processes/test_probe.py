"""`dispatchd probe`: the carrier is judged by what arrives, and nobody is disturbed by it."""

import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from tests.deploy.watching import named, panel_queries, rules
from tests.kit.nursery import Nursery
from tests.kit.programs import Process, free_port, in_time
from tests.kit.real_house import NUMBER, RealHouse

PHONE = "+12025550177"
Probe = Callable[..., Process]


@pytest.fixture
def probe(house: RealHouse, nursery: Nursery) -> Probe:
    """Start a probe of PHONE with these further options."""

    def start(*options: str) -> Process:
        words = ["gateway", "probe", f"--to={PHONE}", *options]
        env = house.environment(free_port(), {})
        made = Process(nursery, words, house.folder / "probe.log", env)
        made.start()
        return made

    return start


def told(process: Process) -> list[dict[str, Any]]:
    """Return what a probe printed as JSON."""
    lines = [line for line in process.said().splitlines() if line.startswith('{"at"')]
    return [orjson.loads(line) for line in lines]


def phone(house: RealHouse, call: dict[str, object], text: dict[str, object]) -> None:
    house.carrier.ask("people", {PHONE: {"calls": [call], "texts": [text]}})


def test_what_arrives_is_measured_and_leaves_nothing_behind(house: RealHouse, probe: Probe) -> None:
    phone(house, {"answer_after": "0.2s", "hang_up_after": "0.5s"}, {"delivered_after": "0.1s"})
    file = house.folder / "probe.prom"
    process = probe("--json", f"--textfile={file}", "--within=30s")
    assert process.wait() == 0, process.said()
    assert [(one["channel"], one["result"]) for one in told(process)] == [
        ("text", "arrived"),
        ("call", "arrived"),
    ]
    shown = file.read_text()
    assert 'dispatchd_probe_success{channel="call",phone="+1******0177"} 1.0' in shown
    (call,) = house.carrier.calls(PHONE)
    assert call["ended_at"]
    assert house.sql("select * from open_calls") == []
    assert house.sql("select * from attempts") == []
    assert house.sql("select * from chores") == [], "made by hand: nobody counts on it"
    # It took a turn of our number, as everything does that goes out from it.
    spent = house.sql("select number, channel from senders order by channel")
    assert spent == [{"number": NUMBER, "channel": one} for one in ("call", "text")]


def test_what_does_not_arrive_is_a_failure_and_a_phone_in_use_is_left_alone(
    house: RealHouse, probe: Probe
) -> None:
    phone(house, {"busy": True}, {"undelivered": "30003"})
    process = probe("--json", "--within=30s", "--scheduled=15m")
    assert process.wait() == 1
    found = [(one["result"], one["words"]) for one in told(process)]
    assert found == [("failed", "undelivered (30003)"), ("failed", "busy")]
    kept = house.sql("select kind, place, well, well_at, every from chores order by kind")
    every = timedelta(minutes=15)
    assert [tuple(one.values()) for one in kept] == [
        (kind, PHONE, False, None, every) for kind in ("probe_call", "probe_text")
    ]
    house.sql(
        "insert into open_calls (phone, attempt, expires_at) "
        "values ($1, gen_random_uuid(), now() + interval '1 hour')",
        PHONE,
    )
    again = probe("--only=call", "--json", "--within=1s")
    assert again.wait() == 1
    assert told(again)[-1]["result"] == "unmade"
    assert len(house.carrier.calls(PHONE)) == 1


def test_on_a_schedule_it_shows_the_figures_that_are_asked_for_until_it_is_told_to_end(
    house: RealHouse, probe: Probe
) -> None:
    phone(house, {"no_answer": True}, {"reply_after": "0.1s", "reply": "got it"})
    port = free_port()
    process = probe("--only=text", "--reply", "--every=1s", f"--port={port}", "--within=30s")
    assert in_time(lambda: process.said().count("arrived") >= 2), process.said()
    assert "(replied)" in process.said()
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=20).text
    queries = [*panel_queries(), *(rule["expr"] for rule in rules())]
    asked = {name for query in queries for name, _ in named(query) if "_probe_" in name}
    assert len(asked) == 4
    assert all(f'{name}{{channel="text",phone="+1******0177"}}' in shown for name in asked)
    process.signal(signal.SIGTERM)
    assert process.wait() == 0


def test_slips_are_one_line_each(house: RealHouse, probe: Probe) -> None:
    taken = probe(f"--port={house.carrier.port}")
    assert taken.wait() == 1
    assert f"cannot listen on 127.0.0.1:{house.carrier.port}" in taken.said().splitlines()[-1]
    slips = {
        "--to=12025550177": "--to: 12025550177 is no phone number",
        "--every=often": "--every: 'often' is not a duration",
        "--scheduled=often": "--scheduled: 'often' is not a duration",
        "--from=+12025550100": "--from: no text goes out from +12025550100",
    }
    for option, words in slips.items():
        process = probe(option)
        assert process.wait() == 2
        assert words in process.said().splitlines()[-1]
