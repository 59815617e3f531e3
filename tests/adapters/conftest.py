"""The stub carrier and a wire to it."""

from collections.abc import AsyncIterator

import pytest

from adapters.twilio.client import CallRequest, TextRequest, TwilioWire
from adapters.wire import HttpTransport
from tests.adapters.stub_carrier import StubCarrier

ACCOUNT = "AC" + "1" * 32
KEY = "SK" + "2" * 32
SECRET = "an-api-secret"  # noqa: S105 - opens nothing


@pytest.fixture
async def carrier() -> AsyncIterator[StubCarrier]:
    stub = StubCarrier()
    await stub.open()
    yield stub
    await stub.close()


@pytest.fixture
async def wire(carrier: StubCarrier) -> AsyncIterator[TwilioWire]:
    transport = HttpTransport(timeout=0.5, connect=0.3)
    yield TwilioWire(ACCOUNT, KEY, SECRET, transport, carrier.url)
    await transport.close()


@pytest.fixture
def call() -> CallRequest:
    return CallRequest(
        attempt="a-1",
        to="+12025550101",
        from_="+12025550100",
        answer_url="https://gw.example/twilio/answer?a=a-1#ct=2000&rc=2&rp=all",
        status_url="https://gw.example/twilio/status?a=a-1",
        machine_url=None,
        ring=25,
        time_limit=180,
    )


@pytest.fixture
def text() -> TextRequest:
    return TextRequest(
        attempt="a-2",
        to="+12025550101",
        from_="+12025550100",
        body="No heat & +1 202; reply 41",
        status_url="https://gw.example/twilio/text?a=a-2",
        validity=300,
    )
