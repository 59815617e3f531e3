"""The REST API refuses, lists and shows as the vendor does."""

import pytest

from adapters.simulator.gsm import count_segments
from tests.simulator.desk import ANN, BOB, OURS, PUBLIC, SID, TOKEN, line, login

GOOD_CALL = {"To": ANN, "From": OURS, "Url": f"{PUBLIC}/answer"}
GOOD_TEXT = {"To": ANN, "From": OURS, "Body": "Hello"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": ""}, 21201),
        ({"To": "911x"}, 21211),
        ({"From": ""}, 21213),
        ({"From": "Ann"}, 21212),
        ({"From": BOB}, 21210),
        ({"Url": ""}, 21205),
        ({"Url": "/answer"}, 21205),
        ({"StatusCallback": "ftp://x/"}, 21609),
        ({"StatusCallbackEvent": "finished"}, 21626),
        ({"Timeout": "601"}, 20001),
        ({"TimeLimit": "soon"}, 20001),
        ({"MachineDetection": "Yes"}, 20001),
    ],
)
async def test_a_faulty_call_request_is_refused(changed: dict[str, str], code: int) -> None:
    street = line(numbers=(OURS,))
    status, shape = await street.post("Calls", *{**GOOD_CALL, **changed}.items())
    assert (status, shape["code"]) == (400, code)
    assert shape["more_info"].endswith(str(code))
    assert street.carrier.calls == []
    assert street.carrier.quiet()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "ann"}, 21211),
        ({"From": ""}, 21603),
        ({"From": "ann"}, 21212),
        ({"From": BOB}, 21606),
        ({"From": "", "MessagingServiceSid": "MG1"}, 21701),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "36001"}, 20001),
        ({"StatusCallback": "x"}, 21609),
    ],
)
async def test_a_faulty_text_request_is_refused(changed: dict[str, str], code: int) -> None:
    street = line(numbers=(OURS,))
    status, shape = await street.post("Messages", *{**GOOD_TEXT, **changed}.items())
    assert (status, shape["code"]) == (400, code)
    assert street.carrier.texts == []


@pytest.mark.parametrize(
    "headers",
    [{}, login(secret="wrong"), login("SKx", TOKEN), {"Authorization": "Basic ?"}],  # noqa: S106
)
async def test_a_stranger_is_not_let_in(headers: dict[str, str]) -> None:
    street = line()
    target = f"/2010-04-01/Accounts/{SID}/Calls.json"
    status, _, body = await street.carrier.handle("GET", target, headers, b"")
    assert status == 401
    assert b'"code": 20003' in body


async def test_an_api_key_opens_too() -> None:
    street = line(keys={"SKkey": "s3cret"})
    target = f"/2010-04-01/Accounts/{SID}.json"
    status, _, _ = await street.carrier.handle("GET", target, login("SKkey", "s3cret"), b"")
    assert status == 200


@pytest.mark.parametrize("tail", ["Calls/CA1.json", "Messages/SM1.json", "Faxes.json"])
async def test_what_is_not_there_is_404(tail: str) -> None:
    status, shape = await line().get(tail)
    assert (status, shape["code"]) == (404, 20404)


async def test_lists_are_filtered_and_their_pages_do_not_shift() -> None:
    street = line()
    for number in range(3):
        await street.text(f"Ann {number}")
    await street.text("Bob", to=BOB)
    _, first = await street.get(f"Messages.json?To=%2B{ANN[1:]}&PageSize=2")
    await street.text("Ann 3")
    _, second = await street.get(first["next_page_uri"])
    bodies = [[text["body"] for text in page["messages"]] for page in (first, second)]
    assert bodies == [["Ann 2", "Ann 1"], ["Ann 0"]]
    assert second["next_page_uri"] is None


async def test_what_is_still_queued_has_no_start_and_no_time_filter_finds_it() -> None:
    street = line()
    await street.call()
    _, before = await street.get("Calls.json?StartTime%3E=2026-02-02")
    await street.run(1)
    _, after = await street.get("Calls.json?StartTime%3E=2026-02-02")
    _, later = await street.get("Calls.json?StartTime%3E=2026-02-03T00:00:00Z")
    assert [len(page["calls"]) for page in (before, after, later)] == [0, 1, 0]
    assert after["calls"][0]["start_time"] == "Mon, 02 Feb 2026 23:00:00 +0000"


async def test_a_text_is_redacted() -> None:
    street = line()
    sid = await street.text("A secret")
    status, shape = await street.post("Messages", ("Body", ""), sid=sid)
    assert (status, shape["body"]) == (200, "")


async def test_one_seed_gives_the_same_ids() -> None:
    sids = [await line(seed=7).call() for _ in range(2)]
    assert sids[0] == sids[1] != await line(seed=8).call()


@pytest.mark.parametrize(
    ("body", "parts"),
    [("x" * 160, 1), ("x" * 161, 2), ("{" * 80, 1), ("{" * 81, 2), ("…" * 70, 1), ("…" * 71, 2)],
)
def test_parts_are_counted_as_on_the_air(body: str, parts: int) -> None:
    assert count_segments(body) == parts
