"""Where the carrier sends what reaches our numbers: read, changed, over real HTTP."""

from collections.abc import AsyncIterator

import pytest

from adapters.simulator.carrier import Carrier
from adapters.simulator.core import Options
from adapters.simulator.pacing import running_clock
from adapters.simulator.people import People
from adapters.simulator.server import standing
from adapters.transport import HttpTransport
from adapters.twilio.numbers import Inbound, OurNumbers
from adapters.wire import WireError
from tests.adapters.conftest import ACCOUNT, KEY, SECRET
from tests.adapters.stub_carrier import StubCarrier, refusal, says

OURS, OTHER = "+12025550100", "+12025550120"
US, SMS, VOICE = "https://gw.example", "https://gw.example/twilio/sms", "https://gw.example/voice"


@pytest.fixture
async def numbers() -> AsyncIterator[OurNumbers]:
    """Numbers at a simulated carrier that owns one."""
    options = Options(numbers=(OURS,), public=US, keys={KEY: SECRET})
    transport = HttpTransport()

    def build(deliver: object) -> Carrier:
        return Carrier(ACCOUNT, "t", running_clock(None), deliver, People(), options)  # type: ignore[arg-type]

    async with standing(build) as (_, url):
        yield OurNumbers(ACCOUNT, KEY, SECRET, transport, url)
    await transport.close()


@pytest.fixture
async def stubbed(carrier: StubCarrier) -> AsyncIterator[OurNumbers]:
    """Numbers at a carrier that says what it is told."""
    transport = HttpTransport()
    yield OurNumbers(ACCOUNT, KEY, SECRET, transport, carrier.url)
    await transport.close()


async def test_a_number_of_ours_is_found_and_no_other(numbers: OurNumbers) -> None:
    found = await numbers.find(OURS)
    assert found
    assert (found.number, found.texts) == (OURS, Inbound(SMS, "POST", ""))
    assert await numbers.find(OTHER) is None
    assert await numbers.find(OURS[:-1]) is None


async def test_a_number_is_pointed_at_us(numbers: OurNumbers) -> None:
    found = await numbers.find(OURS)
    assert found
    changed = await numbers.point(found.sid, SMS, VOICE)
    assert (changed.texts.url, changed.calls.url) == (SMS, VOICE)
    assert await numbers.find(OURS) == changed


async def test_an_application_or_a_trunk_stands_before_the_url(
    carrier: StubCarrier, stubbed: OurNumbers
) -> None:
    record = {"sid": "PN1", "phone_number": OURS, "sms_url": SMS, "voice_url": None}
    record |= {"sms_application_sid": "AP1", "trunk_sid": "TK1", "sms_method": "POST"}
    carrier.will(says(200, {"incoming_phone_numbers": [record]}))
    found = await stubbed.find(OURS)
    assert found
    assert (found.texts.instead, found.calls.instead, found.calls.url) == ("AP1", "TK1", "")
    carrier.will(says(200, record))
    await stubbed.point("PN1", SMS, VOICE)
    sent = dict(carrier.requests[-1].form)
    assert (sent["SmsApplicationSid"], sent["VoiceApplicationSid"]) == ("", "")
    assert sent["SmsMethod"] == sent["VoiceMethod"] == "POST"


async def test_a_refusal_and_nonsense_are_told_apart_from_none(
    carrier: StubCarrier, stubbed: OurNumbers
) -> None:
    carrier.will(refusal(20003, 401))
    with pytest.raises(WireError, match="HTTP 401"):
        await stubbed.find(OURS)
    carrier.will(says(200, "what?"))
    with pytest.raises(WireError, match="could not be read"):
        await stubbed.find(OURS)
