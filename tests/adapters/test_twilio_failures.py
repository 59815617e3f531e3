"""When the carrier or the way to it fails: what is certain, what is not; nothing is retried."""

import logging
import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.transport import HttpTransport
from adapters.twilio.client import CallRequest, TextRequest, TwilioWire
from adapters.wire import Accepted, Refused, Unsure, WireError
from tests.adapters.conftest import ACCOUNT, KEY, SECRET
from tests.adapters.stub_carrier import (
    StubCarrier,
    call_record,
    hangs_up,
    refusal,
    says,
    stops_halfway,
    text_record,
)

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 302])
async def test_a_failing_carrier_leaves_us_unsure_after_one_try(
    carrier: StubCarrier, wire: TwilioWire, call: CallRequest, status: int
) -> None:
    carrier.will(says(status, "<html>down</html>", Location="/2010-04-01/elsewhere"))
    assert await wire.place_call(call) == Unsure(f"the carrier answered HTTP {status}")
    assert len(carrier.requests) == 1


async def test_a_carrier_that_keeps_silent_leaves_us_unsure_after_one_try(
    carrier: StubCarrier, call: CallRequest
) -> None:
    carrier.will(carrier.silence)
    hasty = HttpTransport(timeout=0.5)
    wire = TwilioWire(ACCOUNT, KEY, SECRET, hasty, carrier.url)
    assert await wire.place_call(call) == Unsure("no reply within the time allowed")
    await hasty.close()
    assert len(carrier.requests) == 1


async def test_a_connection_that_breaks_leaves_us_unsure_after_one_try(
    carrier: StubCarrier, wire: TwilioWire, call: CallRequest, text: TextRequest
) -> None:
    carrier.will(hangs_up, stops_halfway)
    assert isinstance(await wire.place_call(call), Unsure)
    assert isinstance(await wire.send_text(text), Unsure)
    assert len(carrier.requests) == 2


async def test_too_many_requests_says_when_to_come_back(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    body = {"code": 20429, "message": "Too many requests", "status": 429}
    carrier.will(
        says(429, body, Retry_After="7"),
        says(429, "busy"),
        says(
            429,
            body,
            Retry_After="Mon, 02 Feb 2026 12:00:30 GMT",
            Date="Mon, 02 Feb 2026 12:00:00 GMT",
        ),
        says(429, body, Retry_After="soon"),
    )
    for after in (7.0, None, 30.0, None):
        answer = await wire.send_text(text)
        assert isinstance(answer, Refused)
        assert (answer.code, answer.again, answer.ours) == (20429, True, False)
        assert answer.after == after
    assert len(carrier.requests) == 4


@pytest.mark.parametrize(
    ("code", "kind", "ours"),
    [
        (21211, "number", False),
        (21614, "number", False),
        (20003, "account", True),
        (21606, "account", True),
        (21617, "content", True),
        (21610, "opt_out", False),
        (21611, "retryable", False),
        (29999, "unknown", False),
    ],
)
async def test_a_refusal_is_definite_and_knows_its_class(
    carrier: StubCarrier, text: TextRequest, code: int, kind: str, ours: object
) -> None:
    carrier.will(refusal(code, 400, "The 'To' number +1 (202) 555-0101 is no good."))
    transport = HttpTransport()
    answer = await TwilioWire(ACCOUNT, KEY, SECRET, transport, carrier.url).send_text(text)
    await transport.close()
    assert isinstance(answer, Refused)
    assert (answer.code, answer.kind, answer.ours, answer.again) == (code, kind, ours, False)
    assert str(code) in answer.words
    assert "555" not in answer.words
    assert len(carrier.requests) == 1


async def test_a_refusal_from_something_between_us_has_no_code(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    carrier.will(says(403, "<html>proxy</html>"), says(404, {"code": 404}))
    assert await wire.send_text(text) == Refused(
        None, "HTTP 403: cause unknown", again=False, ours=True, kind="account"
    )
    assert await wire.send_text(text) == Refused(
        None, "HTTP 404: cause unknown", again=False, ours=False
    )


async def test_a_problem_document_is_understood_too(
    carrier: StubCarrier, wire: TwilioWire, text: TextRequest
) -> None:
    problem = {"type": "https://x", "title": "Nope", "status": 400, "code": 29998}
    carrier.will(says(400, problem))
    answer = await wire.send_text(text)
    assert answer == Refused(29998, "29998: Nope", again=False, ours=False)


async def test_a_refused_connection_sent_nothing_and_may_be_tried_again(call: CallRequest) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        transport = HttpTransport()
        answer = await TwilioWire(ACCOUNT, KEY, SECRET, transport, address).place_call(call)
        await transport.close()
    assert answer == Refused(
        None, "not sent: the connection was refused", again=True, ours=False, kind="retryable"
    )


@pytest.mark.parametrize("address", ["https://127.0.0.1:{port}", "http://:{port}", "http://a:b:c"])
async def test_a_failed_handshake_or_a_senseless_address_sent_nothing(
    carrier: StubCarrier, call: CallRequest, address: str
) -> None:
    port = carrier.url.rpartition(":")[2]
    transport = HttpTransport()
    wire = TwilioWire(ACCOUNT, KEY, SECRET, transport, address.format(port=port))
    answer = await wire.place_call(call)
    await transport.close()
    assert isinstance(answer, Refused)
    assert answer.again
    assert carrier.requests == []


async def test_a_listener_that_never_takes_the_connection_got_nothing(call: CallRequest) -> None:
    # A full backlog: the kernel leaves further connections unanswered.
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        transport = HttpTransport(timeout=2, connect=0.2)
        address = f"http://127.0.0.1:{full.getsockname()[1]}"
        answer = await TwilioWire(ACCOUNT, KEY, SECRET, transport, address).place_call(call)
        await transport.close()
    assert isinstance(answer, Refused)
    assert answer.again
    assert answer.words == "not sent: no connection within the time allowed"


async def test_no_phone_number_word_or_secret_reaches_any_log(
    carrier: StubCarrier,
    wire: TwilioWire,
    call: CallRequest,
    text: TextRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    carrier.will(
        says(201, call_record("CA1")),
        says(201, text_record("SM1")),
        refusal(21211, 400, "+12025550101 is not valid"),
        says(500, "{}"),
        hangs_up,
        says(200, {"calls": [call_record("CA1")], "next_page_uri": None}),
        says(503, "{}"),
    )
    assert isinstance(await wire.place_call(call), Accepted)
    assert isinstance(await wire.send_text(text), Accepted)
    for _ in range(3):
        await wire.send_text(replace(text, body="the secret words"))
    await wire.list_calls(call.to, call.from_, NOON)
    with pytest.raises(WireError) as broken:
        await wire.list_texts(text.to, text.from_, NOON)
    # The stub's own access log is not ours.
    ours = [one for one in caplog.records if one.name != "aiohttp.access"]
    told = " ".join([*(one.getMessage() for one in ours), str(broken.value)])
    for secret in ("2025550101", "2025550100", "secret words", "No heat", SECRET, KEY):
        assert secret not in told


async def test_a_second_close_does_nothing_and_a_request_opens_anew(
    carrier: StubCarrier, text: TextRequest
) -> None:
    carrier.will(says(201, text_record("SM1")))
    transport = HttpTransport()
    wire = TwilioWire(ACCOUNT, KEY, SECRET, transport, carrier.url)
    await wire.send_text(text)
    await transport.close()
    await transport.close()
    assert isinstance(await wire.send_text(text), Accepted)
    await transport.close()
