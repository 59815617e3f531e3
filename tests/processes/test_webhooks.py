"""Webhooks over real HTTP: whatever is not the carrier's own word changes nothing in any table."""

import uuid

import pytest
from twilio.request_validator import RequestValidator

from tests.kit.programs import ANN, BOB, Daemon, in_time
from tests.kit.real_house import ACCEPTS, TOKEN, RealHouse, account
from tests.processes.webhook import post

SID = "CA" + "1" * 32
OTHER = "another"


@pytest.fixture
def ringing(house: RealHouse, daemon: Daemon) -> str:
    """Return a message whose call to Ann rings, and goes on ringing."""
    daemon.put(account(ring="5m"))
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where state = 'ringing'"))
    return ucn


def sid_of(house: RealHouse) -> str:
    """Return what the carrier calls the one attempt."""
    (row,) = house.sql("select sid from attempts")
    return str(row["sid"])


def test_what_the_carrier_did_not_say_is_refused_and_changes_nothing(
    house: RealHouse, daemon: Daemon, ringing: str
) -> None:
    attempt, sid = daemon.attempt(ringing), sid_of(house)
    call = f"/twilio/call/{attempt}"
    answered = {"CallSid": sid, "CallStatus": "completed"}
    long = {**answered, "Note": "x" * 70_000}
    before = house.tables()

    refused = [
        post(daemon, f"{call}/status", answered, token=None),
        post(daemon, f"{call}/status", answered, token=OTHER),
        post(daemon, f"{call}/key?step=1", {"CallSid": sid, "Digits": "1"}, token=OTHER),
        post(daemon, f"{call}/key", {"CallSid": sid, "Digits": "1"}, token=None),
        post(daemon, f"{call}/answer", {"CallSid": sid}, token=None),
        post(daemon, f"{call}/machine", {"AnsweredBy": "human"}, token=None),
        post(daemon, "/twilio/sms", {"From": ANN, "Body": "STOP"}, token=None),
        post(daemon, "/twilio/sms", {"From": ANN, "Body": "STOP"}, token=OTHER),
        post(daemon, "/twilio/voice", {"From": ANN}, token=None),
        post(daemon, f"{call}/status", {**answered, "CallSid": SID}),
        post(daemon, f"/twilio/call/{uuid.uuid4()}/status", answered),
        post(daemon, f"/twilio/text/{uuid.uuid4()}/status", {"MessageStatus": "sent"}),
        post(daemon, f"{call}/key?step=x", {"CallSid": sid, "Digits": "1"}),
        post(daemon, f"{call}/status", long),
    ]

    assert [one.status_code for one in refused] == [403] * len(refused)
    assert not any(one.content for one in refused)
    assert house.tables() == before


def test_a_signature_for_another_address_is_refused(
    house: RealHouse, daemon: Daemon, ringing: str
) -> None:
    attempt = daemon.attempt(ringing)
    form = {"CallSid": sid_of(house), "CallStatus": "completed"}
    sign = RequestValidator(TOKEN).compute_signature
    elsewhere = sign(f"{daemon.url}/twilio/call/{uuid.uuid4()}/status", form)
    before = house.tables()

    url = f"{daemon.url}/twilio/call/{attempt}/status"
    answer = daemon.web.post(url, data=form, headers={"X-Twilio-Signature": elsewhere})

    assert answer.status_code == 403
    assert house.tables() == before


def test_a_repeated_or_late_webhook_changes_nothing(house: RealHouse, daemon: Daemon) -> None:
    house.carrier.people(ann={"calls": [{"busy": True}]}, bob={"calls": [ACCEPTS]})
    ucn = daemon.take()
    assert daemon.delivered(ucn)
    assert in_time(lambda: house.carrier.ask("state")["quiet"])
    ann = house.sql("select id, sid from attempts where contact = 'ann'")[0]
    bob = house.sql("select id, sid from attempts where contact = 'bob'")[0]
    assert in_time(lambda: not house.sql("select 1 from errands where kind <> 'hang_up'"))
    before = house.tables()

    for one in (ann, bob):
        for status in ("completed", "ringing", "in-progress", "initiated", "busy", "no-answer"):
            form = {"CallSid": str(one["sid"]), "CallStatus": status}
            assert post(daemon, f"/twilio/call/{one['id']}/status", form).status_code == 200

    assert house.tables() == before


