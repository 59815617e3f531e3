"""The stub carrier and a wire to it; a key for servers that are to be trusted."""

import ssl
from collections.abc import AsyncIterator

import pytest

from adapters.transport import HttpTransport
from adapters.twilio.client import CallRequest, TextRequest, TwilioWire
from tests.adapters.stub_carrier import StubCarrier
from tests.kit.certificates import certify

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
    transport = HttpTransport()
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


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server's context with a fresh key, and a client's that trusts it."""
    home = tmp_path_factory.mktemp("key")
    certify(home)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(home / "cert.pem", home / "key.pem")
    return server, ssl.create_default_context(cafile=str(home / "cert.pem"))
