"""What an older release asks of the database is still there after every migration that says so."""

import io
import re
import tarfile
from functools import cache

import pytest

from gateway.store.migrate import Migration, migrations
from gateway.store.pool import Connection, Pool
from tests.kit.older import packed_before

_STATEMENT = re.compile(r"^-- name: ([a-z_][a-z0-9_]*)[ \t]*$", re.MULTILINE)
# Indexes and nothing else: what came before them fits, although these files are too old to say so.
KNOWN_TO_ADD = {"0021_upkeep": 20, "0022_upkeep_by_age": 20}


@cache
def statements_before(name: str) -> dict[str, str]:
    """Return every statement of the last commit before that migration came; skips without git."""
    packed = packed_before(name, "gateway/store")
    found: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive.getmembers():
            stream = archive.extractfile(member)
            if member.name.endswith(".sql") and stream:
                parts = _STATEMENT.split(stream.read().decode())[1:]
                named = zip(parts[::2], parts[1::2], strict=True)
                found |= {f"{member.name}:{query}": text.strip() for query, text in named}
    assert len(found) > 100
    return found


async def unfit(conn: Connection, statements: dict[str, str]) -> list[str]:
    """Name the statements that the database does not take any more."""
    faults = []
    for name, text in statements.items():
        try:
            await conn.prepare(text)
        except Exception as fault:  # noqa: BLE001 - each is reported
            faults.append(f"{name}: {fault}")
    return faults


def fits_from(one: Migration) -> int:
    """Return from which program on each goes on after that migration."""
    return KNOWN_TO_ADD.get(one.name, one.fits_from)


def additions() -> list[Migration]:
    """Return the migrations after which older programs go on, to this day."""
    return [
        one
        for place, one in enumerate(migrations())
        if fits_from(one) < one.version
        and all(fits_from(each) < one.version for each in migrations()[place:])
    ]


@pytest.mark.parametrize("one", additions(), ids=lambda one: one.name)
async def test_what_ran_before_an_addition_still_runs(pool: Pool, one: Migration) -> None:
    """The statements of the release before are prepared on today's database."""
    async with pool.acquire() as conn:
        assert await unfit(conn, statements_before(one.name)) == []


async def test_what_takes_something_away_is_found(pool: Pool) -> None:
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("alter table jobs rename column due_at to due")
        assert len(await unfit(conn, statements_before(min(KNOWN_TO_ADD)))) > 5
