"""Resends over HTTP: asked for by agents, flagged for and answered by account managers (S3-15)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from gateway.domain.deeds import AnswerReview, Resend
from gateway.domain.flags import Flags
from gateway.domain.history import stamp
from gateway.domain.jobs import Job
from gateway.domain.masking import mask_address
from gateway.domain.people import Done
from gateway.domain.recipients import recipient
from gateway.domain.resends import asked_again
from gateway.domain.state import State
from gateway.store import messages, replies
from gateway.web.auth import AccountManager, Agent, PartsOf
from gateway.web.deciding import decided, key_of_ucn
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.proof_shapes import AuditedView, audited
from gateway.web.shapes import Line, Said, Shape, Ucn
from gateway.web.views import Answer, Json, View

router = APIRouter(prefix="/v1/messages", tags=["resends"])
UcnPath = Annotated[Ucn, Path()]
_ERRORS = documented(401, 403, 404, 409, 413, 422, 503)
RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,80}$", examples=["call-8841"])]
Channel = Literal["sms", "secure", "email"]


class Resending(Shape):
    """How, where and under which id of yours to send a message again."""

    channel: Channel
    to: Annotated[
        Line, Field(description="A contact's key, `office`, an E.164 number or an e-mail address.")
    ]
    request_id: RequestId


class Answering(Shape):
    """What an account manager says about a flagged message."""

    text: Said


class ResendView(View):
    """A request to send a message again; a repeat of its id is answered the very same."""

    request_id: str
    ucn: str
    account: str
    channel: Channel
    contact: str
    address: str
    job: str
    requested_by: str
    requested_at: str
    flagged: bool


@router.post(
    "/{ucn}/resend",
    status_code=201,
    response_model=None,
    responses={201: {"model": ResendView, "description": "It will be sent"}, **_ERRORS},
)
async def resend(ucn: UcnPath, body: Resending, parts: PartsOf, who: Agent) -> Answer:
    """Send a message again, whatever was sent before: once per request id (S3-15, S3-16)."""
    key = await key_of_ucn(parts, ucn)
    async with parts.desk.pool.acquire() as conn:
        state = (await parts.desk.states.of(conn, [key])).get(key)
    flags = await _flags(parts, state, body) if state else None
    done = await decided(parts, key, Resend(body.channel, body.to, body.request_id, flags), who)
    return Answer(_view(done, body.request_id), 201)


async def _flags(parts: Parts, state: State, body: Resending) -> Flags | None:
    """Look up what is known against the number that the request leads to."""
    if state.account is None:
        return None
    try:
        _, address = recipient(state.account, body.channel, body.to)
    except ValueError as fault:
        words = f"body.to: {fault}"
        errors = [{"place": "body.to", "words": str(fault)}]
        raise ProblemError(422, "bad_recipient", words, errors=errors) from None
    async with parts.desk.pool.acquire() as conn:
        return await replies.flags(conn, address)


def _view(done: Done, request_id: str) -> Json:
    job: Job = next(j for j in done.jobs if j.request and j.request.id == request_id)
    request = job.request
    assert request is not None  # noqa: S101 - chosen for it
    return {
        "request_id": request_id,
        "ucn": job.key.ucn,
        "account": job.key.account,
        "channel": request.channel,
        "contact": request.contact,
        "address": mask_address(request.address),
        "job": str(job.id),
        "requested_by": request.by,
        "requested_at": stamp(job.created_at),
        "flagged": asked_again(done.jobs, job),
    }


@router.post(
    "/{ucn}/am-review",
    response_model=None,
    responses={200: {"model": AuditedView, "description": "Answered"}, **_ERRORS},
)
async def answer(ucn: UcnPath, body: Answering, parts: PartsOf, who: AccountManager) -> Answer:
    """Say what came of a flagged message; it is flagged no longer (S3-18)."""
    key = await key_of_ucn(parts, ucn)
    await decided(parts, key, AnswerReview(body.text), who)
    async with parts.desk.pool.acquire() as conn:
        shown = await messages.get(conn, ucn)
    assert shown is not None  # noqa: S101 - it was answered just now
    return Answer(await audited(shown))
