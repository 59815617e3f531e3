"""The demo's outside: it asks our API, moves the carrier's people, and hears alerts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from aiohttp import web

from gateway.demo.house import House

_SECONDS: Final = 10
_OK: Final = 200
_REFUSED: Final = 400


class AnswerError(Exception):
    """Our API, or the carrier, answered other than the demo needs."""


@dataclass(slots=True)
class Ear:
    """Hears alerts, as a chat room or pager would; `heard` holds their texts."""

    heard: list[str] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """Take one alert."""
        body = await request.json()
        self.heard.append(str(body.get("message", "")))
        return web.Response()

    @asynccontextmanager
    async def open(self, port: int) -> AsyncIterator[None]:
        """Listen on that port of this host."""
        app = web.Application()
        app.router.add_post("/{tail:.*}", self.hear)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield
        finally:
            await runner.cleanup()


@dataclass(slots=True)
class Outside:
    """Speaks to the house as agents, leads and phones do."""

    house: House
    session: aiohttp.ClientSession

    async def api(self, call: str, body: Any = None, role: str = "admin") -> Any:  # noqa: ANN401 - JSON
        """Make one call (`POST /v1/messages`) as a role; AnswerError unless it succeeds."""
        method, _, path = call.partition(" ")
        headers = {"Authorization": f"Bearer {self.house.tokens[role]}"}
        try:
            async with self.session.request(
                method, self.house.url + path, json=body, headers=headers
            ) as reply:
                if reply.status >= _REFUSED:
                    raise AnswerError(f"{call}: {reply.status} {await reply.text()}")
                return await reply.json()
        except (aiohttp.ClientError, TimeoutError) as fault:
            words = f"{call}: no answer ({type(fault).__name__})\n{self.house.last_words()}"
            raise AnswerError(words.rstrip()) from None

    async def carrier(self, what: str, body: Any) -> None:  # noqa: ANN401 - JSON
        """Move the carrier's people (`text`, `link`); AnswerError unless it succeeds."""
        url = f"{self.house.carrier}/control/{what}"
        async with self.session.post(url, json=body) as reply:
            if reply.status != _OK:
                raise AnswerError(f"{what}: {await reply.text()}")

    async def ready(self) -> bool:
        """Tell whether the daemon is ready."""
        try:
            async with self.session.get(f"{self.house.url}/readyz") as reply:
                return reply.status == _OK
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def outside(house: House) -> AsyncIterator[Outside]:
    """Open the way to a house."""
    limits = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=limits) as session:
        yield Outside(house, session)
