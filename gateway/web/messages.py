"""Messages over HTTP: taken, found, told, delivered by hand, annotated."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from gateway.domain.deeds import Annotate, Deed, DeliverBy, Person
from gateway.store import messages
from gateway.store.messages import Wanted
from gateway.web.auth import Agent, Dispatcher, PartsOf, Reader
from gateway.web.deciding import decided
from gateway.web.flagged import MANAGER, only_flagged
from gateway.web.intake import taken
from gateway.web.keys import IdempotencyKey
from gateway.web.message_cases import LinkedView, cases_of
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.proof_shapes import AuditedView, audited, audited_list
from gateway.web.shapes import AccountNumber, Annotation, Delivery, NewMessage, Span, Ucn
from gateway.web.views import (
    Answer,
    Json,
    MessageView,
    Receipt,
    job_view,
    message_head,
)

router = APIRouter(prefix="/v1/messages", tags=["messages"])
UcnPath = Annotated[Ucn, Path()]


class HistoryItem(BaseModel):
    """An item of history (CONTRACT section 7); `content` stands there until it is erased."""

    seq: int
    at: str
    account: str
    ucn: str
    job: str | None
    attempt: str | None
    actor: str
    kind: str
    outcome: str
    text: str
    data: dict[str, Any]
    prev_hash: str
    hash: str
    content: str | None = None


class Verified(BaseModel):
    """Whether a history's chain holds, and where it breaks."""

    ok: bool
    items: int
    broken_at: int | None
    why: str | None


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": Receipt, "description": "Taken"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def take(
    body: NewMessage,
    request: Request,
    parts: PartsOf,
    who: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Take a message; its job is due at once. A repeat under one key gets the first answer."""
    return await taken(parts, request.app.state.reception, who, body, idempotency_key)


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[AuditedView], "description": "Newest first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(  # noqa: PLR0913, PLR0917 - one argument a filter
    parts: PartsOf,
    who: Reader,
    account: Annotated[AccountNumber | None, Query()] = None,
    since: Annotated[Span, Query()] = timedelta(days=3),
    delivered: Annotated[bool, Query(description="Show delivered ones too.")] = False,
    pending_job: Annotated[
        bool | None, Query(description="Only with (or without) a pending job, however old.")
    ] = None,
    flagged: Annotated[
        bool, Query(description="Only those flagged for the account manager, however old.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List messages; delivered ones and those older than three days are hidden (S3-31, S3-32).

    An account manager sees those that are flagged (S3-18).
    """
    if flagged:
        async with parts.desk.pool.acquire() as conn:
            shown = await messages.list_flagged(conn, account, limit)
        return Answer(await audited_list(shown))
    only_flagged(who)
    start = parts.clock.now() - since
    wanted = Wanted(start, account, delivered, pending_job, limit)
    async with parts.desk.pool.acquire() as conn:
        found = await messages.list_all(conn, wanted)
    return Answer(await audited_list(found))


@router.get(
    "/{ucn}",
    response_model=None,
    responses={
        200: {"model": LinkedView, "description": "The message"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def get(ucn: UcnPath, parts: PartsOf, who: Reader) -> Answer:
    """Show a message with its jobs, and name the cases about it."""
    async with parts.desk.pool.acquire() as conn:
        shown = await messages.get(conn, ucn)
        only_flagged(who, shown)
        if shown is None:
            raise _unknown(ucn)
        cases = await cases_of(conn, shown.message.key)
    return Answer({**await audited(shown), "cases": cases})


def _unknown(ucn: str) -> ProblemError:
    return ProblemError(404, "unknown_message", f"there is no message {ucn}")


@router.get(
    "/{ucn}/history",
    response_model=None,
    responses={
        200: {"model": list[HistoryItem], "description": "In order"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def history(ucn: UcnPath, parts: PartsOf, who: Reader) -> Answer:
    """Tell everything that happened to a message, with the words that were not erased."""
    async with parts.desk.pool.acquire() as conn:
        only_flagged(who, await messages.get(conn, ucn) if who.role == MANAGER else None)
        key = await parts.desk.states.key_of_ucn(conn, ucn)
        if key is None:
            raise _unknown(ucn)
        return Answer(await messages.history(conn, key))


@router.get(
    "/{ucn}/history/verify",
    response_model=None,
    responses={
        200: {"model": Verified, "description": "The verdict"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def verify(ucn: UcnPath, parts: PartsOf, _who: Agent) -> Answer:
    """Check a message's chain of hashes, its head and its words."""
    async with parts.desk.pool.acquire() as conn:
        key = await parts.desk.states.key_of_ucn(conn, ucn)
        if key is None:
            raise _unknown(ucn)
        count, broken = await messages.check(conn, key)
    where, why = (broken.seq, broken.why) if broken else (None, None)
    return Answer({"ok": broken is None, "items": count, "broken_at": where, "why": why})


@router.post(
    "/{ucn}/deliver",
    response_model=None,
    responses={
        200: {"model": MessageView, "description": "Delivered; without its details"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def deliver(ucn: UcnPath, body: Delivery, parts: PartsOf, who: Dispatcher) -> Answer:
    """Deliver by hand; past the limit only a lead (S3-37, S3-51)."""
    return await _do(parts, ucn, DeliverBy(body.evidence, body.to, body.note), who)


@router.post(
    "/{ucn}/annotations",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": MessageView, "description": "Added; without its details"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def annotate(ucn: UcnPath, body: Annotation, parts: PartsOf, who: Agent) -> Answer:
    """Add words to a message; only a directive changes anything (S3-34, S3-44)."""
    answer = await _do(parts, ucn, Annotate(body.text, body.directive), who)
    answer.status_code = 201
    return answer


async def _do(parts: Parts, ucn: str, deed: Deed, who: Person) -> Answer:
    async with parts.desk.pool.acquire() as conn:
        key = await parts.desk.states.key_of_ucn(conn, ucn)
    if key is None:
        raise _unknown(ucn)
    done = await decided(parts, key, deed, who)
    view: Json = {
        **message_head(done.message, done.jobs),
        "text": None,
        "caller": None,
        "fields": None,
        "jobs": [job_view(job) for job in done.jobs],
    }
    return Answer(view)
