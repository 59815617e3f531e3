"""Sessions over HTTP: who is coded for dispatch (S3-03, S3-07)."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from gateway.store import sessions
from gateway.web.auth import Coder, PartsOf
from gateway.web.problems import documented
from gateway.web.shapes import Coding, Name
from gateway.web.views import Answer, instant

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])


class Session(BaseModel):
    """Whether somebody is coded for dispatch, since when and by whom."""

    name: str
    coded: bool
    changed_at: str
    changed_by: str


@router.put(
    "/{name}",
    response_model=None,
    responses={
        200: {"model": Session, "description": "So it is"},
        **documented(401, 403, 413, 422, 503),
    },
)
async def code(name: Annotated[Name, Path()], body: Coding, parts: PartsOf, who: Coder) -> Answer:
    """Code somebody for dispatch, or take it back."""
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        await sessions.code(conn, name, who.actor, now, coded=body.coded)
    answer = {
        "name": name,
        "coded": body.coded,
        "changed_at": instant(now),
        "changed_by": who.actor,
    }
    return Answer(answer)
