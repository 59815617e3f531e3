"""A second carrier of another vendor takes over, over real sockets, and after a restart too."""

from collections.abc import Iterator

import pytest

from tests.kit.programs import Carrier, Daemon, Process, free_port, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account

PROJECT, KEY, NUMBER = "5b8c0a1e-1f1e-4f4e-9b1e-0d0f1a2b3c4d", "a-signing-key", "+15005550007"
PHONES = [f"+1202557{n:04}" for n in range(7)]


@pytest.fixture
def second(house: RealHouse) -> Iterator[Carrier]:
    """Another vendor: a path of its own, UUIDs for SIDs, a header of another name."""
    port = free_port()
    words = ["adapters.simulator", f"--port={port}", f"--number={NUMBER}", "--compat"]
    words += [f"--account-sid={PROJECT}", f"--auth-token={KEY}"]
    log = house.folder / "second.log"
    made = Carrier(Process(house.nursery, words, log, house.environment(port, {})), port)
    made.start()
    made.ask("people", {phone: {"calls": [ACCEPTS]} for phone in PHONES})
    yield made
    made.process.over()
    made.web.close()


def door(house: RealHouse, second: Carrier) -> Daemon:
    """Start a daemon with both carriers and seven accounts."""
    settings = {"ACCOUNT": PROJECT, "API_TOKEN": KEY, "SIGNING_KEYS": KEY, "FROM": NUMBER}
    env = {f"SECOND_{name}": value for name, value in settings.items()}
    made = house.daemon(SECOND_BASE_URL=f"{second.url}/api/laml", **env)
    made.start()
    second.ask("public", {"url": made.url})
    for n, phone in enumerate(PHONES):
        document = account(f"70{n:02}")
        document["contacts"]["ann"]["phone"] = phone  # type: ignore[index] # a document
        made.put(document)
    return made


def test_a_second_carrier_takes_over_and_the_lead_is_told_once_even_after_a_restart(
    house: RealHouse, second: Carrier
) -> None:
    daemon = door(house, second)
    house.carrier.ask("faults", {"rates": {"limit": 1}})
    taken = [daemon.take(f"4900000{n}", f"70{n:02}") for n in range(6)]
    assert in_time(lambda: len(second.calls()) == len(taken))
    assert daemon.delivered(taken[0]), daemon.kinds(taken[0])

    daemon.process.kill()
    daemon.start()
    daemon.take("49000006", "7006")
    assert in_time(lambda: len(second.calls()) == len(PHONES))

    assert sorted(call["to"] for call in second.calls()) == PHONES
    assert house.carrier.calls() == []
    rows = house.sql("select sender, sid from attempts where ucn = '49000006'")
    assert [row["sender"] for row in rows] == [NUMBER]
    assert in_time(lambda: any("stopped" in words for words in house.ear.heard))
    assert len([words for words in house.ear.heard if "stopped" in words]) == 1
