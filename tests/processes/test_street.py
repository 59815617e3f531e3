"""The street end to end, with a daemon, a carrier and a database that are processes."""

import signal

from tests.kit.programs import ANN, BOB, Daemon, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account

BUSY = {"calls": [{"busy": True}]}


def test_nobody_answers_and_the_backup_accepts_by_key(house: RealHouse, daemon: Daemon) -> None:
    house.carrier.people(ann={"calls": [{"no_answer": True}]}, bob={"calls": [ACCEPTS]})
    ucn = daemon.take()

    assert daemon.delivered(ucn), daemon.kinds(ucn)

    message = daemon.message(ucn)
    assert (message["evidence"], message["delivered_to"]) == ("key_press", "bob")
    assert daemon.kinds(ucn, "dial", "relay") == [
        "dial.started ann",
        "dial.no_answer ann",
        "dial.started bob",
        "dial.answered bob",
        "relay.accepted bob",
    ]
    assert [call["to"] for call in house.carrier.calls()] == [ANN, BOB]
    assert daemon.ask(f"GET /v1/messages/{ucn}/history/verify")["ok"] is True


def test_a_text_is_accepted_by_its_code(house: RealHouse, daemon: Daemon) -> None:
    daemon.put(account(by="sms"))
    house.carrier.people(ann={"texts": [{"reply_after": "0.2s", "reply": "{code} ok"}]})
    ucn = daemon.take()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert daemon.message(ucn)["evidence"] == "reply_code"
    assert in_time(lambda: len(house.carrier.texts(ANN)) == 2)


def test_a_secure_link_delivers_when_it_is_tapped_and_not_before(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(by="secure"))
    ucn = daemon.take()
    assert in_time(lambda: house.carrier.texts(ANN))

    house.carrier.ask("link", {"phone": ANN, "tap": False})
    assert daemon.told(ucn, "secure.prefetch ann")
    assert daemon.message(ucn)["state"] == "open"

    page = house.carrier.ask("link", {"phone": ANN, "tap": True})
    assert page["status"] == 200
    assert daemon.message(ucn)["evidence"] == "read_receipt"


def test_metrics_tell_what_was_done_and_how_much_stands(house: RealHouse, daemon: Daemon) -> None:
    house.carrier.people(ann=BUSY, bob={"calls": [ACCEPTS]})
    assert daemon.delivered(daemon.take())

    said = daemon.web.get(f"{daemon.url}/metrics").text
    for line in (
        'dispatchd_deliveries_total{evidence="key_press"} 1.0',
        'dispatchd_attempts_total{method="call",outcome="busy"} 1.0',
        'dispatchd_webhooks_total{kind="key",result="accepted"}',
        'dispatchd_jobs{state="pending"}',
        "dispatchd_oldest_due_seconds",
        "dispatchd_due_to_attempt_seconds_count 2.0",
        'dispatchd_carrier_request_seconds_count{operation="call",result="accepted"} 2.0',
    ):
        assert line in said, said


def test_a_term_signal_finishes_what_is_on_the_wire_and_exits_0(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.ask("faults", {"latency": "1s"})
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts"))

    daemon.process.signal(signal.SIGTERM)

    assert daemon.process.wait() == 0
    (attempt,) = house.sql("select state, sid from attempts")
    assert attempt["sid"]
    (job,) = house.sql("select lease_until from jobs where ucn = $1", ucn)
    assert job["lease_until"] is None
    assert daemon.process.lines("daemon.stopped")


def test_who_has_answered_may_still_accept_after_a_term_signal(
    house: RealHouse, daemon: Daemon
) -> None:
    """What comes meanwhile goes out, and whoever is called then may accept it too."""
    late = {"answer_after": "0s", "keys": [{"after": f"{n}s", "press": "1"} for n in (4, 7, 10)]}
    house.carrier.people(ann={"calls": [late]}, bob={"calls": [ACCEPTS]})
    daemon.put(account(ring="20s"))
    daemon.put(account("7002", by="email"))
    daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where state = 'answered'"))

    daemon.process.signal(signal.SIGTERM)
    assert in_time(lambda: daemon.process.lines("daemon.draining"))
    daemon.take("49000002", "7002")

    assert daemon.process.wait() == 0
    found = house.sql("select state, evidence from messages order by ucn")
    assert [tuple(one.values()) for one in found] == [("delivered", "key_press")] * 2


def test_a_second_signal_exits_at_once(house: RealHouse, daemon: Daemon) -> None:
    house.carrier.ask("faults", {"latency": "8s"})
    daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts"))

    daemon.process.signal(signal.SIGTERM)
    assert in_time(lambda: daemon.process.lines("daemon.draining"))
    daemon.process.signal(signal.SIGTERM)

    assert daemon.process.wait() == 1
    assert not daemon.process.lines("daemon.stopped")
