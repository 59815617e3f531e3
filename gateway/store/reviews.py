"""Reviews in the store: messages and specials that somebody is to look over, or has (S3-12)."""

from uuid import UUID

from gateway.domain.messages import Key
from gateway.store.lists import listed
from gateway.store.messages import Shown, shown_from
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of
from gateway.store.specials import Posted, posted_from

_queries = load("reviews")


async def of_messages(
    conn: Connection, account: str | None, most: int, *, is_open: bool
) -> list[Shown]:
    """Return messages with an open review, longest open first, or a decided one, newest first."""
    query = _queries.messages_to_review if is_open else _queries.messages_reviewed
    return await shown_from(conn, await listed(conn, query, account, most))


async def of_specials(
    conn: Connection, account: str | None, most: int, *, is_open: bool
) -> list[tuple[str, Posted]]:
    """Return specials, each with its account, in the same order (S3-77)."""
    query = _queries.specials_to_review if is_open else _queries.specials_reviewed
    rows = await listed(conn, query, account, most)
    return [(row["account"], posted_from(row)) for row in rows]


async def message_of(conn: Connection, review: UUID) -> Key | None:
    """Return the message whose review this is."""
    row = await conn.fetchrow(_queries.message_of_review, str(review))
    return key_of(row) if row else None


async def special_of(conn: Connection, review: UUID) -> str | None:
    """Return the account of a special by its id."""
    account: str | None = await conn.fetchval(_queries.account_of_special, review)
    return account
