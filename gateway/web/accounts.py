"""Accounts over HTTP: their documents, who is on call, and when nobody is."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel

from gateway.domain.accounts import Account
from gateway.domain.documents import AccountDocument, document_from
from gateway.domain.heeding import in_force, roster_at
from gateway.domain.history import stamp
from gateway.domain.messages import Priority
from gateway.domain.outlook import Known, candidates, idle_overrides
from gateway.domain.past import keep_past
from gateway.domain.preview import compare
from gateway.domain.specials import Special
from gateway.store import accounts, specials
from gateway.store.preview import ground
from gateway.web.auth import Agent, Dispatcher, Lead, PartsOf
from gateway.web.days import DayView, day_view
from gateway.web.parts import Parts
from gateway.web.previews import PreviewView, preview_view
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import AccountNumber, Day, Instant, PriorityWord
from gateway.web.shapes import Line as Name
from gateway.web.views import Answer, Json
from schedules.roster import Line

DEFAULT_SCHEDULE = "OnCall"  # S3-88
DOCUMENT = {"$ref": "#/components/schemas/AccountDocument"}
router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
Number = Annotated[AccountNumber, Path()]


class Put(BaseModel):
    """The version of a document that is now in force."""

    account: str
    version: int


class RosterLine(BaseModel):
    """One person of a roster; `skipped` says why they are passed over, if they are."""

    contact: str
    role: str
    status: str
    source: str
    reason: str
    skipped: str | None = None


class Ruling(BaseModel):
    """The special that governs; a hold keeps every job until its end."""

    id: str
    effect: Literal["replace", "hold"]
    until: str


class OnCall(BaseModel):
    """Who is on call at an instant, in order, and what protocol and special govern.

    `remarks`, where there are any, name overrides that last then and change nothing.
    """

    schedule: str
    at: str
    roster: list[RosterLine]
    protocol: str
    blank: bool
    special: Ruling | None = None
    remarks: list[str] = []


@router.put(
    "/{account}",
    response_model=None,
    responses={
        200: {"model": Put | PreviewView, "description": "In force, or what would change"},
        **documented(401, 403, 409, 413, 422, 503),
    },
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": DOCUMENT}}}},
)
async def put(
    account: Number,
    body: Annotated[object, Body()],
    parts: PartsOf,
    who: Lead,
    dry_run: Annotated[bool, Query()] = False,
) -> Answer:
    """Put an account document in force; an unchanged one makes no new version.

    An override or temporary schedule that has ended must stay as it is: 409 `past_is_read_only`.
    With `dry_run` nothing is applied: the answer says what would change in the document, who would
    be reached differently in the next 14 days, and which open messages would go on otherwise.
    """
    if isinstance(body, dict) and str(body.get("account", account)) != account:
        words = f"the document is that of account {body['account']}"
        raise ProblemError(409, "account_mismatch", words)
    document = document_from(body, "body")
    now = parts.clock.now()

    def guard(stored: AccountDocument | None, new: AccountDocument) -> None:
        keep_past(stored, new, now)

    async with parts.desk.pool.acquire() as conn:
        if not dry_run:
            version = await accounts.put(conn, document, who.actor, now, guard)
            return Answer({"account": account, "version": version})
        found = await ground(conn, parts.desk.states, document, now, guard)
    # Beside the loop: a large account takes a while, and calls are answered meanwhile.
    return Answer(preview_view(await asyncio.to_thread(compare, found)))


@router.get(
    "/{account}",
    response_model=None,
    responses={
        200: {
            "description": "The document, without PINs",
            "content": {"application/json": {"schema": DOCUMENT}},
        },
        **documented(401, 403, 404, 422, 503),
    },
)
async def get(account: Number, parts: PartsOf, _who: Dispatcher) -> Answer:
    """Show an account's document; PINs are write-only and left out."""
    async with parts.desk.pool.acquire() as conn:
        document = await accounts.get(conn, account)
    if document is None:
        raise _unknown(account)
    return Answer(document)


