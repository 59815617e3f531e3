"""Sessions over HTTP: who is coded for dispatch, what phones do, breaks (S3-03, S3-04, S3-06)."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from gateway.domain.deeds import Person
from gateway.domain.floor import CODERS, LIVE, CallState, Session, Verdict, judge_break
from gateway.domain.history import stamp
from gateway.domain.wording import alerts
from gateway.store import jobs, needs, sessions
from gateway.store.pool import Connection
from gateway.web.auth import Coder, OnFloor, PartsOf
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Coding, Instant, Name, Shape
from gateway.web.views import Answer, Json, instant

router = APIRouter(prefix="/v1", tags=["sessions"])
NamePath = Annotated[Name, Path()]
_ERRORS = documented(401, 403, 413, 422, 503)


class SessionView(BaseModel):
    """Whether somebody is coded for dispatch, since when and by whom, and what their phone does."""

    name: str
    coded: bool
    changed_at: str
    changed_by: str
    call_state: CallState
    break_at: str | None


class PhoneState(Shape):
    """What somebody's phone does."""

    state: Literal["TALK", "RING", "ZERO", "DISP"]


class StateNoted(SessionView):
    """A session afterwards; `warning` is `live_call` when one came to somebody coded."""

    warning: Literal["live_call"] | None


class Break(Shape):
    """When somebody takes a break; null: they do not."""

    at: Instant | None


class BreakNoted(SessionView):
    """A session afterwards, what was decided, and whether somebody else covers the break."""

    decision: Literal["granted", "flagged"]
    covered: bool


class RefusalView(BaseModel):
    """A deed that was refused because nobody had coded whoever tried it."""

    at: str
    actor: str
    deed: str
    code: str
    account: str
    ucn: str
    job: str | None


@router.get(
    "/sessions",
    response_model=None,
    responses={
        200: {"model": list[SessionView], "description": "By name"},
        **documented(401, 403, 503),
    },
)
async def find(parts: PartsOf, _who: OnFloor) -> Answer:
    """List who is on the floor, and what everybody's phone does (S3-04)."""
    async with parts.desk.pool.acquire() as conn:
        return Answer([_view(one) for one in await sessions.list_all(conn)])


