"""Jobs as people look through them: who is reached, who is next, notes, specials, what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.domain.jobs import Job
from gateway.domain.messages import Key
from gateway.domain.outlook import next_of, under_way
from gateway.domain.state import State
from gateway.store import worklist
from gateway.store.pool import Connection
from gateway.store.states import States
from gateway.web.special_shapes import briefs
from gateway.web.views import Json, listed_job


async def listed(
    conn: Connection, states: States, jobs: Sequence[Job], now: datetime
) -> list[Json]:
    """Show jobs with their people, the last five items of their histories and their specials."""
    keys = list(dict.fromkeys(job.key for job in jobs))
    found = await states.to_plan(conn, keys, now)
    items = await worklist.last_items(conn, keys)
    return [_shown(job, found, items, now) for job in jobs]


def _shown(
    job: Job, states: dict[Key, State], items: dict[Key, list[dict[str, Any]]], now: datetime
) -> Json:
    state = states.get(job.key)
    people = (under_way(state, job), next_of(state, job, now)) if state else (None, None)
    shown = listed_job(job, now, people, items[job.key])
    return {**shown, "specials": briefs(state, now) if state else []}
