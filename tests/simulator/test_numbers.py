"""The simulator's numbers send what comes in where they are told to, as the vendor's do."""

import pytest

from tests.simulator.desk import ANN, BOB, OURS, PUBLIC, Line, line

LIST = "IncomingPhoneNumbers.json"


async def shown(street: Line, number: str = OURS) -> dict[str, str]:
    """Return the number as the REST API shows it."""
    _, page = await street.get(f"{LIST}?PhoneNumber=%2B{number[1:]}")
    (found,) = page["incoming_phone_numbers"]
    return dict(found)


async def test_a_number_calls_us_unless_it_is_told_otherwise() -> None:
    street = line(numbers=(OURS, BOB))
    found = await shown(street)
    assert found["sid"].startswith("PN")
    assert found["phone_number"] == OURS
    assert (found["sms_url"], found["sms_method"]) == (f"{PUBLIC}/twilio/sms", "POST")
    assert (found["voice_url"], found["voice_method"]) == (f"{PUBLIC}/twilio/voice", "POST")


async def test_texts_go_where_the_number_points() -> None:
    street = line(numbers=(OURS, BOB))
    sid = (await shown(street))["sid"]
    status, changed = await street.post(
        "IncomingPhoneNumbers", ("SmsUrl", f"{PUBLIC}/elsewhere"), sid=sid
    )
    assert (status, changed["sms_url"]) == (200, f"{PUBLIC}/elsewhere")
    assert changed["voice_url"] == f"{PUBLIC}/twilio/voice"
    await street.carrier.text_from(ANN, "hello", OURS)
    await street.carrier.text_from(ANN, "hello", BOB)
    assert [one.path for one in street.desk.seen] == ["/elsewhere", "/twilio/sms"]


async def test_numbers_are_listed_in_pages() -> None:
    street = line(numbers=tuple(f"+1202555{place:04}" for place in range(5)))
    listed: list[str] = []
    tail: str | None = f"{LIST}?PageSize=2"
    while tail:
        _, page = await street.get(tail)
        listed += [one["phone_number"] for one in page["incoming_phone_numbers"]]
        tail = page["next_page_uri"]
    assert listed == sorted(street.carrier.core.options.numbers)


@pytest.mark.parametrize(
    ("sid", "pairs", "code"),
    [("PN1", (("SmsUrl", PUBLIC),), 20404), ("", (("SmsUrl", "ftp://x"),), 21502)],
)
async def test_a_change_that_cannot_be_is_refused(
    sid: str, pairs: tuple[tuple[str, str], ...], code: int
) -> None:
    street = line(numbers=(OURS,))
    sid = sid or (await shown(street))["sid"]
    _, answer = await street.post("IncomingPhoneNumbers", *pairs, sid=sid)
    assert answer["code"] == code
    assert (await shown(street))["sms_url"] == f"{PUBLIC}/twilio/sms"


async def test_numbers_are_not_bought_here() -> None:
    status, _ = await line(numbers=(OURS,)).post("IncomingPhoneNumbers", ("PhoneNumber", BOB))
    assert status == 405
