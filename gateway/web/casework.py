"""Casework over HTTP: assignments, reviews, comments, owners, and how a case ends (S4)."""

from collections.abc import Callable
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query

from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case
from gateway.domain.casework import (
    Answer as TeamsAnswer,
)
from gateway.domain.casework import (
    Assign,
    Close,
    Comment,
    Desk,
    HandOver,
    LogReview,
    Step,
    do,
)
from gateway.domain.deeds import Person
from gateway.domain.mentions import around, meant
from gateway.domain.reviewing import last_looked_at, prefilled
from gateway.store import casebook, casework, matters
from gateway.store.matters import BusyMatterError, UnknownMatterError
from gateway.store.pool import Connection
from gateway.web.auth import Caseworker, PartsOf
from gateway.web.case_shapes import CaseView, case_view
from gateway.web.casework_shapes import (
    Assigned,
    Closing,
    Commented,
    Done,
    NewAssignment,
    NewComment,
    NewOwner,
    NewReview,
    Reviewed,
    SentBack,
    StaleCase,
    Template,
)
from gateway.web.casework_views import ActivityView, activity_view, is_activity, review_activity
from gateway.web.keys import IdempotencyKey, keyed
from gateway.web.mattering import created, decided, hand, one, unknown
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Shape
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/cases", tags=["casework"])
CaseId = Annotated[UUID, Path()]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
# What an answer tells besides the case, from the case as it is now.
More = Callable[[Case, Desk], Json]
_READ: Final = documented(401, 403, 404, 422, 503)
_WRITE: Final = documented(401, 403, 404, 409, 413, 422, 503)
_DAY: Final = 86_400
_AFTER: Final = {200: {"model": CaseView, "description": "The case as it is now"}, **_WRITE}


