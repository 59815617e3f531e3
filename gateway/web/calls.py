"""Calls over HTTP: the log of all calls, and the recording of the one a message came by (S3-53)."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import RedirectResponse, Response

from gateway.domain.masking import mask_address
from gateway.domain.taking import actor_of
from gateway.store import calls, messages, recordings
from gateway.store.calls import Call, SoughtCalls
from gateway.web.auth import Agent, Listener, PartsOf
from gateway.web.flagged import MANAGER, only_flagged
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import AccountNumber, ContactKey, Name, Span, Ucn
from gateway.web.views import Answer, Json, View, instant

router = APIRouter(prefix="/v1", tags=["calls"])
# Nobody but the one who asked shall learn the address: no cache, and no page that leads on.
_FOR_ONE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class LegEvent(View):
    """Something that happened on one call: an item of the message's history."""

    seq: int
    at: str
    actor: str
    kind: str
    outcome: str
    text: str


class CallView(View):
    """A call: the one an agent took (`intake`), one that was placed, or one that came in.

    `call` is the attempt's id. `recording` is where those who may listen are led to it.
    """

    call: str | None
    direction: Literal["intake", "outbound", "inbound"]
    ucn: str
    account: str
    agent: str
    contact: str | None
    address: str | None
    source: str | None
    at: str
    answered_at: str | None
    ended_at: str | None
    outcome: str | None
    recording: str | None
    events: list[LegEvent]


@router.get(
    "/calls",
    response_model=None,
    responses={
        200: {"model": list[CallView], "description": "Newest first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(  # noqa: PLR0913, PLR0917 - one argument a filter
    parts: PartsOf,
    _who: Agent,
    ucn: Annotated[Ucn | None, Query(description="Of one message, however old.")] = None,
    account: Annotated[AccountNumber | None, Query()] = None,
    agent: Annotated[Name | None, Query(description="Who took the message.")] = None,
    since: Annotated[Span, Query()] = timedelta(days=3),
    contact: Annotated[ContactKey | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List calls, each with what happened on it (S3-53)."""
    async with parts.desk.pool.acquire() as conn:
        key = await parts.desk.states.key_of_ucn(conn, ucn) if ucn else None
        if ucn and (key is None or account not in {None, key.account}):
            return Answer([])
        start = parts.clock.now() - since
        sought = SoughtCalls(start, key, account, agent, contact, limit)
        found = await calls.list_calls(conn, sought)
    return Answer([_view(one) for one in found])


def _view(one: Call) -> Json:
    ucn = one.key.ucn
    return {
        "call": str(one.attempt) if one.attempt else None,
        "direction": _direction(one),
        "ucn": ucn,
        "account": one.key.account,
        "agent": actor_of(one.taken_by),
        "contact": one.contact,
        "address": mask_address(one.address) if one.address else None,
        "source": one.source,
        "at": instant(one.at),
        "answered_at": instant(one.answered_at),
        "ended_at": instant(one.ended_at),
        "outcome": one.outcome,
        "recording": f"/v1/messages/{ucn}/recording" if one.recorded else None,
        "events": [{name: item[name] for name in LegEvent.model_fields} for item in one.events],
    }


def _direction(one: Call) -> str:
    if one.attempt is None:
        return "intake"
    came_in = any(item["kind"].startswith("inbound.") for item in one.events)
    return "inbound" if came_in else "outbound"


@router.get(
    "/messages/{ucn}/recording",
    status_code=302,
    response_class=RedirectResponse,
    response_model=None,
    responses={
        302: {"description": "`Location` is where it can be heard"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def listen(ucn: Annotated[Ucn, Path()], parts: PartsOf, who: Listener) -> Response:
    """Lead somebody who may listen to the recording of the call the message came by (S3-53)."""
    async with parts.desk.pool.acquire() as conn:
        only_flagged(who, await messages.get(conn, ucn) if who.role == MANAGER else None)
        key = await parts.desk.states.key_of_ucn(conn, ucn)
        if key is None:
            raise ProblemError(404, "unknown_message", f"there is no message {ucn}")
        url = await recordings.find(conn, key)
    if url is None:
        raise ProblemError(404, "no_recording", f"the call of message {ucn} was not recorded")
    return RedirectResponse(url, 302, _FOR_ONE)