def test_an_accept_that_is_repeated_by_the_carrier_counts_once(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.people(ann={"calls": [ACCEPTS]})
    house.carrier.ask("faults", {"doubled": 1.0})
    ucn = daemon.take()

    assert daemon.delivered(ucn)
    assert in_time(lambda: house.carrier.ask("state")["quiet"])
    kinds = daemon.kinds(ucn)
    assert kinds.count("dial.answered ann") == kinds.count("relay.accepted ann") == 1
    assert daemon.ask(f"GET /v1/messages/{ucn}/history/verify")["ok"] is True


@pytest.mark.usefixtures("ringing")
def test_the_same_text_twice_is_taken_once(house: RealHouse, daemon: Daemon) -> None:
    form = {"MessageSid": "SM" + "2" * 32, "From": ANN, "To": "+15005550006", "Body": "what?"}
    first = post(daemon, "/twilio/sms", form)
    before = house.tables()

    again = post(daemon, "/twilio/sms", form)

    assert (again.status_code, again.text) == (200, first.text)
    assert house.tables() == before


@pytest.mark.usefixtures("ringing")
def test_texts_and_calls_of_long_ago_change_nothing(house: RealHouse, daemon: Daemon) -> None:
    """The carrier signs no time: what it has named once is known for ever."""
    text = {"MessageSid": "SM" + "2" * 32, "From": ANN, "To": "+15005550006", "Body": "STOP"}
    call = {"CallSid": "CA" + "3" * 32, "From": ANN, "To": "+15005550006"}
    assert post(daemon, "/twilio/sms", text).status_code == 200
    assert b"1 open message" in post(daemon, "/twilio/voice", call).content
    house.sql("update phones set opted_out_at = null, opted_out_since = null")
    house.sql("delete from inbound_texts")
    house.sql("update heard_of set first_at = first_at - interval '1 hour'")
    before = house.tables()

    again = [post(daemon, "/twilio/sms", text), post(daemon, "/twilio/voice", call)]

    assert [one.status_code for one in again] == [200, 200]
    assert b"<Message" not in again[0].content
    assert b"<Gather" not in again[1].content
    assert house.tables() == before
    assert [line["kind"] for line in daemon.process.lines("webhook.replayed")] == ["sms", "voice"]


def test_callbacks_out_of_order_do_not_turn_a_call_back(house: RealHouse, daemon: Daemon) -> None:
    house.carrier.people(ann={"calls": [{"busy": True}]}, bob={"calls": [ACCEPTS]})
    house.carrier.ask("faults", {"disordered": 1.0, "disorder_span": "1s"})
    ucn = daemon.take()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert daemon.kinds(ucn, "dial").count("dial.busy ann") == 1
    assert [call["to"] for call in house.carrier.calls()] == [ANN, BOB]


def test_callbacks_that_come_before_the_carriers_answer_are_understood(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.people(ann={"calls": [{"busy": True}]}, bob={"calls": [ACCEPTS]})
    house.carrier.ask("faults", {"early": True})
    ucn = daemon.take()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert daemon.kinds(ucn, "dial", "relay") == [
        "dial.started ann",
        "dial.busy ann",
        "dial.started bob",
        "dial.answered bob",
        "relay.accepted bob",
    ]
    assert [call["to"] for call in house.carrier.calls()] == [ANN, BOB]


def test_a_carrier_that_signs_wrongly_is_not_believed_but_asked(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.ask("faults", {"forged": True})
    ucn = daemon.take()
    assert in_time(lambda: house.carrier.calls(ANN))
    assert in_time(lambda: daemon.process.lines("webhook.refused"))

    assert daemon.kinds(ucn, "dial") == ["dial.started ann"]
