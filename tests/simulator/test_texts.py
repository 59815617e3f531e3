"""A text goes to a scripted person, who may answer it, refuse more, or open its link."""

import pytest

from tests.simulator.desk import ANN, BOB, OURS, PUBLIC, Seen, line

PAGE = (
    '<form method="post" action="/m/t0ken"><input type="hidden" name="nonce" value="a&amp;b">'
    '<button name="open" value="1">Open</button></form>'
)


async def test_an_unscripted_person_gets_the_text_and_nothing_more_is_heard() -> None:
    street = line()
    sid = await street.text("Hello")
    assert street.carrier.texts[0].body == "Hello"
    await street.run()
    assert street.desk.statuses() == [(0, "sent")]
    status, shape = await street.get(f"Messages/{sid}.json")
    assert (status, shape["status"]) == (200, "sent")


async def test_the_reply_carries_the_code_of_that_very_text_and_counts_from_its_arrival() -> None:
    script = {"delivered_after": "3s", "reply_after": "40s", "reply": "{code} OK"}
    street = line({ANN: {"texts": [script, {}]}})
    street.desk.routes["/twilio/sms"] = "<Response><Message>It is yours.</Message></Response>"
    await street.text("Call 99 now. Reply 41 to accept, 41 NO to pass.")
    await street.run()
    assert street.desk.statuses() == [(0, "sent"), (3, "delivered")]
    (reply,) = street.desk.at("/twilio/sms")
    assert (reply.at, reply["Body"], reply["From"], reply["To"]) == (43, "41 OK", ANN, OURS)
    assert [text.body for text in street.carrier.texts][1:] == ["It is yours."]


async def test_who_finds_no_code_does_not_reply() -> None:
    street = line({ANN: {"texts": [{"reply": "{code} OK"}]}})
    await street.text("Nothing to reply to")
    await street.run()
    assert street.desk.at("/twilio/sms") == []


@pytest.mark.parametrize(("how", "code"), [("undelivered", "30003"), ("failed", "30006")])
async def test_a_text_that_is_not_delivered_tells_why(how: str, code: str) -> None:
    street = line({ANN: {"texts": [{how: code}]}})
    await street.text("Hello")
    await street.run()
    last = street.desk.at("/status")[-1]
    assert (last["MessageStatus"], last["ErrorCode"]) == (how, code)


async def test_scripts_are_used_in_turn_and_the_last_repeats() -> None:
    street = line({ANN: {"texts": [{"failed": "30006"}, {"delivered_after": "1s"}]}})
    for _ in range(3):
        await street.text("Hello")
    await street.run()
    words = sorted(word for _, word in street.desk.statuses())
    assert words == ["delivered", "delivered", "failed", "sent", "sent"]


async def test_stop_blocks_that_pair_until_start() -> None:
    street = line()
    street.desk.routes["/twilio/sms"] = "<Response><Message>never</Message></Response>"
    await street.text("Hello")
    await street.carrier.text_from(ANN, " stop ")
    assert [text.body for text in street.carrier.texts] == ["Hello"]
    body = [("To", ANN), ("From", OURS), ("Body", "Again")]
    status, shape = await street.post("Messages", *body)
    assert (status, shape["code"]) == (400, 21610)
    status, _ = await street.post("Messages", *body[:1], ("From", BOB), *body[2:])
    assert status == 201
    await street.carrier.text_from(ANN, "Start", to=OURS)
    status, _ = await street.post("Messages", *body)
    assert status == 201


async def test_a_person_writes_to_the_number_that_last_texted_them() -> None:
    street = line(numbers=(OURS, BOB))
    await street.carrier.text_from(ANN, "Who is this?")
    await street.text("Hello", From=BOB)
    await street.carrier.text_from(ANN, "Hi")
    assert [seen["To"] for seen in street.desk.at("/twilio/sms")] == [OURS, BOB]


async def test_an_inbound_text_that_nobody_takes_is_lost_but_listed() -> None:
    street = line(numbers=(OURS,))
    street.desk.routes["/twilio/sms"] = ConnectionRefusedError()
    lost = await street.carrier.text_from(ANN, "41 OK")
    assert len(street.desk.at("/twilio/sms")) == 2
    assert street.carrier.phones.lost == [lost]
    _, shape = await street.get(f"Messages.json?To=%2B{OURS[1:]}")
    assert [(item["direction"], item["body"]) for item in shape["messages"]] == [
        ("inbound", "41 OK")
    ]


async def test_a_pool_of_numbers_accepts_then_queues_then_sends() -> None:
    service = "MG" + "1" * 32
    street = line(services={service: (OURS,)})
    await street.text("Hello", From="", MessagingServiceSid=service)
    await street.run()
    assert [word for _, word in street.desk.statuses()] == ["queued", "sent"]
    assert street.desk.seen[0]["From"] == OURS


async def test_a_preview_fetches_the_link_and_a_tap_submits_its_form() -> None:
    street = line()
    street.desk.routes["/m/t0ken"] = PAGE
    await street.text(f"Open {PUBLIC}/m/old", to=BOB)
    await street.text(f"Open {PUBLIC}/m/t0ken. Reply 41 to accept.")
    await street.carrier.open_link(ANN, tap=False)
    assert [(seen.method, seen.path) for seen in street.desk.seen] == [("GET", "/m/t0ken")]
    status, _ = await street.carrier.open_link(ANN, tap=True)
    tapped: Seen = street.desk.seen[-1]
    assert (status, tapped.method, tapped["nonce"], tapped["open"]) == (200, "POST", "a&b", "1")


async def test_without_a_link_or_a_form_there_is_nothing_to_tap() -> None:
    street = line()
    with pytest.raises(LookupError, match="no secure link"):
        await street.carrier.open_link(ANN, tap=True)
    await street.text(f"Open {PUBLIC}/m/t0ken")
    with pytest.raises(LookupError, match="no form"):
        await street.carrier.open_link(ANN, tap=True)
