"""Parks over HTTP: set aside by agents, claimed by one dispatcher, released or closed (S3-13)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from gateway.domain.deeds import ClaimPark, ClosePark, Deed, ParkMessage, Person, ReleasePark
from gateway.domain.messages import Key
from gateway.domain.people import Done
from gateway.store import messages, parks
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.deciding import decided, key_of_ucn
from gateway.web.message_cases import cases_of
from gateway.web.park_views import (
    ClaimedPark,
    ParkAfter,
    ParkedItem,
    Parking,
    Skill,
    after,
    claimed,
    listed,
)
from gateway.web.parts import Parts
from gateway.web.problems import documented
from gateway.web.shapes import AccountNumber, Ucn
from gateway.web.views import Answer

router = APIRouter(prefix="/v1", tags=["parks"])
UcnPath = Annotated[Ucn, Path()]
_ERRORS = documented(401, 403, 404, 409, 413, 422, 503)
_ENDED: Any = {
    "response_model": None,
    "responses": {200: {"model": ParkAfter, "description": "The park as it ended"}, **_ERRORS},
}


@router.get(
    "/parks",
    response_model=None,
    responses={
        200: {"model": list[ParkedItem], "description": "Longest parked first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(
    parts: PartsOf,
    _who: Agent,
    skill: Annotated[Skill | None, Query()] = None,
    account: Annotated[AccountNumber | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List what is parked and for what, with its annotations (S3-14)."""
    async with parts.desk.pool.acquire() as conn:
        found = await parks.list_parked(conn, account, skill, limit)
    now = parts.clock.now()
    return Answer([listed(one, now) for one in found])


@router.post(
    "/messages/{ucn}/park",
    status_code=201,
    response_model=None,
    responses={201: {"model": ParkAfter, "description": "Parked"}, **_ERRORS},
)
async def park(ucn: UcnPath, body: Parking, parts: PartsOf, who: Agent) -> Answer:
    """Set a message aside for people of a skill; its jobs pause. Annotate it before (S3-13)."""
    _, done = await _do(parts, ucn, ParkMessage(body.skill, body.text), who)
    return Answer(after(done, parts.clock.now()), 201)


@router.post(
    "/messages/{ucn}/park/claim",
    response_model=None,
    responses={200: {"model": ClaimedPark, "description": "Yours for five minutes"}, **_ERRORS},
)
async def claim(ucn: UcnPath, parts: PartsOf, who: Dispatcher) -> Answer:
    """Take a parked message; the answer holds it with annotations and history (S3-14, S3-95)."""
    key, _ = await _do(parts, ucn, ClaimPark(), who)
    async with (
        parts.desk.pool.acquire() as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        shown = await messages.get(conn, ucn)
        items = await messages.history(conn, key)
        cases = await cases_of(conn, key)
    assert shown is not None  # noqa: S101 - it was claimed just now
    return Answer(await claimed(shown, items, cases, parts.clock.now()))


@router.post("/messages/{ucn}/park/release", **_ENDED)
async def release(ucn: UcnPath, parts: PartsOf, who: Dispatcher) -> Answer:
    """Have a parked message go on: its jobs are due at once."""
    return await _end(parts, ucn, ReleasePark(), who)


@router.post("/messages/{ucn}/park/close", **_ENDED)
async def close(ucn: UcnPath, parts: PartsOf, who: Dispatcher) -> Answer:
    """End a park whose matter is dealt with: jobs go on in their own time, at their next cue."""
    return await _end(parts, ucn, ClosePark(), who)


async def _end(parts: Parts, ucn: str, deed: ReleasePark | ClosePark, who: Person) -> Answer:
    _, done = await _do(parts, ucn, deed, who)
    how = "released" if isinstance(deed, ReleasePark) else "closed"
    return Answer(after(done, parts.clock.now(), how))


async def _do(parts: Parts, ucn: str, deed: Deed, who: Person) -> tuple[Key, Done]:
    key = await key_of_ucn(parts, ucn)
    return key, await decided(parts, key, deed, who)
