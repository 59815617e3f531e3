"""Places: where technicians are, as long as they want it known (S1-33). Nothing waits for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("places")


class Place(NamedTuple):
    """A place in degrees, and when it was told."""

    latitude: float
    longitude: float
    at: datetime


async def put(conn: Connection, technician: str, place: Place) -> None:
    """Note where a technician is; the place before it is forgotten."""
    await conn.execute(_queries.put_place, technician, *place)


async def forget(conn: Connection, technician: str) -> None:
    """Forget where a technician was."""
    await conn.execute(_queries.forget_place, technician)


async def find_all(conn: Connection, technicians: Sequence[str]) -> dict[str, Place]:
    """Return where technicians were last; those who do not tell are left out."""
    rows = await conn.fetch(_queries.places_of, technicians)
    return {r["technician"]: Place(r["latitude"], r["longitude"], r["at"]) for r in rows}
