"""An independent judge: the vendor's own API document finds nothing wrong with our requests."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from adapters.transport import HttpTransport
from adapters.twilio.client import CallRequest, TextRequest, TwilioWire
from adapters.twilio.voice import Tell, render
from adapters.wire import Accepted
from tests.adapters import vendor_mock
from tests.adapters.conftest import ACCOUNT, KEY, SECRET
from tests.kit.tools import lacking

FAR_OFF = datetime(2100, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.slow, pytest.mark.vendor_mock]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if why := vendor_mock.missing():
        lacking("npm", why)
    with vendor_mock.serving(tmp_path_factory.mktemp("api")) as url:
        yield url


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    made = HttpTransport(timeout=20, connect=5)
    yield made
    await made.close()


async def test_the_vendors_document_accepts_every_request_we_make(
    address: str, transport: HttpTransport, call: CallRequest, text: TextRequest
) -> None:
    wire = TwilioWire(ACCOUNT, KEY, SECRET, transport, address)
    listening = replace(call, machine_url="https://gw.example/twilio/machine?a=a-1")
    pooled = replace(text, from_="MG" + "3" * 32)
    sid = "CA" + "4" * 32
    answers = [
        await wire.place_call(call),
        await wire.place_call(listening),
        await wire.send_text(text),
        await wire.send_text(pooled),
        await wire.hang_up(sid),
        await wire.say(sid, render(Tell(("Goodbye.",)))),
    ]
    assert [answer for answer in answers if not isinstance(answer, Accepted)] == []
    assert await wire.fetch(sid) is not None
    assert await wire.fetch("SM" + "5" * 32) is not None
    # The pages it answers with are its examples; that they could be read is the point.
    await wire.list_calls(call.to, call.from_, FAR_OFF)
    await wire.list_texts(text.to, text.from_, FAR_OFF)
    await wire.list_inbound(text.from_, FAR_OFF).whole()


@pytest.mark.parametrize(
    ("wrong", "value"),
    [("To", None), ("From", None), ("Timeout", "soon"), ("StatusCallback", "no address")],
)
async def test_the_judge_does_turn_malformed_requests_away(
    address: str, transport: HttpTransport, wrong: str, value: str | None
) -> None:
    form = {"To": "+12025550101", "From": "+12025550100", wrong: value}
    body = urlencode({name: text for name, text in form.items() if text is not None})
    headers = {
        "Authorization": "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode(),
        "Content-Type": vendor_mock.FORM,
    }
    url = f"{address}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert (await transport.request("POST", url, headers, body.encode())).status == 422
