"""Health: alive, ready, and what Prometheus reads. No token is needed."""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from gateway.store import migrate
from gateway.store.migrate import MigrationError
from gateway.store.pool import AWAY
from gateway.web.auth import PartsOf
from gateway.web.parts import Parts
from gateway.web.problems import documented, problem
from gateway.web.views import Answer

_PATIENCE = 3.0
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
router = APIRouter(tags=["health"])


class Health(BaseModel):
    """All is well."""

    ok: bool


@router.get("/healthz", response_model=None, responses={200: {"model": Health}, **documented(503)})
async def alive(parts: PartsOf) -> Response:
    """Tell that the process answers and its engine does not hang; else only a new one helps."""
    amiss = await parts.alive()
    return _standing(amiss) if amiss else Answer({"ok": True})


@router.get("/readyz", response_model=None, responses={200: {"model": Health}, **documented(503)})
async def ready(parts: PartsOf) -> Response:
    """Tell whether work is done here: database reachable and migrated, engine looping."""
    amiss = (*await _database(parts), *await parts.ready())
    return _standing(amiss) if amiss else Answer({"ok": True})


def _standing(amiss: tuple[str, ...]) -> Response:
    return problem(503, "not_ready", "; ".join(amiss), amiss=list(amiss))


async def _database(parts: Parts) -> tuple[str, ...]:
    try:
        async with asyncio.timeout(_PATIENCE), parts.desk.pool.acquire() as conn:
            await migrate.check(conn)
    except AWAY:
        return ("the database cannot be reached",)
    except MigrationError as fault:
        return (str(fault),)
    return ()


@router.get(
    "/metrics",
    response_model=None,
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(parts: PartsOf) -> Response:
    """Give the metrics of this process (CONTRACT section 9)."""
    return Response(parts.metrics.exposition(), media_type=_EXPOSITION)
