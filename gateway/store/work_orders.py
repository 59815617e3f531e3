"""Work orders: what a market escalation looks up in field jobs before it is saved (S2-12)."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from gateway.domain.deeds import RefusedError
from gateway.domain.escalation_opening import WorkOrder
from gateway.domain.fieldjob_deeds import FIELDJOBS
from gateway.domain.fieldjobs import FieldJob
from gateway.domain.work_orders import last_technician, work_order
from gateway.store import accounts, customers, matters
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("work_orders")


class Found(NamedTuple):
    """Work orders in the order asked for, and where their customers are."""

    orders: tuple[WorkOrder, ...]
    addresses: tuple[str, ...]


async def look_up(conn: Connection, ids: Iterable[UUID]) -> Found:
    """Look work orders up; RefusedError `unknown_field_job` names the first that is not there."""
    asked = list(dict.fromkeys(ids))
    jobs = {one.id: one.facts for one in await matters.find_all(conn, FIELDJOBS, asked)}
    for job in asked:
        if job not in jobs:
            raise RefusedError("unknown_field_job", f"there is no field job {job}", id=str(job))
    people = await customers.find_all(conn, {one.customer for one in jobs.values()})
    phones = await _phones(conn, jobs.values())
    named = {one.account for one in jobs.values() if one.account}
    documents = await accounts.in_force(conn, sorted(named)) if named else {}
    private = {account for account, one in documents.items() if one.phi}
    orders = (
        work_order(job, jobs[job], phones.get(last_technician(jobs[job]) or ""))._replace(
            phi=jobs[job].account in private
        )
        for job in asked
    )
    return Found(tuple(orders), tuple(one.address for one in people.values() if one.address))


async def _phones(conn: Connection, jobs: Iterable[FieldJob]) -> dict[str, str]:
    """Return where the jobs' technicians are texted, as far as that is known."""
    named = {(name, job.account) for job in jobs if (name := last_technician(job))}
    if not named:
        return {}
    names, accounts = zip(*sorted(named, key=str), strict=True)
    rows = await conn.fetch(_queries.phones_of_technicians, [*names], [*accounts])
    return {row["name"]: row["phone"] for row in rows}