@router.get(
    "/refusals",
    response_model=None,
    responses={
        200: {"model": list[RefusalView], "description": "Newest first"},
        **documented(401, 403, 422, 503),
    },
)
async def refusals(
    parts: PartsOf, _who: Coder, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Answer:
    """List what people were refused who are not coded; no history tells of it (S3-07)."""
    async with parts.desk.pool.acquire() as conn:
        found = await sessions.refusals(conn, limit)
    return Answer(
        [
            {
                "at": stamp(one.at),
                "actor": one.actor,
                "deed": one.deed,
                "code": one.code,
                "account": one.account,
                "ucn": one.ucn,
                "job": str(one.job) if one.job else None,
            }
            for one in found
        ]
    )


@router.put(
    "/sessions/{name}",
    response_model=None,
    responses={200: {"model": SessionView, "description": "So it is"}, **_ERRORS},
)
async def code(name: NamePath, body: Coding, parts: PartsOf, who: Coder) -> Answer:
    """Code somebody for dispatch, or take it back; a break they had announced is over."""
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn, conn.transaction():
        if not body.coded:
            await sessions.in_turn(conn)
        session = await sessions.code(conn, name, who.actor, now, coded=body.coded)
        if not body.coded:
            await _tell_uncovered(parts, conn, name)
    return Answer(_view(session))


@router.post(
    "/sessions/{name}/call-state",
    response_model=None,
    responses={200: {"model": StateNoted, "description": "So it is"}, **_ERRORS},
)
async def call_state(name: NamePath, body: PhoneState, parts: PartsOf, who: OnFloor) -> Answer:
    """Note what somebody's phone does; a live call to somebody coded is told of (S3-04)."""
    _own_or_all(who, name)
    now, state = parts.clock.now(), CallState(body.state)
    async with parts.desk.pool.acquire() as conn, conn.transaction():
        if state is not CallState.DISP:
            await sessions.in_turn(conn)
        session = await sessions.set_state(conn, name, state, now)
        live = session.coded and state in LIVE
        if live:
            await _alert(parts, conn, "live_call", alerts.live_call(name, state.value))
        if session.coded and state is not CallState.DISP:
            await _tell_uncovered(parts, conn, name)
    return Answer({**_view(session), "warning": "live_call" if live else None})


@router.post(
    "/sessions/{name}/break",
    response_model=None,
    responses={
        200: {"model": BreakNoted, "description": "Granted, or flagged"},
        **documented(401, 403, 409, 413, 422, 503),
    },
)
async def take_break(name: NamePath, body: Break, parts: PartsOf, who: OnFloor) -> Answer:
    """Announce a break, five minutes before it at the latest (S3-06).

    With less notice it is 409 `break_too_soon` while jobs need a person and nobody else who is
    coded covers it, and `flagged` while none does. Whatever is not covered is alerted.
    """
    _own_or_all(who, name)
    async with parts.desk.pool.acquire() as conn, conn.transaction():
        await sessions.in_turn(conn)  # of two who leave at once, the second one is not covered
        covered, verdict = await _judged(parts, conn, name, body.at)
        if verdict is not Verdict.REFUSED:
            session = await sessions.set_break(conn, name, body.at, parts.clock.now())
            answer = {**_view(session), "decision": verdict.value, "covered": covered}
            return Answer(answer)
    words = "a break is announced 5 minutes before it, as jobs wait and nobody covers it"
    raise ProblemError(409, "break_too_soon", words)


async def _judged(
    parts: Parts, conn: Connection, name: str, at: datetime | None
) -> tuple[bool, Verdict]:
    """Judge a break and alert people about one that nobody covers."""
    if at is None:
        return True, Verdict.GRANTED
    now = parts.clock.now()
    others = [one for one in await sessions.list_all(conn) if one.name != name]
    if any(one.covers(max(at, now)) for one in others):
        return True, Verdict.GRANTED
    waiting = await needs.waiting(conn, now)
    text = alerts.break_uncovered(name, stamp(at), waiting)
    await _alert(parts, conn, "break", text)
    await _told(conn, name)
    return False, judge_break(at - now, covered=False, waiting=waiting)


async def _tell_uncovered(parts: Parts, conn: Connection, name: str) -> None:
    """Alert people when jobs need a person and nobody who is coded is left (S3-06)."""
    now = parts.clock.now()
    if any(one.covers(now) for one in await sessions.list_all(conn) if one.name != name):
        return
    if waiting := await needs.waiting(conn, now):
        text = alerts.break_uncovered(name, stamp(now), waiting)
        await _alert(parts, conn, "uncovered_floor", text)
        await _told(conn, name)


async def _told(conn: Connection, name: str) -> None:
    """What waits by now was told of; the watch tells of what comes while nobody covers."""
    await sessions.claim_telling(conn, [name], await needs.newest_dispatch(conn))


async def _alert(parts: Parts, conn: Connection, reason: str, text: str) -> None:
    payload = {"sink": "dispatch", "reason": reason, "text": text}
    await jobs.add_alert(conn, parts.chance.uuid(), parts.clock.now(), payload)


def _own_or_all(who: Person, name: str) -> None:
    """Dispatchers speak for themselves; WFM and leads for everybody."""
    if who.role not in CODERS | {"admin"} and who.name != name:
        raise ProblemError(403, "forbidden", f"{who.name} speaks for nobody else")


def _view(one: Session) -> Json:
    return {
        "name": one.name,
        "coded": one.coded,
        "changed_at": stamp(one.changed_at),
        "changed_by": one.changed_by,
        "call_state": one.call_state.value,
        "break_at": instant(one.break_at),
    }
