"""What our requests look like when they arrive at the carrier."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace

import pytest

from adapters.transport import HttpTransport
from adapters.twilio.client import CallRequest, TextRequest, TwilioWire
from adapters.wire import Accepted, Refused, Reply, Unsure
from tests.adapters.conftest import ACCOUNT, KEY, SECRET
from tests.adapters.stub_carrier import StubCarrier, call_record, refusal, says, text_record


async def test_a_call_asks_for_every_event_and_never_listens_for_machines_unasked(
    carrier: StubCarrier, wire: TwilioWire, call: CallRequest
) -> None:
    carrier.will(says(201, call_record("CA1")))
    assert await wire.place_call(call) == Accepted("CA1", "queued")
    (got,) = carrier.requests
    assert (got.method, got.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert sorted(got.form) == sorted(
        [
            ("To", "+12025550101"),
            ("From", "+12025550100"),
            ("Url", call.answer_url),
            ("StatusCallback", call.status_url),
            ("StatusCallbackEvent", "initiated"),
            ("StatusCallbackEvent", "ringing"),
            ("StatusCallbackEvent", "answered"),
            ("StatusCallbackEvent", "completed"),
            ("Timeout", "25"),
            ("TimeLimit", "180"),
        ]
    )


async def test_a_machine_url_turns_on_detection_beside_the_running_script(
    carrier: StubCarrier, wire: TwilioWire, call: CallRequest
) -> None:
    carrier.will(says(201, call_record("CA1")))
    url = "https://gw.example/twilio/machine?a=a-1"
    await wire.place_call(replace(call, machine_url=url))
    (got,) = carrier.requests
    assert got.field("MachineDetection") == ["DetectMessageEnd"]
    assert got.field("AsyncAmd") == ["true"]
    assert got.field("AsyncAmdStatusCallback") == [url]


async def test_a_call_may_bring_its_script_along_and_ask_for_no_callback(
    carrier: StubCarrier, wire: TwilioWire, call: CallRequest
) -> None:
    carrier.will(says(201, call_record("CA1")))
    script = "<Response><Say>A test</Say></Response>"
    await wire.place_call(replace(call, answer_url=None, status_url=None, twiml=script))
    (got,) = carrier.requests
    assert {name for name, _ in got.form} == {"To", "From", "Twiml", "Timeout", "TimeLimit"}
    assert got.field("Twiml") == [script]


async def test_a_text_goes_out_from_a_number_word_for_word(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    carrier.will(says(201, text_record("SM1")))
    assert await wire.send_text(text) == Accepted("SM1", "queued")
    (got,) = carrier.requests
    assert got.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert sorted(got.form) == sorted(
        [
            ("To", "+12025550101"),
            ("From", "+12025550100"),
            ("Body", "No heat & +1 202; reply 41"),
            ("StatusCallback", text.status_url),
            ("ValidityPeriod", "300"),
        ]
    )


async def test_without_a_place_for_it_no_progress_is_asked_for(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    carrier.will(says(201, text_record("SM1")))
    await wire.send_text(replace(text, status_url=None))
    (got,) = carrier.requests
    assert got.field("StatusCallback") == []


async def test_a_text_may_go_out_from_a_messaging_service(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    carrier.will(says(201, text_record("SM1", "accepted")))
    assert await wire.send_text(replace(text, from_="MG" + "3" * 32)) == Accepted("SM1", "accepted")
    (got,) = carrier.requests
    assert got.field("MessagingServiceSid") == ["MG" + "3" * 32]
    assert got.field("From") == []


async def test_the_key_and_its_secret_are_the_credentials(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    carrier.will(says(201, text_record("SM1")))
    await wire.send_text(text)
    login = b64encode(f"{KEY}:{SECRET}".encode()).decode()
    assert carrier.requests[0].headers["Authorization"] == f"Basic {login}"


async def test_the_environment_cannot_send_us_to_another_region(
    carrier: StubCarrier, call: CallRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_REGION", "elsewhere")
    monkeypatch.setenv("TWILIO_EDGE", "nowhere")
    carrier.will(says(201, call_record("CA1")))
    transport = HttpTransport()
    wire = TwilioWire(ACCOUNT, ACCOUNT, "token", transport, carrier.url + "/")
    assert await wire.place_call(call) == Accepted("CA1", "queued")
    await transport.close()


async def test_a_live_call_is_hung_up_or_given_new_words(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    carrier.will(says(200, call_record("CA1", "completed")))
    assert isinstance(await wire.hang_up("CA1"), Accepted)
    assert isinstance(await wire.say("CA1", "<Response/>"), Accepted)
    ended, said = carrier.requests
    assert ended.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls/CA1.json"
    assert ended.form == [("Status", "completed")]
    assert said.form == [("Twiml", "<Response/>")]


async def test_a_call_that_has_ended_already_is_refused_as_such(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    carrier.will(refusal(21220, 400, "Call is not in-progress. Cannot redirect."))
    for answer in (await wire.hang_up("CA1"), await wire.say("CA1", "<Response/>")):
        assert isinstance(answer, Refused)
        assert (answer.code, answer.again, answer.ours) == (21220, False, False)


async def test_half_a_character_does_not_keep_a_text_from_going_out(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    carrier.will(says(201, text_record("SM1")))
    assert isinstance(await wire.send_text(replace(text, body="half \ud83d a pair")), Accepted)
    assert carrier.requests[0].field("Body") == ["half  a pair"]


async def test_any_transport_will_do(text: TextRequest) -> None:
    class Near:
        """A carrier in this process: no socket, no clock."""

        sent: list[tuple[str, str]]

        async def request(
            self, method: str, url: str, headers: Mapping[str, str], body: bytes
        ) -> Reply:
            assert headers["Content-Type"] == "application/x-www-form-urlencoded"
            self.sent.append((method, url))
            assert b"To=%2B12025550101" in body
            return Reply(201, {}, b'{"sid": "SM9", "status": "queued"}')

        async def close(self) -> None:
            self.sent.clear()

    near = Near()
    near.sent = []
    answer = await TwilioWire(ACCOUNT, KEY, SECRET, near).send_text(text)
    assert answer == Accepted("SM9", "queued")
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert near.sent == [("POST", url)]


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", "{}", '{"sid": null}', '{"sid": 7}'])
async def test_an_acceptance_we_cannot_read_may_have_been_one(
    carrier: StubCarrier, wire: TwilioWire, call: CallRequest, body: str
) -> None:
    carrier.will(says(201, body))
    assert isinstance(await wire.place_call(call), Unsure)
