"""The API over HTTP semantics, in process, on a real database and a clock that stands still."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from gateway.clock import VirtualClock
from gateway.metrics import build_metrics
from gateway.settings import Settings
from gateway.store import accounts, tokens
from gateway.store.desk import Desk
from gateway.store.pool import Pool
from gateway.store.rates import Rates
from gateway.store.states import States
from gateway.web.app import create_app
from gateway.web.calendars import CalendarDoor
from gateway.web.handoff_door import HandoffDoor
from gateway.web.parts import Parts
from gateway.web.survey import SurveyDoor
from tests.kit.desk import NOON, Dice, document

ADMIN = "the-admin-token"
PUBLIC_URL = "https://dispatch.example"


@dataclass(slots=True)
class Api:
    """The API and those who call it, each by role."""

    app: FastAPI
    client: AsyncClient
    clock: VirtualClock
    pool: Pool
    tokens: dict[str, str]

    async def ask(
        self,
        who: str | None,
        call: str,
        body: object = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Make a call such as `POST /v1/messages` as a role, or as `role:name`, or nobody."""
        method, _, path = call.partition(" ")
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {await self.token(who)}"
        if isinstance(body, bytes):
            sent["Content-Type"] = "application/json"
            return await self.client.request(method, path, content=body, headers=sent)
        return await self.client.request(method, path, json=body, headers=sent)

    async def token(self, who: str) -> str:
        """Return somebody's token, made when first asked for."""
        role, _, name = who.partition(":")
        if who not in self.tokens:
            async with self.pool.acquire() as conn:
                token = await tokens.create(conn, name or role.upper(), role, NOON)
            self.tokens[who] = token
        return self.tokens[who]

    async def take(self, ucn: str = "49000001", **changes: object) -> dict[str, Any]:
        """Take a message as an agent and return the answer."""
        answer = await self.ask("agent", "POST /v1/messages", message(ucn=ucn, **changes))
        assert answer.status_code == 201, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    async def job(self, ucn: str = "49000001", **changes: object) -> str:
        """Take a message and return the id of its job."""
        return str((await self.take(ucn, **changes))["jobs"][0]["id"])

    async def park(
        self,
        ucn: str = "49000001",
        who: str = "dispatcher",
        *,
        parked: bool = True,
        claimed: bool = True,
    ) -> None:
        """Annotate a message as an agent, park it, and have somebody claim it."""
        path = f"POST /v1/messages/{ucn}"
        body = {"skill": "Dispatch", "text": "Client changes the address."}
        assert (await self.ask("agent", f"{path}/annotations", {"text": "x"})).status_code == 201
        if parked:
            assert (await self.ask("agent", f"{path}/park", body)).status_code == 201
        if parked and claimed:
            assert (await self.ask(who, f"{path}/park/claim")).status_code == 200

    async def kinds(self, ucn: str = "49000001") -> list[str]:
        """Return the kinds of a message's history."""
        items = (await self.ask("agent", f"GET /v1/messages/{ucn}/history")).json()
        return [item["kind"] for item in items]


def message(**changes: object) -> dict[str, object]:
    """Return the body of a new message; `changes` replace its keys."""
    return {
        "account": "7001",
        "priority": "urgent",
        "text": "No heat since Sunday",
        "taken_by": "agent:1204",
        **changes,
    }


def parts_on(pool: Pool, clock: VirtualClock, **settings: object) -> Parts:
    """Build the web side's parts."""
    given = {"admin_token": SecretStr(ADMIN), "public_url": PUBLIC_URL, **settings}
    desk = Desk(pool, States(PUBLIC_URL), clock, Rates({}), lambda _: None)
    return Parts(desk, clock, Settings(**given), build_metrics(), Dice())  # type: ignore[arg-type]


@asynccontextmanager
async def serving(
    pool: Pool, clock: VirtualClock | None = None, **settings: object
) -> AsyncIterator[Api]:
    """Serve the API with accounts 7001 and 7002 in it, at NOON."""
    async with pool.acquire() as conn:
        documents = [document("7001"), document("7002")]
        await accounts.put_all(conn, documents, "lead:L-7", NOON)
    clock = clock or VirtualClock(NOON)
    parts = parts_on(pool, clock, **settings)
    doors = (CalendarDoor(parts), SurveyDoor(parts), HandoffDoor(parts))
    app = create_app(parts, [route for door in doors for route in door.routes()])
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield Api(app, client, clock, pool, {"admin": ADMIN})
