"""Customers: for whom technicians go out (S1-25). Their words stand here and in no history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.store.pool import Connection, Record
from gateway.store.queries import load, narrowed

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


def _customer(row: Record) -> Customer:
    return Customer(
        row["id"], row["name"], row["phone"], row["email"], row["address"], row["created_at"]
    )
