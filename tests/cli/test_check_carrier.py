"""`check` sees what the carrier does with our numbers, and `--fix` has it call us."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.doorway import Doorway
from adapters.simulator.carrier import Carrier
from adapters.simulator.core import Options
from adapters.simulator.forms import Form
from adapters.simulator.pacing import running_clock
from adapters.simulator.people import People
from adapters.simulator.server import standing
from adapters.simulator.webhooks import Deliver
from adapters.wire import Reply
from gateway.cli.outside import Dated, judged_doorway
from gateway.clock import SystemClock
from tests.cli.conftest import Dispatchd

SID, TOKEN, OURS = "AC" + "0" * 32, "the-auth-token", "+12025550100"
US = "http://127.0.0.1:1"


@dataclass
class AtCarrier:
    """A carrier that runs beside the test, in a thread and a loop of its own."""

    carrier: Carrier
    url: str

    def point(self, **fields: str) -> None:
        """Set what its one number does, by the vendor's names."""
        book = self.carrier._rest.numbers  # noqa: SLF001 - as its console would
        (number,) = book.page("", Form())["incoming_phone_numbers"]
        book.update(number["sid"], Form(tuple(fields.items())))

    def shown(self) -> dict[str, str]:
        """Return its one number."""
        book = self.carrier._rest.numbers  # noqa: SLF001 - as its console would
        (number,) = book.page("", Form())["incoming_phone_numbers"]
        return dict(number)


@pytest.fixture
def carrier() -> Iterator[AtCarrier]:
    def build(deliver: Deliver) -> Carrier:
        options = Options(numbers=(OURS,), public="https://elsewhere.example")
        return Carrier(SID, TOKEN, running_clock(None), deliver, People(), options)

    ready, ended = threading.Event(), threading.Event()
    found: list[AtCarrier] = []

    async def stand() -> None:
        async with standing(build) as (one, url):
            found.append(AtCarrier(one, url))
            ready.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=lambda: asyncio.run(stand()))
    thread.start()
    assert ready.wait(20)
    yield found[0]
    ended.set()
    thread.join()


@pytest.fixture
def house(here: Dispatchd, carrier: AtCarrier, monkeypatch: pytest.MonkeyPatch) -> Dispatchd:
    """Run commands with settings for that carrier."""
    settings = {
        "CARRIER": "simulator",
        "TWILIO_BASE_URL": carrier.url,
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKENS": TOKEN,
        "TWILIO_FROM": OURS,
        "PUBLIC_URL": US,
        "ALERTS_LEAD": "json://127.0.0.1:9",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"DISPATCHD_{name}", value)
    return here


def points(ran: Dispatchd, *words: str) -> dict[str, list[dict[str, str]]]:
    """Check, and return the points by name."""
    found: dict[str, list[dict[str, str]]] = {}
    for one in json.loads(ran("check", "--json", *words).out)["points"]:
        found.setdefault(one["name"], []).append(one)
    return found


def test_numbers_that_call_elsewhere_are_named_and_put_right(
    house: Dispatchd, carrier: AtCarrier
) -> None:
    ran = house("check")
    assert ran.code == 1
    assert f"texts go to https://elsewhere.example/twilio/sms by POST, not to {US}" in ran.out
    assert f"calls go to https://elsewhere.example/twilio/voice by POST, not to {US}" in ran.out
    assert "→ set “a message comes in” in the carrier's console" in ran.out
    assert carrier.shown()["sms_url"] == "https://elsewhere.example/twilio/sms"
    (fixed,) = points(house, "--fix")[f"number {OURS}"]
    assert fixed["result"] == "ok"
    assert "texts went to https://elsewhere.example/twilio/sms" in fixed["words"]
    assert carrier.shown()["sms_url"] == f"{US}/twilio/sms"
    assert carrier.shown()["voice_url"] == f"{US}/twilio/voice"
    (seen,) = points(house)[f"number {OURS}"]
    assert seen["words"] == "the carrier sends texts and calls to us"


def test_an_application_is_taken_away_and_the_right_method_set(
    house: Dispatchd, carrier: AtCarrier
) -> None:
    texts = {"SmsUrl": f"{US}/twilio/sms", "SmsApplicationSid": "AP1"}
    carrier.point(**texts, VoiceUrl=f"{US}/twilio/voice", VoiceMethod="GET")
    words = [one["words"] for one in points(house)[f"number {OURS}"]]
    assert words[0].startswith("texts go to AP1, not to")
    assert words[1].startswith(f"calls go to {US}/twilio/voice by GET, not to")
    points(house, "--fix")
    assert (carrier.shown()["sms_application_sid"], carrier.shown()["voice_method"]) == ("", "POST")


def test_behind_a_messaging_service_texts_may_go_another_way(
    house: Dispatchd, carrier: AtCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier.point(VoiceUrl=f"{US}/twilio/voice")
    monkeypatch.setenv("DISPATCHD_TWILIO_FROM", f"{OURS},MG{'0' * 32}")
    (point,) = points(house)[f"number {OURS}"]
    assert (point["result"], "messaging service" in point["remedy"]) == ("warn", True)


def test_a_number_of_somebody_else_is_named(
    house: Dispatchd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_TWILIO_FROM", "+12025550199")
    (point,) = points(house)["number +12025550199"]
    assert point["words"] == "is no number of this account at the carrier"


def test_nothing_is_changed_where_we_cannot_be_reached(
    house: Dispatchd, carrier: AtCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_PUBLIC_URL", "https://nowhere.invalid")
    found = points(house, "--fix")
    (door,) = found["public url"]
    assert door["words"] == "the name nowhere.invalid does not resolve"
    assert found["fix"][0]["result"] == "fail"
    assert carrier.shown()["sms_url"] == "https://elsewhere.example/twilio/sms"


def test_every_point_that_does_not_hold_says_what_to_do(house: Dispatchd) -> None:
    found = [one for named in points(house).values() for one in named]
    assert [one for one in found if (one["result"] == "ok") == bool(one["remedy"])] == []
    assert len([one for one in found if one["result"] != "ok"]) >= 4


async def test_the_carrier_s_clock_is_read_off_its_answers() -> None:
    class Fixed:
        """A transport whose far side says it is noon, long ago."""

        async def request(self, *_: object) -> object:
            """Answer."""
            return Reply(200, {"date": "Mon, 02 Feb 2026 23:00:00 GMT"}, b"")

        async def close(self) -> None:
            """Do nothing."""

    dated = Dated(Fixed())  # type: ignore[arg-type]
    await dated.request("GET", "http://x", {}, b"")
    assert dated.ahead
    assert dated.ahead > 60 * 60 * 24


@pytest.mark.parametrize(
    ("days", "addresses", "results"),
    [
        (90, ("203.0.113.1", "8.8.8.8"), ["ok"]),
        (3, ("8.8.8.8",), ["warn"]),
        (90, ("10.0.0.7",), ["ok", "warn"]),
    ],
)
def test_a_door_is_judged_by_its_certificate_and_who_can_reach_it(
    days: int, addresses: tuple[str, ...], results: list[str]
) -> None:
    seen = Doorway(addresses, SystemClock().now() + timedelta(days=days, hours=1))
    found = judged_doorway("gw.example", seen)
    assert [one.result for one in found] == results
    assert f"{days} days" in found[0].words
