"""A database that is away: at the start, and in the middle of the work."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.nursery import Nursery
from tests.kit.own_postgres import Server
from tests.kit.programs import ANN, Daemon, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account, assert_discreet, standing
from tests.processes.webhook import post

LATER = {"calls": [{**ACCEPTS, "answer_after": "10s"}]}


@pytest.fixture
def postgres() -> Iterator[Server]:
    """Start a Postgres of one's own; the account that runs it must get to its folder."""
    made = Server(Path(tempfile.mkdtemp(prefix="dispatchd-test-", dir="/tmp")))
    yield made
    made.close()


@pytest.fixture
def house(postgres: Server, tmp_path: Path, nursery: Nursery) -> Iterator[RealHouse]:
    """Give a house on that server."""
    with standing(postgres.url, tmp_path, nursery) as made:
        yield made
    assert_discreet(made)


def test_work_stops_while_the_database_is_away_and_goes_on_where_it_was(
    postgres: Server, house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(ring="30s"))
    house.carrier.people(ann=LATER)
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where state = 'ringing'"))
    (row,) = house.sql("select id, sid from attempts")
    status = f"/twilio/call/{row['id']}/status"
    form = {"CallSid": str(row["sid"]), "CallStatus": "ringing"}

    postgres.kill()

    assert post(daemon, status, form).status_code == 503
    assert post(daemon, status, form, token="another").status_code == 403  # noqa: S106 - no secret
    refused = daemon.request("GET /v1/messages/49000001")
    assert (refused.status_code, refused.json()["code"]) == (503, "database_away")
    assert in_time(lambda: not daemon.ready())
    assert in_time(lambda: daemon.process.lines("engine.paused"))
    assert daemon.web.get(f"{daemon.url}/healthz").is_success

    postgres.start()

    assert in_time(daemon.ready)
    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]
    assert daemon.ask(f"GET /v1/messages/{ucn}/history/verify")["ok"] is True


def test_an_answer_that_could_not_be_recorded_is_learned_later(
    postgres: Server, house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(ring="30s"))
    house.carrier.people(ann=LATER)
    house.carrier.ask("faults", {"latency": "0.5s"})
    ucn = daemon.take()
    assert in_time(lambda: not house.carrier.quiet())

    postgres.kill()
    assert in_time(house.carrier.calls)
    postgres.start()

    assert in_time(daemon.ready)
    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]


def test_a_start_without_a_database_waits_for_it_and_says_so(
    postgres: Server, house: RealHouse
) -> None:
    postgres.kill()
    daemon = house.daemon()
    daemon.process.start()
    assert in_time(lambda: len(daemon.process.lines("database.away")) >= 2)

    postgres.start()

    assert in_time(daemon.ready)
    (line, *_) = daemon.process.lines("database.away")
    assert line["attempt"] == 1
    assert line["of"] == 10
