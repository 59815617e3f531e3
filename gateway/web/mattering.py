"""What all matters have over HTTP: opened once, decided about, told and checked."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

import structlog
from fastapi import Path
from pydantic import BaseModel

from gateway.domain.deeds import Person
from gateway.domain.matters import Kind, Matter, Ways, Written
from gateway.store import matters
from gateway.store.idempotency import Keyed, KeyReusedError, first_answer, once
from gateway.store.matters import Hand, TakenError, UnknownMatterError
from gateway.store.pool import Connection
from gateway.web.keys import reused
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError
from gateway.web.views import Answer, Json, View

F = TypeVar("F")
Id = Annotated[UUID, Path()]
Act = Callable[[Connection], Awaitable[Json]]
_log = structlog.get_logger(__name__)


class MatterItem(View):
    """An item of a matter's history, chained as a message's are; `data` names the matter."""

    seq: int
    at: str
    account: str | None
    ucn: str | None
    job: str | None
    attempt: str | None
    actor: str
    kind: str
    outcome: str
    text: str
    data: dict[str, Any]
    prev_hash: str
    hash: str


class MatterVerified(BaseModel):
    """Whether a history's chain holds, and where it breaks."""

    ok: bool
    items: int
    broken_at: int | None
    why: str | None


def hand(parts: Parts, who: Person) -> Hand:
    """Return who decides now, with what writing needs."""
    return Hand(who.actor, parts.clock.now(), parts.chance, parts.desk.rates)


async def created(parts: Parts, key: Keyed | None, act: Act) -> Answer:
    """Answer 201 with what `act` makes; a repeat under one `Idempotency-Key` gets the first answer.

    What it does with the connection is one transaction where there is a key. Whatever has the
    subject already is named: 409 `duplicate_KIND` with its `id`.
    """
    try:
        if key is None:
            async with parts.desk.pool.acquire() as conn:
                return Answer(await act(conn), 201)
        return Answer(await _once(parts, key, act), 201)
    except KeyReusedError:
        raise reused() from None
    except TakenError as taken:
        raise await _duplicate(parts, taken) from None


async def _once(parts: Parts, key: Keyed, act: Act) -> Json:
    async with parts.desk.pool.acquire() as conn:
        if (first := await first_answer(conn, key)) is not None:
            answered: Json = first
            return answered
        answer: Json
        answer, _ = await once(conn, key, parts.clock.now(), lambda: act(conn))
    return answer


async def _duplicate(parts: Parts, taken: TakenError) -> ProblemError:
    async with parts.desk.pool.acquire() as conn:
        found = await matters.standing(conn, taken.kind, taken.subject)
    words = f"such a {taken.kind} is open already"
    return ProblemError(409, f"duplicate_{taken.kind}", words, id=str(found) if found else None)


async def decided(
    parts: Parts, ways: Ways[F], matter: UUID, verb: Callable[[F], Written[F]], who: Person
) -> Matter[F]:
    """Decide about a matter; 404 `unknown_KIND` without one, and what the verb refuses."""
    try:
        async with parts.desk.pool.acquire() as conn:
            after = await matters.decide(conn, ways, matter, verb, hand(parts, who))
    except UnknownMatterError:
        raise unknown(ways.kind, matter) from None
    except TakenError as taken:
        raise await _duplicate(parts, taken) from None
    _log.info("matter", action=f"{ways.kind}.decided", actor=who.actor, matter=str(matter))
    return after


async def one(parts: Parts, ways: Ways[F], matter: UUID) -> Matter[F]:
    """Return a matter; 404 `unknown_KIND` when there is none."""
    async with parts.desk.pool.acquire() as conn:
        found = await matters.find(conn, ways, matter)
    if found is None:
        raise unknown(ways.kind, matter)
    return found


async def history_of(parts: Parts, ways: Ways[Any], matter: UUID) -> Answer:
    """Answer with all that happened to a matter."""
    await one(parts, ways, matter)
    async with parts.desk.pool.acquire() as conn:
        return Answer(await matters.history(conn, matter))


async def verified(parts: Parts, ways: Ways[Any], matter: UUID) -> Answer:
    """Answer whether a matter's history holds."""
    await one(parts, ways, matter)
    async with parts.desk.pool.acquire() as conn:
        count, broken = await matters.check(conn, matter)
    where, why = (broken.seq, broken.why) if broken else (None, None)
    return Answer({"ok": broken is None, "items": count, "broken_at": where, "why": why})


def unknown(kind: Kind, matter: UUID) -> ProblemError:
    """Return the refusal of an id that is none of that kind."""
    return ProblemError(404, f"unknown_{kind}", f"there is no {kind} {matter}")
