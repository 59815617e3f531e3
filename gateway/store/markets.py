"""Markets in the store: versions of their tables, and every text that customers were told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from gateway.domain.advice import Advice, versions
from gateway.domain.market_defaults import SHIPPED
from gateway.domain.market_documents import MarketDocument
from gateway.domain.markets import in_force
from gateway.store.pool import Connection, Record
from gateway.store.queries import load

_TRIES: Final = 20
_queries = load("markets")


class BusyTableError(RuntimeError):
    """A market's table was changed again and again while it was being written."""


@dataclass(frozen=True, slots=True)
class Table:
    """A version of a market's table, since when and by whom; the shipped one is version 0."""

    document: MarketDocument
    version: int = 0
    created_at: datetime | None = None
    created_by: str | None = None


class Count(NamedTuple):
    """Escalations of one agent in one market for one reason, and what came of them (S2-26)."""

    market: str
    agent: str
    case_reason: str
    saved: int
    accommodated: int
    declined: int
    missed: int


async def tables(conn: Connection) -> dict[str, Table]:
    """Return the tables in force by the markets' codes, shipped ones among them."""
    rows = await conn.fetch(_queries.market_tables_in_force)
    changed = {row["market"]: _table(row) for row in rows}
    documents = in_force(SHIPPED, {code: one.document for code, one in changed.items()})
    return {one.market: changed.get(one.market, Table(one)) for one in documents}


async def table(conn: Connection, market: str, version: int) -> Table | None:
    """Return one version of a market's table; None when there is no such one."""
    if not version:
        return Table(SHIPPED[market]) if market in SHIPPED else None
    row = await conn.fetchrow(_queries.market_table, market, version)
    return _table(row) if row else None


async def put(conn: Connection, document: MarketDocument, by: str, now: datetime) -> Table:
    """Put a table in force and return it; an unchanged one makes no new version.

    Its texts are kept, and those of the table before: customers may still be told those just now.
    """
    for _ in range(_TRIES):
        before = (await tables(conn)).get(document.market)
        if before is not None and before.document == document:
            return before
        new = Table(document, before.version + 1 if before else 1, now, by)
        async with conn.transaction():
            texts = [before.document.advice] if before else []
            await keep(
                conn, (one for each in (*texts, document.advice) for one in versions(each)), now
            )
            stored = document.model_dump(mode="json", by_alias=True)
            row = (document.market, new.version, stored, now, by)
            if await conn.fetchval(_queries.add_market_table, *row) is not None:
                return new
    raise BusyTableError(document.market)


async def keep(conn: Connection, texts: Iterable[Advice], now: datetime) -> None:
    """Keep texts for good, by their versions."""
    by_version = dict(texts)
    await conn.execute(_queries.keep_advice, [*by_version], [*by_version.values()], now)


async def said(conn: Connection, version: str) -> str | None:
    """Return the text of a version; None when it was never to be told."""
    words: str | None = await conn.fetchval(_queries.advice_text, version)
    return words


async def counts(conn: Connection, start: datetime, end: datetime) -> list[Count]:
    """Count the escalations saved in [start, end) by market, agent and case reason."""
    return [Count(*row) for row in await conn.fetch(_queries.count_escalations, start, end)]


def _table(row: Record) -> Table:
    document = MarketDocument.model_validate(row["document"])
    return Table(document, row["version"], row["created_at"], row["created_by"])
