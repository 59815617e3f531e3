"""Forward-only migrations: plain SQL files, in order, each in one transaction, under one lock.

A file that only adds says so in a line `-- fits from 0021`: programs whose newest migration is 0021
or later go on working on what it makes (decision 0048). Any other file ends older programs.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final

from gateway.store.months import make_room
from gateway.store.pool import Connection
from gateway.store.queries import load

_FILE = re.compile(r"([0-9]{4})_([a-z0-9_]+)\.sql")
_FITS = re.compile(r"^-- fits from ([0-9]{4})\s*$", re.MULTILINE)
_LOCK: Final = 0x6469_7370  # "disp": one advisory lock for all programs that migrate this database
_queries = load("migrate")


class MigrationError(Exception):
    """The database and the program's migrations do not fit together; words for the user."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, name (`0001_street`), SQL, the SHA-256 of the SQL.

    `fits_from`: programs whose newest migration is that one or a later one may run on it.
    """

    version: int
    name: str
    sql: str
    checksum: str
    fits_from: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database stands: names applied, to come, edited since.

    `ahead`: those unknown to us that we do not fit; `later`: those unknown to us that we do.
    """

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    ahead: tuple[str, ...]
    later: tuple[str, ...]
    changed: tuple[str, ...]


@cache
def migrations() -> tuple[Migration, ...]:
    """Read this program's migrations; MigrationError when numbers are doubled or missing."""
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for path in resources.files("migrations").iterdir()
        if path.name.endswith(".sql")
    }
    return in_order(texts)


def in_order(texts: dict[str, str]) -> tuple[Migration, ...]:
    """Turn file names and texts into migrations 1, 2, 3 …; MigrationError names what is amiss."""
    found = [_migration(name, sql) for name, sql in sorted(texts.items())]
    for number, one in enumerate(found, start=1):
        if one.version != number:
            raise MigrationError(f"{one.name}.sql: expected number {number:04}")
    return tuple(found)


async def standing(conn: Connection, known: Iterable[Migration] | None = None) -> Standing:
    """Compare the database with the migrations of this program (or with `known`)."""
    ours = {one.name: one for one in (migrations() if known is None else known)}
    newest = max((one.version for one in ours.values()), default=0)
    rows, fits = {}, {}
    if await conn.fetchval(_queries.has_journal):
        for row in await conn.fetch(_queries.journal):
            rows[row["name"]], fits[row["name"]] = row["checksum"], row["fits_from"] <= newest
    unknown = [name for name in rows if name not in ours]
    return Standing(
        applied=tuple(rows),
        pending=tuple(name for name in ours if name not in rows),
        ahead=tuple(name for name in unknown if not fits[name]),
        later=tuple(name for name in unknown if fits[name]),
        changed=tuple(
            name for name in ours if rows.get(name, ours[name].checksum) != ours[name].checksum
        ),
    )


async def pending(conn: Connection) -> tuple[str, ...]:
    """Name the migrations this database still lacks, in order."""
    return (await standing(conn)).pending


async def check(conn: Connection) -> None:
    """Raise MigrationError unless the database stands where this program can work with it."""
    found = await standing(conn)
    _refuse_strange(found)
    if found.pending:
        names = ", ".join(found.pending)
        raise MigrationError(f"the database is behind: run `dispatchd migrate` for {names}")


async def migrate(
    conn: Connection, now: datetime, known: tuple[Migration, ...] | None = None
) -> tuple[str, ...]:
    """Bring the database to this version and name what was applied, at `now`.

    Safe from several hosts at once: the second waits and finds nothing left to do. Room is made
    for this month, and for the next when that is near.
    Raises MigrationError, before anything is changed, when the database is ahead or a file was
    edited after it had been applied.
    """
    ours = migrations() if known is None else known
    await conn.execute(_queries.lock, _LOCK)
    try:
        await conn.execute(_queries.create_journal)
        await conn.execute(_queries.extend_journal)
        found = await standing(conn, ours)
        _refuse_strange(found)
        for one in ours:
            if one.name in found.pending:
                await _apply(conn, one, now)
        if known is None:
            await make_room(conn, now)
        return found.pending
    finally:
        if not conn.is_closed():
            await conn.execute(_queries.unlock, _LOCK)


async def _apply(conn: Connection, one: Migration, now: datetime) -> None:
    async with conn.transaction():
        await conn.execute(_queries.limit_lock_wait)
        await conn.execute(one.sql)
        await conn.execute(_queries.note, one.version, one.name, one.checksum, now, one.fits_from)


def _migration(name: str, sql: str) -> Migration:
    match = _FILE.fullmatch(name)
    if not match:
        raise MigrationError(f"{name}: expected a name such as 0001_street.sql")
    checksum = hashlib.sha256(sql.encode()).hexdigest()
    version, stated = int(match[1]), _FITS.search(sql)
    fits_from = int(stated[1]) if stated else version
    if fits_from > version:
        raise MigrationError(f"{name}: fits from {fits_from:04}, which comes after it")
    return Migration(version, name.removesuffix(".sql"), sql, checksum, fits_from)


def _refuse_strange(found: Standing) -> None:
    if found.ahead:
        names = ", ".join(found.ahead)
        raise MigrationError(f"the database is ahead of this dispatchd (it has {names}): upgrade")
    if found.changed:
        names = ", ".join(found.changed)
        raise MigrationError(f"edited after they were applied: {names}")
