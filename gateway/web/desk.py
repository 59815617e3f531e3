"""An account at the desk: fetched as one snapshot, dropped again (S3-27, S3-28, S3-29, S3-63)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path

from gateway.domain.accounts import Account
from gateway.domain.deeds import Person, RefusedError, Release
from gateway.domain.jobs import Job
from gateway.store import messages, parks, specials, worklist
from gateway.store.messages import Shown, Wanted
from gateway.store.pool import Connection
from gateway.store.worklist import Sought
from gateway.web.accounts import account_of
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.deciding import decided
from gateway.web.listing import listed
from gateway.web.park_views import AnnotationView, annotations
from gateway.web.parts import Parts
from gateway.web.problems import documented
from gateway.web.shapes import AccountNumber
from gateway.web.special_shapes import SpecialView, of_document, special_view
from gateway.web.views import Answer, Json, ListedJob, MessageView, View, instant, message_view

# The message list goes back this far unless asked for more (S3-32); one with a pending job is
# always shown.
_SINCE: Final = timedelta(days=3)
_MOST: Final = 500
router = APIRouter(prefix="/v1", tags=["floor"])
Number = Annotated[AccountNumber, Path()]


class NotedMessage(MessageView):
    """A message with its annotations."""

    annotations: list[AnnotationView]


class DeskView(View):
    """All that whoever fetches an account needs, read at one instant.

    `messages`: those not delivered of the last three days, and any with a pending job.
    """

    account: str
    name: str
    at: str
    pending_dispatches: int
    messages: list[NotedMessage]
    jobs: list[ListedJob]
    specials: list[SpecialView]


class PendingView(View):
    """How many jobs of an account are pending, and how many of them due."""

    account: str
    name: str
    pending_dispatches: int
    due_now: int
    past_due: int


class Dropped(View):
    """Which claims were given back."""

    account: str
    released: list[str]


@router.get(
    "/desk",
    response_model=None,
    responses={
        200: {"model": list[PendingView], "description": "Longest waiting first"},
        **documented(401, 403, 422, 503),
    },
)
async def accounts(parts: PartsOf, _who: Agent) -> Answer:
    """List the accounts with pending jobs (S3-29)."""
    async with parts.desk.pool.acquire() as conn:
        found = await worklist.pending(conn, parts.clock.now())
    return Answer(
        [
            {
                "account": one.account,
                "name": one.name,
                "pending_dispatches": one.pending,
                "due_now": one.due_now,
                "past_due": one.past_due,
            }
            for one in found
        ]
    )


@router.get(
    "/accounts/{account}/desk",
    response_model=None,
    responses={
        200: {"model": DeskView, "description": "The account as it stands"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def fetch(account: Number, parts: PartsOf, _who: Agent) -> Answer:
    """Fetch an account: its messages, jobs, specials and annotations in one read (S3-27)."""
    compiled = await account_of(parts, account)
    now = parts.clock.now()
    async with (
        parts.desk.pool.acquire() as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = await _messages(conn, account, now)
        jobs = await worklist.list_jobs(conn, Sought(now, account=account, most=_MOST))
        answer = {
            "account": account,
            "name": compiled.name,
            "at": instant(now),
            "pending_dispatches": await worklist.pending_of(conn, account),
            "messages": await _noted(conn, found),
            "jobs": await listed(conn, parts.desk.states, jobs, now),
            "specials": await _specials(conn, compiled, now),
        }
    return Answer(answer)


@router.post(
    "/accounts/{account}/drop",
    response_model=None,
    responses={
        200: {"model": Dropped, "description": "Yours no longer"},
        **documented(401, 403, 404, 413, 422, 503),
    },
)
async def drop(account: Number, parts: PartsOf, who: Dispatcher) -> Answer:
    """Drop an account: give back what one has claimed of it, due at once (S3-28, S3-63)."""
    await account_of(parts, account)
    async with parts.desk.pool.acquire() as conn:
        jobs = await worklist.claimed_by(conn, account, who.actor)
    released = [str(job.id) for job in jobs if await _released(parts, job, who)]
    return Answer({"account": account, "released": released})


async def _released(parts: Parts, job: Job, who: Person) -> bool:
    try:
        await decided(parts, job.key, Release(job.id), who)
    except RefusedError:  # it ended, or went on, in the meantime
        return False
    return True


async def _messages(conn: Connection, account: str, now: datetime) -> list[Shown]:
    recent = Wanted(now - _SINCE, account, delivered=False, most=_MOST)
    pending = Wanted(now - _SINCE, account, pending_job=True, most=_MOST)
    found = [*await messages.list_all(conn, recent), *await messages.list_all(conn, pending)]
    once = {shown.message.key: shown for shown in found}
    return sorted(once.values(), key=lambda one: one.message.taken_at, reverse=True)


async def _noted(conn: Connection, found: Sequence[Shown]) -> list[Json]:
    notes = await parks.annotations_of(conn, [shown.message.key for shown in found])
    return [
        {**message_view(shown), "annotations": annotations(notes[shown.message.key])}
        for shown in found
    ]


async def _specials(conn: Connection, account: Account, now: datetime) -> list[Json]:
    own = tuple(one for one in account.specials if one.end > now)
    posted = await specials.standing(conn, account.account, now)
    return [special_view(account.account, one, now) for one in (*of_document(own), *posted)]
