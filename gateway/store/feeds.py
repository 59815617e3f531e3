"""Feeds in the store: how each stands, with its last good copy."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime

from gateway.domain.document_models import AccountDocument
from gateway.domain.feeding import Standing
from gateway.domain.feeds import feeds_of
from gateway.store.lists import listed
from gateway.store.pool import Connection, Record
from gateway.store.queries import load

_queries = load("feeds")


async def standings(
    conn: Connection, accounts: Sequence[str] | None = None
) -> dict[tuple[str, str], Standing]:
    """Return how the feeds of these accounts (None: all) stand, by account and schedule."""
    rows = await listed(conn, _queries.load_feeds, accounts)
    return {(row["account"], row["schedule"]): _standing(row) for row in rows}


def _standing(row: Record) -> Standing:
    return Standing(
        source=row["source"],
        tried_at=row["tried_at"],
        read_at=row["read_at"],
        etag=row["etag"],
        modified=row["modified"],
        body=row["body"],
        digest=row["digest"],
        failures=row["failures"],
        failing_since=row["failing_since"],
        fault=row["fault"],
        told_at=row["told_at"],
        strangers=tuple(row["strangers"]),
    )


async def save(
    conn: Connection, feed: tuple[str, str], standing: Standing, tried_at: datetime | None
) -> bool:
    """Write how the feed of an (account, schedule) stands; `tried_at` is what was read before.

    False, and nothing is written, when somebody else has looked at it meanwhile.
    """
    values = astuple(standing)
    written = await conn.fetchval(_queries.save_feed, *feed, *values[:-1], [*values[-1]], tried_at)
    return written is not None


async def forget_others(conn: Connection, documents: Sequence[AccountDocument]) -> None:
    """Forget the feeds of these accounts that their documents no longer name."""
    kept = [(each.account, one.name) for each in documents for one, _ in feeds_of(each)]
    accounts = [each.account for each in documents]
    await conn.execute(_queries.forget_feeds, accounts, *([row[n] for row in kept] for n in (0, 1)))
