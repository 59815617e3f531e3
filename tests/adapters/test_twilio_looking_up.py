"""Looking up at the carrier what became of an attempt; "none" and "could not look" differ."""

from datetime import UTC, datetime

import pytest

from adapters.transport import HttpTransport
from adapters.twilio.client import InboundText, TwilioWire
from adapters.wire import WireError
from tests.adapters.conftest import ACCOUNT
from tests.adapters.stub_carrier import (
    StubCarrier,
    call_record,
    hangs_up,
    refusal,
    says,
    text_record,
)

TO, FROM = "+12025550101", "+12025550100"
ELEVEN = datetime(2026, 2, 2, 23, tzinfo=UTC)
BEFORE = "Mon, 02 Feb 2026 22:59:59 +0000"
AFTER = "Mon, 02 Feb 2026 23:00:07 +0000"


async def test_a_call_and_a_text_are_seen_in_our_words(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    carrier.will(
        says(200, call_record("CA1", "in-progress", date_created=AFTER)),
        says(200, text_record("SM1", "undelivered", error_code=30003)),
    )
    call = await wire.fetch("CA1")
    text = await wire.fetch("SM1")
    assert call is not None
    assert text is not None
    assert (call.status, call.code, call.body) == ("answered", None, None)
    assert call.created == datetime(2026, 2, 2, 23, 0, 7, tzinfo=UTC)
    assert (text.status, text.code, text.body) == ("undelivered", 30003, "hello")
    root = f"/2010-04-01/Accounts/{ACCOUNT}"
    assert [got.path for got in carrier.requests] == [
        f"{root}/Calls/CA1.json",
        f"{root}/Messages/SM1.json",
    ]


@pytest.mark.parametrize(
    ("status", "declined"),
    [
        (400, True),
        (422, True),
        (401, False),
        (403, False),
        (408, False),
        (429, False),
        (503, False),
    ],
)
async def test_a_carrier_that_only_declines_a_request_is_there(
    carrier: StubCarrier, wire: TwilioWire, status: int, declined: bool
) -> None:
    carrier.will(refusal(20001, status))
    with pytest.raises(WireError) as fault:
        await wire.fetch("CA" + "0" * 32, call=True)
    assert fault.value.declined is declined


async def test_what_the_carrier_does_not_know_is_none(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    carrier.will(refusal(20404, 404))
    assert await wire.fetch("CA1") is None


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_carrier_that_does_not_tell_is_an_error_not_an_empty_list(
    carrier: StubCarrier, wire: TwilioWire, status: int
) -> None:
    carrier.will(says(status, {"code": 20003}))
    with pytest.raises(WireError, match=f"HTTP {status}"):
        await wire.fetch("CA1")
    with pytest.raises(WireError, match=f"HTTP {status}"):
        await wire.list_calls(TO, FROM, ELEVEN)


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", "{}", '{"calls": [7]}', '{"calls": 7}', '{"calls": [[]]}']
)
async def test_a_list_we_cannot_read_is_an_error(
    carrier: StubCarrier, wire: TwilioWire, body: str
) -> None:
    carrier.will(says(200, body))
    with pytest.raises(WireError):
        await wire.list_calls(TO, FROM, ELEVEN)


async def test_a_broken_connection_while_looking_is_an_error(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    carrier.will(hangs_up)
    with pytest.raises(WireError):
        await wire.list_texts(TO, FROM, ELEVEN)


async def test_calls_are_asked_for_by_both_numbers_and_never_by_time(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    carrier.will(says(200, {"calls": [call_record("CA1")], "next_page_uri": None}))
    (seen,) = await wire.list_calls(TO, FROM, ELEVEN)
    assert (seen.sid, seen.status, seen.created) == ("CA1", "queued", ELEVEN)
    (got,) = carrier.requests
    assert sorted(got.form) == [("From", FROM), ("PageSize", "50"), ("To", TO)]


async def test_pages_are_turned_until_one_holds_only_older_records(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    more = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?PageSize=50&Page="
    old = call_record("CA0", date_created=BEFORE)
    carrier.will(
        says(200, {"calls": [call_record("CA4", date_created=AFTER)], "next_page_uri": more + "1"}),
        says(200, {"calls": [old, call_record("CA3")], "next_page_uri": more + "2"}),
        says(200, {"calls": [old, old], "next_page_uri": more + "3"}),
    )
    assert [one.sid for one in await wire.list_calls(TO, FROM, ELEVEN)] == ["CA4", "CA3"]
    assert [got.field("Page") for got in carrier.requests] == [[], ["1"], ["2"]]


async def test_a_list_without_an_end_is_an_error(carrier: StubCarrier, wire: TwilioWire) -> None:
    again = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page=1"
    carrier.will(says(200, {"calls": [call_record("CA1")], "next_page_uri": again}))
    with pytest.raises(WireError, match="does not end"):
        await wire.list_calls(TO, FROM, ELEVEN)
    assert len(carrier.requests) == 2


async def test_credentials_do_not_follow_a_page_to_another_host(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    page = {"calls": [call_record("CA1")], "meta": {"key": "calls", "next_page_url": "http://x/"}}
    carrier.will(says(200, page))
    with pytest.raises(WireError, match="another host"):
        await wire.list_calls(TO, FROM, ELEVEN)


async def test_a_record_without_a_date_counts_as_new(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    carrier.will(says(200, {"calls": [call_record("CA1", date_created=None)]}))
    (seen,) = await wire.list_calls(TO, FROM, ELEVEN)
    assert seen.created == ELEVEN


@pytest.mark.parametrize(
    ("dated", "found"),
    [
        ("Mon, 02 Feb 2026 22:40:00 GMT", ["CA3", "CA2"]),
        ("Mon, 02 Feb 2026 22:40:00", ["CA3", "CA2"]),
        ("Mon, 02 Feb 2026 23:20:00 GMT", ["CA3"]),
        ("soon", ["CA3"]),
    ],
)
async def test_a_list_reaches_back_as_far_as_the_carriers_clock_is_behind_ours(
    carrier: StubCarrier, wire: TwilioWire, dated: str, found: list[str]
) -> None:
    calls = [
        call_record("CA3", date_created=AFTER),
        call_record("CA2", date_created="Mon, 02 Feb 2026 22:39:59 +0000"),
        call_record("CA1", date_created="Mon, 02 Feb 2026 22:39:39 +0000"),
    ]
    carrier.will(says(200, {"calls": calls}, Date=dated))
    now = datetime(2026, 2, 2, 23, 0, 20, tzinfo=UTC)
    assert [one.sid for one in await wire.list_calls(TO, FROM, ELEVEN, now)] == found


async def test_texts_are_told_apart_by_direction(carrier: StubCarrier, wire: TwilioWire) -> None:
    listed = [
        text_record("SM3", body="41: no heat"),
        text_record("SM2", direction="outbound-reply", body="41: no heat"),
        text_record("SM1", direction="inbound", body="41: no heat"),
    ]
    carrier.will(says(200, {"messages": listed}))
    assert [one.sid for one in await wire.list_texts(TO, FROM, ELEVEN)] == ["SM3"]


async def test_texts_of_a_messaging_service_are_found_by_its_sid(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    service = "MG" + "3" * 32
    listed = [text_record("SM2", messaging_service_sid=service), text_record("SM1")]
    carrier.will(says(200, {"messages": listed}))
    assert [one.sid for one in await wire.list_texts(TO, service, ELEVEN)] == ["SM2"]
    assert sorted(carrier.requests[0].form) == [("PageSize", "50"), ("To", TO)]


async def test_what_people_texted_us_is_listed_too(carrier: StubCarrier, wire: TwilioWire) -> None:
    reply = text_record("SM1", "received", direction="inbound", to=FROM, body="41 ok")
    carrier.will(says(200, {"messages": [text_record("SM2"), {**reply, "from": TO}]}))
    found = await wire.list_inbound(FROM, ELEVEN).whole()
    assert found == [InboundText("SM1", TO, FROM, "41 ok", ELEVEN)]
    assert sorted(carrier.requests[0].form) == [("PageSize", "50"), ("To", FROM)]


async def test_what_was_texted_to_any_number_of_a_service_is_listed_by_its_sid(
    carrier: StubCarrier, wire: TwilioWire
) -> None:
    service = "MG" + "3" * 32
    reply = text_record("SM1", "received", direction="inbound", to=FROM, body="41 ok")
    ours = {**reply, "from": TO, "messaging_service_sid": service}
    carrier.will(says(200, {"messages": [ours, {**reply, "sid": "SM0"}]}))
    found = await wire.list_inbound(service, ELEVEN).whole()
    assert found == [InboundText("SM1", TO, FROM, "41 ok", ELEVEN)]
    assert sorted(carrier.requests[0].form) == [("PageSize", "50")]


async def test_an_api_under_a_path_with_other_ids_is_spoken_to_as_well(
    carrier: StubCarrier,
) -> None:
    project, call = "5b8c0a1e-1f1e-4f4e-9b1e-0d0f1a2b3c4d", "0a9f7f0e-7a53-4e2b-8f0e-1c2d3e4f5a6b"
    transport = HttpTransport()
    other = TwilioWire(project, project, "a-token", transport, f"{carrier.url}/api/laml")
    root = f"/api/laml/2010-04-01/Accounts/{project}"
    more = f"{root}/Calls.json?Page=1"
    carrier.will(
        says(200, call_record(call, "in-progress")),
        says(200, {"calls": [call_record(call)], "next_page_uri": more}),
        says(200, {"calls": []}),
    )
    seen = await other.fetch(call, call=True)
    assert seen is not None
    assert seen.status == "answered"
    assert [one.sid for one in await other.list_calls(TO, FROM, ELEVEN)] == [call]
    paths = [f"{root}/Calls/{call}.json", f"{root}/Calls.json", f"{root}/Calls.json"]
    assert [got.path for got in carrier.requests] == paths
    await transport.close()
