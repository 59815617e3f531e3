"""Specials over HTTP: posted and in force at once, found, reviewed after (S3-77 to S3-80)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Path, Query

from gateway.domain.deeds import Person, RefusedError
from gateway.domain.history import stamp
from gateway.domain.specials import Special, active
from gateway.store import specials
from gateway.store.idempotency import Keyed, KeyReusedError, first_answer, once
from gateway.store.specials import Author, Outcome
from gateway.store.spreading import spread
from gateway.web.accounts import Number, account_of
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.keys import IdempotencyKey, keyed, reused
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Instant
from gateway.web.special_shapes import (
    AccountItem,
    NewSpecial,
    SpecialView,
    StateOf,
    impossible,
    of_document,
    special_view,
)
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/accounts/{account}", tags=["specials"])
Id = Annotated[UUID, Path()]
_log = structlog.get_logger(__name__)


@router.post(
    "/specials",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": SpecialView, "description": "In force, from its start on"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def post(
    account: Number,
    body: NewSpecial,
    parts: PartsOf,
    who: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Post a special: effective at once, reviewed after. The specials channel is told (S3-80).

    A repeat under one `Idempotency-Key` gets the first answer, and rings nowhere; it tells the open
    messages that have not heard of it, should the first request have died before.
    """
    key = keyed(who, idempotency_key, body, of=f"specials {account}") if idempotency_key else None
    try:
        return await _post(parts, account, body, Author(who.actor, parts.clock.now()), key)
    except KeyReusedError:
        raise reused() from None


async def _post(
    parts: Parts, account: str, body: NewSpecial, by: Author, key: Keyed | None
) -> Answer:
    if key and (first := await _first(parts, key)):
        return await _again(parts, account, first)
    special = await _meant(parts, account, body, by.now)
    done: list[Outcome] = []

    async def act() -> Json:
        done.append(await specials.post(conn, account, special, by, parts.chance.uuid()))
        return special_view(account, done[-1].posted, by.now)

    async with parts.desk.pool.acquire() as conn:
        answer, new = await once(conn, key, by.now, act) if key else (await act(), True)
    if not new:
        return await _again(parts, account, answer)
    _tell_log("special.posted", by.actor, account, special)
    await spread(parts.desk, account, done[-1], parts.chance)
    return Answer(answer, 201)


async def _again(parts: Parts, account: str, first: Json) -> Answer:
    """Give the first answer; whoever gave it may have died before every message heard of it."""
    async with parts.desk.pool.acquire() as conn:
        before = await specials.posted_before(conn, account, UUID(first["id"]))
    if before is not None and before.posted.special.end > parts.clock.now():
        await spread(parts.desk, account, before, parts.chance)
    return Answer(first, 201)


async def _first(parts: Parts, key: Keyed) -> Json | None:
    async with parts.desk.pool.acquire() as conn:
        found: Json | None = await first_answer(conn, key)
    return found


async def _meant(parts: Parts, account: str, body: NewSpecial, now: datetime) -> Special:
    compiled = await account_of(parts, account)
    special = body.special(parts.chance.uuid(), compiled.zone)
    if special.replace is not None and special.replace not in compiled.contacts:
        words = f"the account has no contact {special.replace!r}"
        raise RefusedError("unknown_contact", words)
    if special.end <= now:
        raise impossible("is past already")
    return special


@router.get(
    "/specials",
    response_model=None,
    responses={
        200: {"model": list[SpecialView], "description": "Oldest post first"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def find(
    account: Number,
    parts: PartsOf,
    _who: Agent,
    at: Annotated[Instant | None, Query(description="Only those active then.")] = None,
    state: Annotated[StateOf | None, Query(description="Only those in it, past ones too.")] = None,
) -> Answer:
    """List specials: active at an instant, or in a state, or (neither given) now and to come."""
    now = parts.clock.now()
    compiled = await account_of(parts, account)
    own = compiled.specials
    async with parts.desk.pool.acquire() as conn:
        if at is not None:
            found, own = await specials.active_at(conn, account, at), active(own, at)
        elif state is not None:
            found = await specials.in_state(conn, account, state)
        else:
            found = await specials.standing(conn, account, now)
            own = tuple(one for one in own if one.end > now)
    listed = [*of_document(own), *found]
    when = at or now
    return Answer(
        [special_view(account, one, when) for one in listed if state in {None, one.state}]
    )


@router.post(
    "/specials/{special}/approve",
    response_model=None,
    responses={
        200: {"model": SpecialView, "description": "Approved"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def approve(account: Number, special: Id, parts: PartsOf, who: Dispatcher) -> Answer:
    """Approve a special: the second look of S3-79. It was in force before."""
    return await _review(parts, (account, special), who, approved=True)


@router.post(
    "/specials/{special}/reject",
    response_model=None,
    responses={
        200: {"model": SpecialView, "description": "Rejected, and thereby ended"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def reject(account: Number, special: Id, parts: PartsOf, who: Dispatcher) -> Answer:
    """Reject a special: it ends at once, and what it held goes on."""
    return await _review(parts, (account, special), who, approved=False)


@router.get(
    "/history",
    response_model=None,
    responses={
        200: {"model": list[AccountItem], "description": "Newest first"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def history(
    account: Number,
    parts: PartsOf,
    _who: Agent,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """Tell what happened to the account itself: specials posted, reviewed."""
    await account_of(parts, account)
    async with parts.desk.pool.acquire() as conn:
        items = await specials.items(conn, account, limit)
    return Answer([{**one, "at": stamp(one["at"])} for one in items])


async def _review(parts: Parts, at: tuple[str, UUID], who: Person, *, approved: bool) -> Answer:
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        outcome = await specials.review(conn, at, Author(who.actor, now), approved=approved)
    if outcome is None:
        raise ProblemError(404, "unknown_special", f"account {at[0]} has no special {at[1]}")
    # Also when it was reviewed before: that review may have died before every message heard of it.
    await spread(parts.desk, at[0], outcome, parts.chance)
    _tell_log(f"special.{outcome.posted.state}", who.actor, at[0], outcome.posted.special)
    return Answer(special_view(at[0], outcome.posted, now))


def _tell_log(action: str, actor: str, account: str, special: Special) -> None:
    facts = {"actor": actor, "account": account, "special": special.id}
    _log.info("special", action=action, effect=special.effect, **facts)
