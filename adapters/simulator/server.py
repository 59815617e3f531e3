"""The simulator over real HTTP: the REST API, the control API, and webhooks by a real client."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
from aiohttp import web

from adapters.simulator.carrier import Carrier
from adapters.simulator.control import control
from adapters.simulator.pacing import Pacing
from adapters.simulator.people import length
from adapters.simulator.webhooks import Deliver

CONNECT, TOTAL = 5, 15
KEEP_ALIVE = 75
# A house that begins anew opens all its connections at once.
BACKLOG = 2048


@dataclass(slots=True)
class Browser:
    """Brings webhooks to us by HTTP: 5 s to connect, 15 s in all, no redirects."""

    _session: aiohttp.ClientSession | None = None

    async def deliver(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str]:
        """Send one request; OSError if it was not answered (see webhooks.Deliver)."""
        session = self._open()
        try:
            async with session.request(
                method, url, headers=headers, data=body or None, allow_redirects=False
            ) as reply:
                return reply.status, await reply.text()
        except aiohttp.ClientConnectorError as fault:
            raise ConnectionRefusedError(str(fault)) from fault
        except aiohttp.ClientError as fault:
            raise ConnectionResetError(str(fault)) from fault

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=TOTAL, sock_connect=CONNECT)
            link = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
            self._session = aiohttp.ClientSession(
                timeout=limits, connector=link, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()


@dataclass(slots=True)
class Door:
    """Listens for one carrier; it can be shut for a while, and opens again on the same port."""

    carrier: Carrier
    host: str
    port: int
    _runner: web.ServerRunner | None = None
    _site: web.TCPSite | None = None

    async def open(self) -> str:
        """Listen and give the URL."""
        if self._runner is None:
            server = web.Server(self._answer, access_log=None, keepalive_timeout=KEEP_ALIVE)
            self._runner = web.ServerRunner(server, handle_signals=False)
            await self._runner.setup()
        self._site = web.TCPSite(
            self._runner, self.host, self.port, backlog=BACKLOG, reuse_address=True
        )
        await self._site.start()
        self.port = int(self._runner.addresses[-1][1])
        return f"http://{self.host}:{self.port}"

    async def close(self) -> None:
        """Stop for good."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def shut(self, span: timedelta) -> None:
        """Refuse connections for that long; open connections are cut at their next request."""
        site, self._site = self._site, None
        if site is None:
            return

        async def open_again(_: datetime) -> None:
            await self.open()

        self.carrier.core.agenda.add(self.carrier.clock() + span, "door", open_again)
        await site.stop()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if request.path.startswith("/control/"):
            return await self._control(request, body)
        try:
            if self._site is None:
                raise ConnectionRefusedError
            status, headers, words = await self.carrier.handle(
                request.method, request.raw_path, request.headers, body
            )
        except ConnectionError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return web.Response(status=status, headers=headers, body=words)

    async def _control(self, request: web.BaseRequest, body: bytes) -> web.Response:
        what = request.path.removeprefix("/control/")
        try:
            wanted = json.loads(body or b"{}")
            if what == "refuse":
                await self.shut(length(wanted.get("for"), "for"))
                return web.json_response({"done": what})
            return web.json_response(await control(self.carrier, what, wanted))
        except ValueError as fault:
            return web.json_response({"error": str(fault)}, status=400)


@asynccontextmanager
async def standing(
    build: Callable[[Deliver], Carrier], host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[tuple[Carrier, str]]:
    """Keep a carrier at work over HTTP on real time; gives it with its URL (port 0: any free)."""
    browser = Browser()
    carrier = build(browser.deliver)
    door = Door(carrier, host, port)
    pacing = asyncio.create_task(Pacing(carrier).run())
    try:
        yield carrier, await door.open()
    finally:
        pacing.cancel()
        with suppress(asyncio.CancelledError):
            await pacing
        await door.close()
        await browser.close()
