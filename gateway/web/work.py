"""Work over HTTP: what people have to do, by kind (S3-05)."""

from typing import Annotated

from fastapi import APIRouter, Query

from gateway.domain.needs import WorkKind
from gateway.store import work
from gateway.web.auth import Agent, PartsOf
from gateway.web.problems import documented
from gateway.web.views import Answer, View, instant

router = APIRouter(prefix="/v1", tags=["floor"])


class WorkView(View):
    """Something for people to do; `subject`: id of a job, review or special, or a park's skill."""

    kind: WorkKind
    account: str
    ucn: str | None
    subject: str
    reason: str
    since: str | None
    owner: str | None


@router.get(
    "/work",
    response_model=None,
    responses={
        200: {"model": list[WorkView], "description": "Most urgent, or longest waiting, first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(
    parts: PartsOf,
    _who: Agent,
    kind: Annotated[WorkKind, Query()] = WorkKind.DISPATCH,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List the work of one kind: jobs and parks, parks to call back, or what is to review."""
    async with parts.desk.pool.acquire() as conn:
        found = await work.items(conn, kind, parts.clock.now(), limit)
    return Answer(
        [
            {
                "kind": one.kind.value,
                "account": one.account,
                "ucn": one.ucn,
                "subject": one.subject,
                "reason": one.reason,
                "since": instant(one.since),
                "owner": one.owner,
            }
            for one in found
        ]
    )
