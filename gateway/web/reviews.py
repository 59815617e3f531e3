"""Proofreading over HTTP: a message edited before it left, and the review queue (S3-12, S3-35)."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query

from gateway.domain.accounts import Account
from gateway.domain.deeds import DecideReview, Deed, Person
from gateway.domain.messages import Key
from gateway.domain.proofs import APPROVED, FIXED, WAIVED
from gateway.store import messages, reviews, specials
from gateway.store.messages import Shown
from gateway.store.specials import Author, Posted
from gateway.store.spreading import spread
from gateway.web.accounts import account_of
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.deciding import decided, key_of_ucn
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.proof_shapes import (
    AuditedView,
    Edit,
    Fix,
    ReviewView,
    Verdict,
    audited,
    message_reviews,
    special_reviews,
)
from gateway.web.shapes import AccountNumber, Ucn
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1", tags=["reviews"])
Id = Annotated[UUID, Path()]
_ERRORS = documented(401, 403, 404, 409, 413, 422, 503)
_DECIDED: Any = {
    "response_model": None,
    "responses": {200: {"model": ReviewView, "description": "The review afterwards"}, **_ERRORS},
}


@router.patch(
    "/messages/{ucn}",
    tags=["messages"],
    response_model=None,
    responses={200: {"model": AuditedView, "description": "As it is now"}, **_ERRORS},
)
async def edit(ucn: Annotated[Ucn, Path()], body: Edit, parts: PartsOf, who: Agent) -> Answer:
    """Correct a message; 409 `already_sent` once any attempt reached a carrier (S3-35).

    An edit never sends anything.
    """
    key = await key_of_ucn(parts, ucn)
    await decided(parts, key, body.deed(), who)
    return Answer(await audited(await _shown(parts, key)))


@router.get(
    "/reviews",
    response_model=None,
    responses={
        200: {"model": list[ReviewView], "description": "Longest open first; else newest first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(
    parts: PartsOf,
    _who: Dispatcher,
    state: Annotated[Literal["open", "closed"], Query()] = "open",
    account: Annotated[AccountNumber | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List what is to be looked over: messages in which something was found, and new specials."""
    is_open = state == "open"
    async with parts.desk.pool.acquire() as conn:
        of_messages = await reviews.of_messages(conn, account, limit, is_open=is_open)
        of_specials = await reviews.of_specials(conn, account, limit, is_open=is_open)
    found = [*await message_reviews(of_messages), *await _specials(parts, of_specials)]
    order = "opened_at" if is_open else "reviewed_at"
    found.sort(key=lambda one: (one[order] or "", one["id"]), reverse=not is_open)
    return Answer(found[:limit])


@router.post("/reviews/{review}/approve", **_DECIDED)
async def approve(
    review: Id, parts: PartsOf, who: Dispatcher, body: Verdict | None = None
) -> Answer:
    """Find nothing wrong with a message, or with a special."""
    async with parts.desk.pool.acquire() as conn:
        account = await reviews.special_of(conn, review)
    if account is not None:
        return await _approve_special(parts, (account, review), who)
    note = body.note if body else None
    return await _decide(parts, review, DecideReview(str(review), APPROVED, note=note), who)


@router.post("/reviews/{review}/waive", **_DECIDED)
async def waive(review: Id, parts: PartsOf, who: Dispatcher, body: Verdict | None = None) -> Answer:
    """Leave a message as it is although something is wrong with it."""
    note = body.note if body else None
    return await _decide(parts, review, DecideReview(str(review), WAIVED, note=note), who)


@router.post("/reviews/{review}/fix", **_DECIDED)
async def fix(review: Id, body: Fix, parts: PartsOf, who: Dispatcher) -> Answer:
    """Correct a message, which ends its review; 409 `already_sent` as for any edit."""
    deed = DecideReview(str(review), FIXED, body.deed(), body.note)
    return await _decide(parts, review, deed, who)


async def _decide(parts: Parts, review: UUID, deed: Deed, who: Person) -> Answer:
    async with parts.desk.pool.acquire() as conn:
        key = await reviews.message_of(conn, review)
        account = await reviews.special_of(conn, review) if key is None else None
    if account is not None:
        words = "a special is approved, or rejected at its account"
        raise ProblemError(409, "is_special", words)
    if key is None:
        raise ProblemError(404, "unknown_review", f"there is no review {review}")
    await decided(parts, key, deed, who)
    (view,) = await message_reviews([await _shown(parts, key)])
    return Answer(view)


async def _approve_special(parts: Parts, at: tuple[str, UUID], who: Person) -> Answer:
    """Approve a special here as it is approved at its account."""
    by = Author(who.actor, parts.clock.now())
    async with parts.desk.pool.acquire() as conn:
        outcome = await specials.review(conn, at, by, approved=True)
    assert outcome is not None  # noqa: S101 - it was found just now
    await spread(parts.desk, at[0], outcome, parts.chance)
    (view,) = await _specials(parts, [(at[0], outcome.posted)])
    return Answer(view)


async def _specials(parts: Parts, found: Sequence[tuple[str, Posted]]) -> list[Json]:
    """Show specials to review; each account is asked for once, and one may be gone."""
    known: dict[str, Account] = {}
    for number in dict.fromkeys(number for number, _ in found):
        with suppress(ProblemError):
            known[number] = await account_of(parts, number)
    return await special_reviews(found, known)


async def _shown(parts: Parts, key: Key) -> Shown:
    async with parts.desk.pool.acquire() as conn:
        shown = await messages.get(conn, key.ucn)
    assert shown is not None  # noqa: S101 - it was decided about just now
    return shown
