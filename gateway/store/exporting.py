"""Everything that stands about an account, page by page, and a check of all its histories."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from gateway.domain.documents import AccountDocument
from gateway.domain.history import Broken
from gateway.domain.messages import Key
from gateway.domain.shown import shown
from gateway.store.messages import check, item_from
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import key_of

PAGE: Final = 200
FILES: Final = (
    *("documents", "account_history", "specials", "mistakes", "deliveries"),
    *("messages", "jobs", "attempts", "history"),
    *("matters", "letters", "matter_history"),
)
_queries = load("exporting")
_START: Final = (date.min, "")


class Page(NamedTuple):
    """Lines for one of the files, in order."""

    file: str
    lines: list[dict[str, Any]]


async def pages(conn: Connection, account: str) -> AsyncIterator[Page]:
    """Yield all that stands about an account as of one instant; PINs and secrets are left out.

    Of the addresses of feeds and web posts the host stands alone: whoever knows one may use it.
    """
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        rows = await conn.fetch(_queries.export_documents, account)
        yield Page("documents", [_document(row) for row in rows])
        for file, query in (
            ("account_history", _queries.export_account_items),
            ("specials", _queries.export_specials),
            ("mistakes", _queries.export_mistakes),
            ("deliveries", _queries.export_deliveries),
        ):
            yield Page(file, _lines(await conn.fetch(query, account)))
        async for page in _messages(conn, account):
            yield page
        async for page in _matters(conn, account):
            yield page


async def _matters(conn: Connection, account: str) -> AsyncIterator[Page]:
    """Yield an account's cases and field jobs, what they sent, and their histories."""
    after = UUID(int=0)
    while rows := await conn.fetch(_queries.export_matters, account, after, PAGE):
        ids = [row["id"] for row in rows]
        after = ids[-1]
        yield Page("matters", _lines(rows))
        yield Page("letters", _lines(await conn.fetch(_queries.export_letters, ids)))
        items = await conn.fetch(_queries.export_matter_history, ids)
        yield Page("matter_history", [_item(row) for row in items])


async def _messages(conn: Connection, account: str) -> AsyncIterator[Page]:
    after = _START
    while rows := await conn.fetch(_queries.export_messages, account, *after, PAGE):
        named = [row["month"] for row in rows], [row["ucn"] for row in rows]
        after = (rows[-1]["month"], rows[-1]["ucn"])
        yield Page("messages", _lines(rows))
        yield Page("jobs", _lines(await conn.fetch(_queries.export_jobs, account, *named)))
        yield Page("attempts", _lines(await conn.fetch(_queries.export_attempts, account, *named)))
        items = await conn.fetch(_queries.export_history, account, *named)
        yield Page("history", [_item(row) for row in items])


def _lines(rows: Sequence[Record]) -> list[dict[str, Any]]:
    return [dict(row["line"]) for row in rows]


def _item(row: Record) -> dict[str, Any]:
    """Give an item as `history --json` does, with the salt by which its content is checked."""
    item = item_from(row["item"], row["hash"], row["words"])
    return {**item, "salt": row["salt"]} if row["words"] is not None else item


def _document(row: Record) -> dict[str, Any]:
    try:
        document = AccountDocument.model_validate(row["document"])
    except ValidationError:
        printed = None  # of a version that this program cannot read; its PINs could not be left out
    else:
        printed = shown(document)
    return {
        "version": row["version"],
        "created_at": row["created_at"].isoformat(),
        "created_by": row["created_by"],
        "document": printed,
    }


async def broken(
    conn: Connection, accounts: Sequence[str] | None = None
) -> AsyncIterator[tuple[Key, int, Broken | None]]:
    """Check every chain of these accounts (None: of all); yield key, items, and what breaks it."""
    after = Key("", *_START)
    named = None if accounts is None else list(accounts)
    while rows := await conn.fetch(_queries.messages_to_check, named, *after, PAGE):
        for key in map(key_of, rows):
            yield key, *await check(conn, key)
            after = key
