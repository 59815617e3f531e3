"""Phones over HTTP: a lead restores a number that key 9 has suspended."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Path

from gateway.domain.history import stamp
from gateway.domain.masking import mask
from gateway.store import phones
from gateway.store.idempotency import Keyed, KeyReusedError, first_answer, once
from gateway.store.phones import Restored
from gateway.store.pool import Connection
from gateway.store.specials import Author
from gateway.web.auth import Lead, PartsOf
from gateway.web.keys import IdempotencyKey, keyed, reused
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Phone, Shape
from gateway.web.views import Answer, Json, View

router = APIRouter(prefix="/v1/phones", tags=["phones"])
_log = structlog.get_logger(__name__)


class Nothing(Shape):
    """A request without a body, as its key knows it."""


class RestoredView(View):
    """A number that may be used again: why it was suspended, and who restored it when."""

    phone: str
    reason: str
    restored_by: str
    restored_at: str


@router.post(
    "/{phone}/restore",
    response_model=None,
    responses={
        200: {"model": RestoredView, "description": "It may be used again, in every account"},
        **documented(401, 403, 404, 413, 422, 503),
    },
)
async def restore(
    phone: Annotated[Phone, Path()],
    parts: PartsOf,
    who: Lead,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Restore a suspended number, once somebody has checked whose it is (404 for any other).

    Calls and texts go there again, from each message's next round on. An opt-out stays: only START
    from that phone ends it.
    """
    of = f"restore {phone}"
    key = keyed(who, idempotency_key, Nothing(), of=of) if idempotency_key else None
    try:
        return Answer(await _restore(parts, phone, Author(who.actor, parts.clock.now()), key))
    except KeyReusedError:
        raise reused() from None


async def _restore(parts: Parts, phone: str, by: Author, key: Keyed | None) -> Json:
    done: list[Restored] = []

    async def act() -> Json:
        restored = await phones.restore(conn, phone, by)
        if restored is None:
            raise ProblemError(404, "not_suspended", f"the number {mask(phone)} is not suspended")
        done.append(restored)
        facts = {"reason": restored.reason, "restored_by": by.actor, "restored_at": stamp(by.now)}
        return {"phone": mask(phone), **facts}

    async with parts.desk.pool.acquire() as conn:
        if first := await _first(conn, key):
            return first
        try:
            answer, new = await once(conn, key, by.now, act) if key else (await act(), True)
        except ProblemError:
            # Of two under one key at one time the second finds the number restored by the first.
            if first := await _first(conn, key):
                return first
            raise
    if new:
        _log.info("phone restored", action="phone.restored", actor=by.actor, phone=mask(phone))
        await phones.tell_open(parts.desk, done[-1], by.actor, parts.chance)
    return answer


async def _first(conn: Connection, key: Keyed | None) -> Json | None:
    found: Json | None = await first_answer(conn, key) if key else None
    return found
