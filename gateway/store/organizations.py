"""Organizations and contracts in the store: registers that a connected program keeps up to date."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from gateway.domain.casebook import folded
from gateway.domain.organizations import Contract, Organization
from gateway.domain.support import Known, Request, chosen
from gateway.store.pool import Connection, Record
from gateway.store.queries import load

_ORGANIZATION: Final = TypeAdapter(Organization)
_queries = load("organizations")


async def put(conn: Connection, one: Organization, by: str, now: datetime) -> None:
    """Register an organization, or change it."""
    names = sorted({folded(one.key), folded(one.name)})
    document = _ORGANIZATION.dump_python(one, mode="json")
    await conn.execute(_queries.put_organization, one.key, names, document, now, by)


async def find(conn: Connection, name: str) -> Organization | None:
    """Return the organization of that key or name; None when it is not registered."""
    document = await conn.fetchval(_queries.organization_by_name, name, folded(name))
    return _ORGANIZATION.validate_python(document) if document is not None else None


async def put_contract(conn: Connection, one: Contract, by: str, now: datetime) -> None:
    """Register a contract, or change it."""
    row = (one.id, one.state, one.homeowner, one.organization)
    await conn.execute(_queries.put_contract, *row, now, by)


async def contract(conn: Connection, id_: str) -> Contract | None:
    """Return a contract; None when it is not registered."""
    row = await conn.fetchrow(_queries.contract_by_id, id_)
    return _contract(row) if row else None


async def contracts_of(conn: Connection, homeowner: str) -> tuple[Contract, ...]:
    """Return a homeowner's contracts, by their ids."""
    rows = await conn.fetch(_queries.contracts_of_homeowner, homeowner)
    return tuple(_contract(row) for row in rows)


async def known(conn: Connection, request: Request) -> Known:
    """Look up what a case is opened by: its contract, and the organization above it (S4-13)."""
    asked, homeowner = request.contract, request.homeowner
    registered = await contract(conn, asked.id) if asked else None
    wanted = homeowner if asked is None else None
    found = Known(registered, await contracts_of(conn, wanted) if wanted else ())
    under = registered or chosen(request, found)
    name = request.installer if request.type == "installer" else under and under.organization
    above = await find(conn, name) if name else None
    return Known(found.contract, found.contracts, above)


def _contract(row: Record) -> Contract:
    return Contract(row["contract"], row["state"], row["homeowner"], row["organization"])
