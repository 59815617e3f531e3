"""What people accepted at the carrier is found in its books, and what of it counted for nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.domain.wording import voice
from tests.chaos.accepting import Accept, Books, Opened, accepts, for_nothing

NOW = datetime(2026, 2, 2, 23, tzinfo=UTC)
ANN = "+12025550101"
YOURS, NOTED = (" ".join(one()) for one in (voice.accepted, voice.noted))


def attempt(number: int, ucn: str, code: str | None = None, rides: int | None = None) -> dict:
    """Return an attempt's row."""
    leader = UUID(int=rides) if rides else None
    return {"id": UUID(int=number), "rides": leader, "ucn": ucn, "address": ANN, "code": code}


def entry(kind: str, number: int, at: datetime = NOW) -> dict:
    """Return what the carrier's ledger says of an attempt."""
    callback = f"http://us/twilio/{kind}/{UUID(int=number)}/status"
    return {"kind": kind, "to": ANN, "at": at.isoformat(), "callback": callback}


def call(*heard: str) -> dict:
    """Return what was said on a call."""
    return {"to": ANN, "at": NOW.isoformat(), "heard": heard}


def books(*entries: dict, calls: tuple = (), texts: tuple = (), written: tuple = ()) -> Books:
    return Books(entries, calls, texts, written)


@pytest.mark.parametrize(
    ("heard", "found"),
    [
        ((YOURS,), [Accept("key", ANN, frozenset({"1"}))]),
        ((NOTED,), []),
        (("The message has already been taken.",), []),
    ],
    ids=["confirmed", "noted only", "too late"],
)
def test_a_key_accepts_where_the_call_confirmed_it(
    heard: tuple[str, ...], found: list[Accept]
) -> None:
    kept = books(entry("call", 1), calls=(call(*heard),))
    assert accepts(kept, [attempt(1, "1")], ()) == found


def test_each_message_of_a_shared_call_is_accepted_by_itself() -> None:
    kept = books(entry("call", 1), calls=(call(YOURS, YOURS),))
    rows = [attempt(1, "1"), attempt(2, "2", rides=1), attempt(3, "3", rides=1)]
    (one,) = accepts(kept, rows, ())
    assert one == Accept("key", ANN, frozenset("123"), 2)
    assert for_nothing([one], {"1", "3"}) == []
    assert for_nothing([one], {"3"}) == [one]


@pytest.mark.parametrize(
    ("words", "found"), [("41 OK", ["1"]), ("42 OK", []), ("41 NO", []), ("who is this", [])]
)
def test_a_reply_accepts_by_a_code_of_that_phone(words: str, found: list[str]) -> None:
    kept = books(entry("text", 1), written=({"from": ANN, "body": words},))
    accepted = accepts(kept, [attempt(1, "1", "41")], ())
    assert accepted == [Accept("code", ANN, frozenset(ucn)) for ucn in found]


def test_a_link_that_was_opened_is_the_last_one_or_one_that_came_meanwhile() -> None:
    at = [NOW + timedelta(seconds=n) for n in range(5)]
    sent = [entry("text", n, at[n]) for n in range(1, 5)]
    texts = tuple({"to": ANN, "at": one["at"], "body": "http://us/m/token"} for one in sent)
    kept = books(*sent, texts=texts)
    half = timedelta(seconds=0.5)
    opened = Opened(ANN, at[2] + half, at[3] + half)
    (one,) = accepts(kept, [attempt(n, str(n)) for n in range(1, 5)], [opened])
    assert one == Accept("link", ANN, frozenset("23"))
    assert for_nothing([one], {"2"}) == []
    assert for_nothing([one], {"1", "4"}) == [one]
