"""`kill -9` at the worst moments: after the restart nobody is called twice and nobody forgotten."""

import contextlib
import socket

from tests.kit.programs import ANN, BOB, Daemon, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account

# Long enough for a daemon to be back, on a busy host too.
LATER = {"calls": [{**ACCEPTS, "answer_after": "8s"}]}
SILENCE_SECONDS = 21


def test_a_call_that_was_on_the_wire_is_adopted_and_not_placed_again(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(ring="20s"))
    house.carrier.people(ann=LATER)
    house.carrier.ask("faults", {"latency": "0.5s", "lose_callbacks_for": "1m"})
    ucn = killed_on_the_wire(house, daemon)
    assert in_time(lambda: house.carrier.calls(ANN))

    house.time_passes(SILENCE_SECONDS)
    daemon.start()

    assert daemon.told(ucn, "dial.adopted ann"), daemon.kinds(ucn)
    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]


def test_a_call_that_was_on_the_wire_is_accepted_by_its_own_callbacks(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(ring="20s"))
    house.carrier.people(ann=LATER)
    house.carrier.ask("faults", {"latency": "0.5s"})
    ucn = killed_on_the_wire(house, daemon)

    daemon.start()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert len(house.carrier.calls()) == 1
    assert daemon.message(ucn)["delivered_to"] == "ann"


def test_a_text_that_was_on_the_wire_is_adopted_and_its_code_still_counts(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(by="sms"))
    house.carrier.ask("faults", {"latency": "0.5s", "lose_callbacks_for": "1m"})
    ucn = killed_on_the_wire(house, daemon)
    assert in_time(lambda: house.carrier.texts(ANN))

    house.carrier.ask("faults", {"clear": True})
    house.time_passes(SILENCE_SECONDS)
    daemon.start()

    assert daemon.told(ucn, "sms.adopted ann"), daemon.kinds(ucn)
    house.carrier.ask("text", {"from": ANN, "body": "ok"})
    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert daemon.kinds(ucn, "sms").count("sms.sent ann") == 1


def test_what_never_left_is_lost_and_the_next_person_is_called(house: RealHouse) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = f"http://127.0.0.1:{silent.getsockname()[1]}"
        daemon = opened(house, TWILIO_BASE_URL=there)
        ucn = daemon.take()
        with contextlib.ExitStack() as lines:
            asked = b""
            while asked != b"POST":  # texts to us are listed, too
                line = lines.enter_context(silent.accept()[0])
                asked = line.recv(4)
            daemon.process.kill()
    house.time_passes(SILENCE_SECONDS)
    house.carrier.people(bob={"calls": [ACCEPTS]})
    again = house.daemon(daemon.port)
    again.process.words = ["tests.kit.settled", "run", "--role=all"]
    again.start()

    assert again.told(ucn, "dial.lost ann", "dial.started bob"), again.kinds(ucn)
    assert again.delivered(ucn), again.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [BOB]


def test_a_call_that_rang_while_we_were_dead_is_not_placed_again(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(ring="20s"))
    house.carrier.people(ann=LATER)
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where state = 'ringing'"))

    daemon.process.kill()
    daemon.start()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]


def test_a_call_that_ended_while_we_were_dead_is_looked_up_and_the_next_one_called(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.people(ann={"calls": [{"no_answer": True}]}, bob={"calls": [ACCEPTS]})
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where state = 'ringing'"))

    daemon.process.kill()
    assert in_time(lambda: house.carrier.calls(ANN)[0]["ended_at"])
    house.time_passes(90)
    daemon.start()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert daemon.kinds(ucn, "dial")[:3] == [
        "dial.started ann",
        "dial.no_answer ann",
        "dial.started bob",
    ]
    assert [call["to"] for call in house.carrier.calls()] == [ANN, BOB]


def test_who_waits_for_a_reply_still_waits_after_the_restart(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(by="sms"))
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where sid is not null"))

    daemon.process.kill()
    daemon.start()
    house.carrier.ask("text", {"from": ANN, "body": "OK"})

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert daemon.kinds(ucn, "sms").count("sms.sent ann") == 1


def test_a_reply_that_did_not_come_while_we_were_dead_lets_the_round_go_on(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(by="sms", wait="5m"))
    house.carrier.people(bob={"calls": [ACCEPTS]})
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where sid is not null"))

    daemon.process.kill()
    house.time_passes(300)
    daemon.start()

    assert daemon.told(ucn, "sms.timeout ann", "dial.started bob"), daemon.kinds(ucn)
    assert daemon.delivered(ucn), daemon.kinds(ucn)


def killed_on_the_wire(house: RealHouse, daemon: Daemon) -> str:
    """Take a message and kill the daemon while its request is on the wire; return the UCN."""
    ucn = daemon.take()
    assert in_time(lambda: not house.carrier.ask("state")["quiet"])
    daemon.process.kill()
    (attempt,) = house.sql("select state, sid from attempts")
    assert (attempt["state"], attempt["sid"]) == ("intended", None)
    return ucn


def opened(house: RealHouse, **env: str) -> Daemon:
    """Start a daemon with Northside's account in it, on other settings."""
    made = house.daemon(**env)
    made.start()
    made.put(account())
    house.carrier.ask("public", {"url": made.url})
    return made