@router.get(
    "/stale",
    response_model=None,
    responses={200: {"model": list[StaleCase], "description": "Longest unreviewed first"}, **_READ},
)
async def stale(
    parts: PartsOf,
    _who: Caseworker,
    days: Annotated[int | None, Query(ge=1, le=3650, description="As the casebook says.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List open cases that nobody has reviewed for more than so many days (S4-24)."""
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        long = days or (await casebook.in_force(conn)).book.stale_days
        found = await casework.stale(conn, long, now, limit)
    url = parts.settings.public_url
    waited = [(one, int((now - last_looked_at(one)).total_seconds()) // _DAY) for one in found]
    return Answer([{**case_view(one, url), "days": since} for one, since in waited])


@router.post(
    "/{case}/assignments",
    status_code=201,
    response_model=None,
    responses={201: {"model": Assigned, "description": "Given"}, **_WRITE},
)
async def assign(
    case: CaseId,
    body: NewAssignment,
    parts: PartsOf,
    who: Caseworker,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Give a task to another team; the owner stays who it was (S4-03, S4-04, S4-27)."""
    added = _Adding(parts, case, who, idempotency_key)
    return await added.by(body, Assign(**body.model_dump()), _number)


@router.post("/{case}/assignments/{n}/return", response_model=None, responses=_AFTER)
async def send_back(
    case: CaseId, n: Number, body: SentBack, parts: PartsOf, who: Caseworker
) -> Answer:
    """Send an assignment back: the owner gets a task (S4-14)."""
    step = TeamsAnswer(n, "rejected" if body.rejected else "returned", body.reason)
    return await _stepped(parts, case, step, who)


@router.post("/{case}/assignments/{n}/done", response_model=None, responses=_AFTER)
async def done(case: CaseId, n: Number, body: Done, parts: PartsOf, who: Caseworker) -> Answer:
    """Say that an assignment is done."""
    return await _stepped(parts, case, TeamsAnswer(n, "done", body.note), who)


@router.get(
    "/{case}/reviews/template",
    response_model=None,
    responses={200: {"model": Template, "description": "To be overwritten at will"}, **_READ},
)
async def template(case: CaseId, parts: PartsOf, _who: Caseworker) -> Answer:
    """Show what a log review begins with: status, pending items, owners (S4-17, S4-18)."""
    found = await one(parts, CASES, case)
    async with parts.desk.pool.acquire() as conn:
        book = (await casebook.in_force(conn)).book
    return Answer({"comments": prefilled(found.facts, book)})


@router.post(
    "/{case}/reviews",
    status_code=201,
    response_model=None,
    responses={201: {"model": Reviewed, "description": "Logged"}, **_WRITE},
)
async def review(
    case: CaseId,
    body: NewReview,
    parts: PartsOf,
    who: Caseworker,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Log a review: the owner only, at most 1000 characters (S4-16, S4-19, S4-20)."""
    added = _Adding(parts, case, who, idempotency_key)
    return await added.by(body, LogReview(body.comments), _activity)


@router.post(
    "/{case}/comments",
    status_code=201,
    response_model=None,
    responses={201: {"model": Commented, "description": "Said"}, **_WRITE},
)
async def comment(
    case: CaseId,
    body: NewComment,
    parts: PartsOf,
    who: Caseworker,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Comment on a case; whoever is mentioned hears of it (S4-15, S4-23)."""

    def mentioned(after: Case, desk: Desk) -> Json:
        said = meant(body.text, desk.book, after.owner, around(after))
        names = [one.name for one in said.mentions]
        return {"mentions": names, "unknown_mentions": list(said.unknown)}

    added = _Adding(parts, case, who, idempotency_key)
    return await added.by(body, Comment(body.text), mentioned)


@router.get(
    "/{case}/activities",
    response_model=None,
    responses={200: {"model": list[ActivityView], "description": "In order"}, **_READ},
)
async def activities(case: CaseId, parts: PartsOf, _who: Caseworker) -> Answer:
    """List reviews and tasks, each as it was written (S4-20, S4-21)."""
    await one(parts, CASES, case)
    async with parts.desk.pool.acquire() as conn:
        items = await matters.history(conn, case)
    return Answer([activity_view(item) for item in items if is_activity(item)])


@router.post("/{case}/owner", response_model=None, responses=_AFTER)
async def hand_over(case: CaseId, body: NewOwner, parts: PartsOf, who: Caseworker) -> Answer:
    """Name another owner, or a team that takes cases (S4-09, S4-22, S4-25)."""
    return await _stepped(parts, case, HandOver(body.owner), who)


@router.post("/{case}/close", response_model=None, responses=_AFTER)
async def close(case: CaseId, body: Closing, parts: PartsOf, who: Caseworker) -> Answer:
    """Close a case: the owner only, as Case Voided when an assignment came back (S4-14)."""
    return await _stepped(parts, case, Close(body.reason), who)


class _Adding:
    """Something added to a case, once under a key."""

    def __init__(self, parts: Parts, case: UUID, who: Person, key: str | None) -> None:
        self._parts, self._case, self._who, self._key = parts, case, who, key

    async def by(self, body: Shape, step: Step, more: More) -> Answer:
        """Take the step and answer 201 with the case and more; a repeat gets the first answer."""
        of = f"case {self._case} {type(step).__name__}"
        key = keyed(self._who, self._key, body, of, self._case) if self._key else None

        async def act(conn: Connection) -> Json:
            desk = await _desk(self._parts, self._case, conn)
            by = hand(self._parts, self._who)
            after = await matters.decide(
                conn, CASES, self._case, lambda case: do(case, step, desk, self._who, by.now), by
            )
            shown = case_view(after.facts, self._parts.settings.public_url)
            return {**shown, **more(after.facts, desk)}

        try:
            return await created(self._parts, key, act)
        except UnknownMatterError:
            raise unknown(CASES.kind, self._case) from None
        except BusyMatterError:
            raise ProblemError(503, "busy", f"case {self._case} changes too fast") from None


async def _stepped(parts: Parts, case: UUID, step: Step, who: Person) -> Answer:
    async with parts.desk.pool.acquire() as conn:
        desk = await _desk(parts, case, conn)
    now = parts.clock.now()
    after = await decided(parts, CASES, case, lambda one: do(one, step, desk, who, now), who)
    return Answer(case_view(after.facts, parts.settings.public_url))


async def _desk(parts: Parts, case: UUID, conn: Connection) -> Desk:
    book = (await casebook.in_force(conn)).book
    return Desk(book, f"{parts.settings.public_url}/v1/cases/{case}")


def _number(after: Case, _desk: Desk) -> Json:
    return {"n": after.work.assignments[-1].n}


def _activity(after: Case, _desk: Desk) -> Json:
    review = after.work.review
    assert review is not None  # noqa: S101 - it was written just now
    return {"activity": review_activity(review)}
