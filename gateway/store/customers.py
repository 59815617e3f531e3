"""Customers: for whom technicians go out (S1-25). Their words stand here and in no history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.domain.fieldjob_deeds import OVER
from gateway.store import idempotency
from gateway.store.pool import Connection, Record
from gateway.store.queries import load, narrowed

_BATCH: Final = 100
_queries = load("customers")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `phone` is E.164."""

    id: UUID
    name: str
    phone: str
    email: str | None
    address: str | None
    created_at: datetime


async def add(conn: Connection, customer: Customer, by: str) -> None:
    """Write a new customer down."""
    row = (customer.id, customer.name, customer.phone, customer.email, customer.address)
    await conn.execute(_queries.add_customer, *row, customer.created_at, by)


async def find(conn: Connection, customer: UUID) -> Customer | None:
    """Look a customer up by id."""
    return (await find_all(conn, [customer])).get(customer)


async def find_all(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, Customer]:
    """Look customers up by their ids; unknown ones are left out."""
    rows = await conn.fetch(_queries.customers_by_id, list(ids))
    return {row["id"]: _customer(row) for row in rows}


async def listed(conn: Connection, phone: str | None, most: int) -> list[Customer]:
    """Return customers with that number (None: all), newest first."""
    given = (phone, most)
    rows = await conn.fetch(narrowed(_queries.find_customers, given), *given)
    return [_customer(row) for row in rows]


async def erase_with(conn: Connection, jobs: Sequence[UUID], by: str, now: datetime) -> int:
    """Erase the customers of these jobs for whom nothing is left; return how many those were.

    Of cases, those of the jobs that they are about. Whoever has a job that is worked, that was not
    erased or that an open case is about, stays. Within a transaction.
    """
    return await _erase(conn, await conn.fetch(_queries.lock_customers_of, list(jobs)), by, now)


async def erase_caller(conn: Connection, phone: str, by: str, now: datetime) -> int:
    """Erase customers with that number likewise, also those for whom there never was a job."""
    async with conn.transaction():
        return await _erase(conn, await conn.fetch(_queries.lock_customers, phone), by, now)


async def erase_idle(conn: Connection, before: datetime, by: str, now: datetime) -> int:
    """Erase a batch of the customers written down before an instant for whom nothing is left.

    For most there never was a job; the jobs of some were erased before customers went with them.
    """
    async with conn.transaction():
        idle = await _free(conn, None, before)
        return await _erase(conn, await conn.fetch(_queries.lock_these_customers, idle), by, now)


async def hold(conn: Connection, customer: UUID) -> bool:
    """Tell whether a customer was not erased, and keep it so while the transaction lasts."""
    return await conn.fetchval(_queries.hold_customer, customer) is not None


async def _erase(conn: Connection, held: Sequence[Record], by: str, now: datetime) -> int:
    """Erase customers whose rows are held; what comes to them meanwhile waits for its end."""
    if not held:
        return 0
    free = await _free(conn, [row["id"] for row in held], None)
    await conn.execute(_queries.erase_customers, free, now, by)
    await idempotency.erase(conn, free)
    return len(free)


async def _free(
    conn: Connection, ids: Sequence[UUID] | None, before: datetime | None
) -> list[UUID]:
    given = (ids, before, [one.value for one in OVER], _BATCH if ids is None else len(ids))
    rows = await conn.fetch(narrowed(_queries.free_customers, given), *given)
    return [row["id"] for row in rows]


def _customer(row: Record) -> Customer:
    return Customer(
        row["id"], row["name"], row["phone"], row["email"], row["address"], row["created_at"]
    )
