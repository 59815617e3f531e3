"""`stale-cases`: open cases that nobody has reviewed for long (S4-24)."""

from collections.abc import Sequence
from typing import Final

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.output import say, say_json, say_table
from gateway.clock import SystemClock
from gateway.domain.cases import Case
from gateway.domain.history import stamp
from gateway.store import casebook, casework
from gateway.store.pool import Connection

_HEADS: Final = ("case", "type", "owner", "opened", "last reviewed")
_MOST: Final = 10_000


def tell(days: int | None, *, as_json: bool) -> None:
    """Print open cases not reviewed for more than so many days (None: as the casebook says)."""

    async def look(conn: Connection, clock: SystemClock) -> tuple[int, Sequence[Case]]:
        long = days or (await casebook.in_force(conn)).book.stale_days
        return long, await casework.stale(conn, long, clock.now(), _MOST)

    long, found = with_database(chosen_settings(), look)
    if as_json:
        say_json([_values(one) for one in found])
    elif found:
        say_table(
            _HEADS, (tuple(one or "never" for one in _values(each).values()) for each in found)
        )
    else:
        say(f"every open case was reviewed within {long} days")


def _values(one: Case) -> dict[str, str | None]:
    review = one.work.review
    return {
        "id": str(one.id),
        "type": one.type.value,
        "owner": one.owner,
        "opened_at": stamp(one.created_at),
        "last_reviewed_at": stamp(review.at) if review else None,
    }
