"""Server-sent events: sessions hear within two seconds that a job needs a person (S3-61)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Final

import orjson
import structlog
from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from gateway.domain.deeds import Person
from gateway.domain.floor import CallState, Session, may_hear
from gateway.domain.history import stamp
from gateway.domain.needs import WorkKind
from gateway.domain.wording import alerts
from gateway.store import jobs, needs, sessions
from gateway.store.needs import Told
from gateway.store.pool import Connection
from gateway.web.auth import Given, Listener, PartsOf, holder
from gateway.web.floor import Floor
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented

HEARTBEAT: Final = timedelta(seconds=15)
NAME: Final = "needs_person"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EVENTS: Final = """\
An endless stream. Each event is `needs_person`; its data is JSON with `id`, `at`, `account`, `ucn`,
`job`, `kind` (dispatch, review, callback), `reason` (held, requires_human, limit, exhausted,
parked, past_due, special, am_review), `why` (the job's own code word) and `call_state` (DISP). An
event `reload` says that what was missed is no longer kept: read the lists anew.
"""
router = APIRouter(prefix="/v1", tags=["floor"])
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ear:
    """Who listens, by which credentials, and what they heard last."""

    parts: Parts
    floor: Floor
    given: Given
    who: Person
    heard: int | None


@router.get(
    "/events",
    response_model=None,
    responses={
        200: {"description": _EVENTS, "content": {"text/event-stream": {}}},
        **documented(401, 403, 422, 503),
    },
)
async def listen(
    request: Request,
    parts: PartsOf,
    given: Given,
    who: Listener,
    last_event_id: Annotated[str | None, Header(pattern="^[0-9]{1,18}$")] = None,
) -> StreamingResponse:
    """Hear what needs a person, at once; `Last-Event-ID` goes on from there (S3-03, S3-61)."""
    floor: Floor = request.app.state.floor
    ear = Ear(parts, floor, given, who, int(last_event_id) if last_event_id else None)
    return StreamingResponse(told(ear), media_type="text/event-stream", headers=_HEADERS)


async def told(ear: Ear) -> AsyncIterator[bytes]:
    """Give the events as they come, and a comment now and then, so that nobody hangs up.

    Whoever asks is looked at again at each comment: a revoked token hears no more.
    """
    async with ear.floor.ear():
        seq, first = await _start(ear)
        beat = ear.parts.clock.now() + HEARTBEAT
        yield first
        while not ear.floor.closed:
            if await ear.floor.news(seq, beat):
                rows = await _after(ear, seq)
                seq = rows[-1].seq if rows else seq
                for event in await _meant_for(ear, rows):
                    yield event
            elif not ear.floor.closed:
                try:
                    now = await holder(ear.parts, ear.given)
                except ProblemError:
                    return
                ear = replace(ear, who=Person(now.name, now.role, also=now.also))
                yield b": here\n\n"
                beat = ear.parts.clock.now() + HEARTBEAT


async def _start(ear: Ear) -> tuple[int, bytes]:
    """Return the number to go on from, and how the stream begins."""
    async with ear.parts.desk.pool.acquire() as conn:
        newest, oldest = await needs.newest(conn), await needs.oldest(conn)
    _log.info("listening", action="events.open", actor=ear.who.actor)
    begins = b"retry: 1000\n\n"
    if ear.heard is None or ear.heard > newest:
        return newest, begins
    if ear.heard + 1 < oldest:
        return newest, begins + b"event: reload\ndata: {}\n\n"
    return ear.heard, begins


async def _after(ear: Ear, seq: int) -> list[Told]:
    async with ear.parts.desk.pool.acquire() as conn:
        return await needs.after(conn, seq)


async def _meant_for(ear: Ear, rows: list[Told]) -> list[bytes]:
    """Return the events that are this person's, as they go out."""
    parts, who = ear.parts, ear.who
    async with parts.desk.pool.acquire() as conn:
        session = await sessions.find(conn, who.name) if who.role == "dispatcher" else None
        coding = parts.settings.require_coding
        heard = [
            row for row in rows if may_hear(who, (row.kind, row.reason), session, coding=coding)
        ]
        if who.role == "dispatcher" and any(row.kind == WorkKind.DISPATCH for row in heard):
            await _verify(parts, conn, who, session)
    return [_event(row) for row in heard]


async def _verify(parts: Parts, conn: Connection, who: Person, session: Session | None) -> None:
    """Ask people about whoever is offered dispatch work without having been coded (S3-91)."""
    if session is not None and session.told:
        return
    now = parts.clock.now()
    async with conn.transaction():
        if await sessions.ask_to_verify(conn, who.name, now):
            text = alerts.verify_coding(who.name)
            payload = {"sink": "dispatch", "reason": "verify_coding", "text": text}
            await jobs.add_alert(conn, parts.chance.uuid(), now, payload)


def _event(row: Told) -> bytes:
    shown = {
        "id": row.seq,
        "at": stamp(row.at),
        "account": row.account,
        "ucn": row.ucn,
        "job": str(row.job) if row.job else None,
        "kind": row.kind,
        "reason": row.reason,
        "why": row.why,
        "call_state": CallState.DISP.value,
    }
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (row.seq, NAME.encode(), orjson.dumps(shown))