@router.get(
    "/{account}/oncall",
    response_model=None,
    responses={
        200: {"model": OnCall, "description": "The roster"},
        **documented(401, 403, 404, 409, 422, 503),
    },
)
async def oncall(  # noqa: PLR0913, PLR0917 - one argument a question
    account: Number,
    parts: PartsOf,
    _who: Agent,
    at: Annotated[Instant | None, Query()] = None,
    schedule: Annotated[Name | None, Query()] = None,
    priority: Annotated[PriorityWord | None, Query()] = None,
    form: Annotated[Name | None, Query()] = None,
) -> Answer:
    """Show who is on call at an instant (now), with the rule behind each line (S3-90).

    With `priority` (and `form`) the protocol is the one such a message would get; without them it
    is the first whose hours fit, and people are judged as for an urgent message.
    """
    when = at or parts.clock.now()
    compiled = await account_of(parts, account)
    known = await _known(parts, compiled, when, priority or "urgent")
    name = _schedule(compiled, schedule)
    if priority or form:
        protocol = compiled.protocol_for(priority or "urgent", form, when)
    else:
        protocol = compiled.protocol_at(when)
    roster = roster_at(compiled, name, when, known.specials)
    lines = candidates(compiled, protocol, roster, known)
    answer: Json = {
        "schedule": roster.schedule,
        "at": stamp(when),
        "roster": [_line(line) for line in lines],
        "protocol": protocol.name,
        "blank": roster.blank,
    }
    if special := in_force(compiled, when, known.specials):
        answer["special"] = _ruling(special)
    if remarks := idle_overrides(compiled, name, when):
        answer["remarks"] = remarks
    return Answer(answer)


def _ruling(special: Special) -> Json:
    return {"id": special.id, "effect": special.effect, "until": stamp(special.end)}


@router.get(
    "/{account}/coverage",
    response_model=None,
    responses={
        200: {"model": list[DayView], "description": "The days, in order"},
        **documented(401, 403, 404, 409, 422, 503),
    },
)
async def coverage(
    account: Number,
    parts: PartsOf,
    _who: Agent,
    first: Annotated[Day | None, Query(alias="from")] = None,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
    schedule: Annotated[Name | None, Query()] = None,
) -> Answer:
    """Show on which days somebody is on call all the time, and exactly when nobody is (S3-81).

    It looks at the schedule with its temporary schedules and overrides over each whole local day,
    from today on; people who are away or inactive still cover.
    """
    now = parts.clock.now()
    compiled = await account_of(parts, account)
    start = first or compiled.local_date(now)
    found = compiled.coverage(_schedule(compiled, schedule), start, days)
    return Answer([day_view(compiled, day) for day in found])


def _line(line: Line) -> Json:
    shown = {
        "contact": line.contact,
        "role": line.role,
        "status": line.status,
        "source": line.source,
        "reason": line.reason,
    }
    return {**shown, "skipped": line.skipped} if line.skipped else shown


async def _known(parts: Parts, account: Account, at: datetime, priority: PriorityWord) -> Known:
    """Return what bears on a roster of the account at an instant besides its document."""
    async with parts.desk.pool.acquire() as conn:
        flags = await accounts.flags_of(conn, account.account)
        calls, rung = await accounts.calls_of(conn, account, at)
        found = await specials.active_at(conn, account.account, at)
    posted = tuple(one.special for one in found)
    return Known(flags, calls, Priority[priority.upper()], specials=posted, rung=rung)


async def account_of(parts: Parts, account: str) -> Account:
    """Return an account as it is in force; 404 without one."""
    async with parts.desk.pool.acquire() as conn:
        version = await accounts.version_of(conn, account)
        if version is None:
            raise _unknown(account)
        compiled = await parts.desk.states.accounts.compiled(conn, [(account, version)])
    return compiled[account, version]


def _schedule(account: Account, wanted: str | None) -> str:
    """Return the schedule asked for, the only one, or the one named OnCall (S3-88)."""
    names = list(account.schedules)
    name = wanted if wanted is not None else DEFAULT_SCHEDULE
    if name.casefold() in account.names:
        return account.names[name.casefold()]
    if wanted is not None:
        raise ProblemError(404, "unknown_schedule", f"there is no schedule {wanted!r}")
    if len(names) > 1:
        words = f"name one of the schedules: {', '.join(names)}"
        raise ProblemError(409, "several_schedules", words)
    return names[0] if names else ""


def _unknown(account: str) -> ProblemError:
    return ProblemError(404, "unknown_account", f"there is no account {account}")
