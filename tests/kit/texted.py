"""A house that texted somebody, and looks for the replies that no webhook brought."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

from gateway.compose import gathering
from gateway.daemon.gathering import SETTLED, Gathering
from gateway.store.pool import Pool
from tests.kit.desk import document
from tests.kit.house import Rig, rig

ONE = "49000001"
_BY_TEXT = {"contact": "ann", "weekly": "Mon-Sun 17:00-08:00", "status": "sms"}


@asynccontextmanager
async def texted_house(database: str, pool: Pool, **keys: object) -> AsyncIterator[Rig]:
    """Give a house that has listed once, then texted Ann about a message; `keys` are the rig's."""
    plan = document(schedules=[{"name": "OnCall", "shifts": [_BY_TEXT]}])
    async with pool.acquire() as conn, rig(database, conn, None, plan, **keys) as one:  # type: ignore[arg-type]
        await whoever_looks(one).look()
        await one.shelf.take(ONE)
        await one.wind(seconds=5)
        yield one


def whoever_looks(one: Rig, settled: timedelta = SETTLED) -> Gathering:
    """Return what some daemon of the house lists texts with."""
    return gathering(one.house.settings, one.house.outside, one.house.desk, settled)


@contextmanager
def away(one: Rig) -> Iterator[None]:
    """Have nobody answer the carrier's webhooks."""
    app, one.front.app = one.front.app, None
    yield
    one.front.app = app


async def delivered_to(one: Rig) -> str | None:
    """Return who has the message, None for nobody."""
    sql = "select delivered_to from messages where ucn = $1"
    return await one.shelf.conn.fetchval(sql, ONE)  # type: ignore[no-any-return]
