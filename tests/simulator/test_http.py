"""Over real HTTP, driven by the vendor's own client, the simulator behaves like the vendor."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from multidict import MultiDict
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from adapters.simulator.carrier import Carrier
from adapters.simulator.core import Options
from adapters.simulator.pacing import running_clock
from adapters.simulator.people import People
from adapters.simulator.server import standing
from adapters.simulator.webhooks import Deliver
from tests.simulator.desk import ANN, OURS, SID, START, TOKEN, gather

KEY = "SK" + "1" * 32
PEOPLE = {
    ANN: {
        "calls": [{"answer_after": "30ms", "keys": [{"after": "30ms", "press": "1"}]}],
        "texts": [{"delivered_after": "20ms", "reply_after": "20ms", "reply": "{code} OK"}],
    }
}


@dataclass
class Shop:
    """A web server that stands for the gateway; tests wait for what comes in."""

    arrived: asyncio.Queue[tuple[str, dict[str, str]]] = field(default_factory=asyncio.Queue)
    url: str = ""

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Verify, note, and answer with TwiML."""
        form = MultiDict({k: str(v) for k, v in (await request.post()).items()})
        signature = request.headers["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(self.url + request.raw_path, form, signature)
        self.arrived.put_nowait((request.path, dict(form)))
        twiml = gather("/key") if request.path == "/answer" else "<Response/>"
        return web.Response(text=twiml, content_type="text/xml")

    async def until(self, path: str, **wanted: str) -> dict[str, str]:
        """Wait for a webhook to that path with those fields."""
        while True:
            came, form = await asyncio.wait_for(self.arrived.get(), 20)
            if came == path and wanted.items() <= form.items():
                return form


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    runner = web.ServerRunner(web.Server(shop.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield shop
    await runner.cleanup()


@dataclass
class Stand:
    """The simulator over HTTP, the vendor's client for it, and its control API."""

    url: str
    client: Client
    session: aiohttp.ClientSession

    async def ask(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the client gives
        """Use the vendor's client in a thread."""
        return await asyncio.to_thread(call)

    async def control(self, what: str, **wanted: Any) -> Any:  # noqa: ANN401 - plain JSON
        """Use the control API."""
        async with self.session.post(f"{self.url}/control/{what}", json=wanted) as reply:
            return await reply.json()


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Stand]:
    """Stand before a simulator that listens somewhere."""
    http = TwilioHttpClient(timeout=10)
    client = Client(KEY, "s3cret", SID, http_client=http, environment={"_": ""})
    client.api.base_url = url
    async with aiohttp.ClientSession() as session:
        yield Stand(url, client, session)
    http.session.close()


@asynccontextmanager
async def process(*words: str) -> AsyncIterator[str]:
    """Run the simulator as its own process; it ends well on SIGTERM."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.simulator", *words, stdout=asyncio.subprocess.PIPE
    )
    assert running.stdout is not None
    yield json.loads(await running.stdout.readline())["url"]
    running.terminate()
    assert await running.wait() == 0


@pytest.fixture
async def stand(shop: Shop) -> AsyncIterator[Stand]:
    clock, people = running_clock(START), People.read(PEOPLE)
    options = Options(keys={KEY: "s3cret"}, public=shop.url)

    def build(deliver: Deliver) -> Carrier:
        return Carrier(SID, TOKEN, clock, deliver, people, options)

    async with standing(build) as (_, url), visiting(url) as stand:
        yield stand


async def test_two_starts_name_nothing_alike_unless_told_to() -> None:
    async def named(*words: str) -> str:
        options = (f"--account-sid={SID}", f"--key={KEY}:s3cret", f"--number={OURS}", *words)
        async with process(*options) as url, visiting(url) as stand:
            return str((await stand.ask(lambda: call(stand))).sid)

    def call(stand: Stand) -> Any:  # noqa: ANN401 - whatever the client gives
        return stand.client.calls.create(to=ANN, from_=OURS, url="http://127.0.0.1:1/answer")

    assert await named() != await named()
    assert await named("--seed=1") == await named("--seed=1")


async def test_a_call_is_placed_answered_and_pressed(stand: Stand, shop: Shop) -> None:
    call = await stand.ask(
        lambda: stand.client.calls.create(
            to=ANN,
            from_=OURS,
            url=f"{shop.url}/answer?a=1",
            status_callback=f"{shop.url}/status?a=1#rc=2&rp=all",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            timeout=25,
        )
    )
    assert (call.status, call.direction, call.date_created.year) == ("queued", "outbound-api", 2026)
    pressed = await shop.until("/key")
    assert (pressed["CallSid"], pressed["Digits"]) == (call.sid, "1")
    ended = await shop.until("/status", CallStatus="completed")
    assert ended["SequenceNumber"] == "3"
    again = await stand.ask(lambda: stand.client.calls(call.sid).fetch())
    assert again.status == "completed"
    with pytest.raises(TwilioRestException) as fault:
        await stand.ask(lambda: stand.client.calls(call.sid).update(status="completed"))
    assert fault.value.code == 21220


async def test_a_text_is_sent_delivered_and_answered(stand: Stand, shop: Shop) -> None:
    text = await stand.ask(
        lambda: stand.client.messages.create(
            to=ANN,
            from_=OURS,
            body="Reply 41 to accept",
            status_callback=f"{shop.url}/status",
            validity_period=300,
        )
    )
    assert text.status == "queued"
    assert (await shop.until("/status"))["MessageStatus"] == "sent"
    assert (await shop.until("/status"))["MessageStatus"] == "delivered"
    assert (await shop.until("/twilio/sms"))["Body"] == "41 OK"
    async with stand.session.get(f"{stand.url}/control/log") as reply:
        log = await reply.json()
    assert [(line["to"], line["body"]) for line in log["texts"]] == [(ANN, "Reply 41 to accept")]


async def test_lists_are_paged(stand: Stand) -> None:
    messages = stand.client.messages
    for number in range(5):
        await stand.ask(lambda n=number: messages.create(to=ANN, from_=OURS, body=f"Text {n}"))
    found = await stand.ask(lambda: messages.list(to=ANN, from_=OURS, page_size=2))
    assert [text.body for text in found] == [f"Text {n}" for n in (4, 3, 2, 1, 0)]


async def test_errors_are_the_vendors(stand: Stand) -> None:
    messages = stand.client.messages
    with pytest.raises(TwilioRestException) as fault:
        await stand.ask(lambda: messages.create(to="nobody", from_=OURS, body="Hello"))
    assert (fault.value.status, fault.value.code) == (400, 21211)
    await stand.control("text", **{"from": ANN, "body": "STOP", "to": OURS})
    with pytest.raises(TwilioRestException) as fault:
        await stand.ask(lambda: messages.create(to=ANN, from_=OURS, body="Hello"))
    assert fault.value.code == 21610


async def test_faults_are_asked_for_by_the_control_api(stand: Stand) -> None:
    messages = stand.client.messages
    await stand.control("faults", queue=[{"kind": "limit", "retry_after": 7}, {"kind": "drop"}])
    with pytest.raises(TwilioRestException) as fault:
        await stand.ask(lambda: messages.create(to=ANN, from_=OURS, body="limited"))
    assert (fault.value.status, fault.value.code) == (429, 20429)
    with pytest.raises(Exception, match="Connection aborted"):
        await stand.ask(lambda: messages.create(to=ANN, from_=OURS, body="dropped"))
    found = await stand.ask(lambda: messages.list(to=ANN))
    assert [text.body for text in found] == ["dropped"]
    assert (await stand.control("faults", lots=1))["error"] == "no fault is called lots"


async def test_latency_holds_the_answer_back(stand: Stand) -> None:
    await stand.control("faults", latency="150ms")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await stand.ask(lambda: stand.client.messages.create(to=ANN, from_=OURS, body="late"))
    assert loop.time() - begun >= 0.15


async def test_a_shut_door_refuses_connections_and_opens_again(stand: Stand) -> None:
    await stand.control("refuse", **{"for": "300ms"})
    with pytest.raises(OSError, match=r"Connect call failed|refused"):
        await asyncio.open_connection("127.0.0.1", int(stand.url.rsplit(":", 1)[1]))
    while True:
        try:
            account = await stand.ask(lambda: stand.client.api.accounts(SID).fetch())
        except OSError:
            continue
        break
    assert account.status == "active"


async def test_as_its_own_process_it_does_the_same(shop: Shop, tmp_path: Path) -> None:
    scripts = tmp_path / "people.yaml"
    scripts.write_text(json.dumps({"people": PEOPLE}))
    words = ["--people", str(scripts), "--account-sid", SID, "--auth-token", TOKEN]
    words += ["--key", f"{KEY}:s3cret", "--public", shop.url, "--epoch", "2026-02-02T23:00:00Z"]
    async with process(*words) as url, visiting(url) as stand:
        text = await stand.ask(
            lambda: stand.client.messages.create(to=ANN, from_=OURS, body="Reply 41 to accept")
        )
        assert text.date_created.replace(second=0) == START
        assert (await shop.until("/twilio/sms"))["Body"] == "41 OK"


async def test_scripts_that_cannot_be_read_are_one_line_and_status_2(tmp_path: Path) -> None:
    scripts = tmp_path / "people.yaml"
    scripts.write_text(f'"{ANN}": {{calls: [{{answr_after: 1s}}]}}')
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "adapters.simulator", "--people", str(scripts)),
        stderr=asyncio.subprocess.PIPE,
    )
    _, words = await running.communicate()
    assert running.returncode == 2
    assert words.decode().startswith(f"people[{ANN}].calls[0].answr_after: unknown key")
    assert words.count(b"\n") == 1


async def test_stub_mode_answers_and_forgets() -> None:
    async with process("--answers", "instant") as url, visiting(url) as stand:
        create = stand.client.messages.create
        texts = [await asyncio.to_thread(create, to=ANN, from_=OURS, body="Hi") for _ in range(2)]
        create = stand.client.calls.create
        call = await asyncio.to_thread(create, to=ANN, from_=OURS, url="http://x/")
    assert len({texts[0].sid, texts[1].sid, call.sid}) == 3
    assert call.sid.startswith("CA")
