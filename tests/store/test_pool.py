"""Connections are opened with patience, and refusals are one line without the password."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from typing_extensions import override

from gateway import log
from gateway.clock import SystemClock
from gateway.store.pool import AWAY, DatabaseError, Pool, connect, open_pool, place, steer

NOBODY_LISTENS = "postgresql://ann:tiger@127.0.0.1:1/street"


class Impatient(SystemClock):
    """A clock that notes how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    @override
    async def sleep(self, seconds: float) -> None:
        """Note it."""
        self.slept.append(seconds)


async def test_values_come_back_as_they_went_in(pool: Pool) -> None:
    given = ({"a": [1, "é", None]}, UUID(int=7), datetime(2026, 2, 2, 23, tzinfo=UTC))
    row = await pool.fetchrow("select $1::jsonb, $2::uuid, $3::timestamptz", *given)
    assert row is not None
    assert tuple(row) == given
    assert row[2].tzinfo is UTC


async def test_a_database_that_is_away_is_tried_again_and_then_given_up() -> None:
    clock, lines = Impatient(), StringIO()
    log.set_up("json", "info", clock.now, lines)
    with pytest.raises(DatabaseError, match=r"^database 127\.0\.0\.1:1 street: ") as refusal:
        _ = await open_pool(NOBODY_LISTENS, clock, tries=4)
    assert clock.slept == [0.5, 1, 2]
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["attempt"] for line in told] == [1, 2, 3]
    assert {line["action"] for line in told} == {"database.away"}
    assert "tiger" not in lines.getvalue() + str(refusal.value)


async def test_a_database_that_does_not_exist_is_refused_at_once(server: str) -> None:
    clock = Impatient()
    with pytest.raises(DatabaseError, match='database "nowhere" does not exist'):
        await connect(server.replace("/postgres?", "/nowhere?"), clock)
    assert clock.slept == []


async def test_a_url_that_cannot_be_read_names_its_variable() -> None:
    with pytest.raises(DatabaseError, match="DISPATCHD_DATABASE_URL"):
        await connect("postgresql://h/x?sslmode=perhaps", Impatient())


async def test_a_connection_cut_by_the_server_counts_as_away(pool: Pool, server: str) -> None:
    admin = await connect(server, SystemClock())
    async with pool.acquire() as conn:
        await admin.execute("select pg_terminate_backend($1)", conn.get_server_pid())
        with pytest.raises(AWAY):
            await conn.fetchval("select 1")
    await admin.close()


async def test_the_clock_follows_the_database(pool: Pool) -> None:
    clock = SystemClock()
    clock.steer(clock.now() + timedelta(days=400), 0, 0)
    async with pool.acquire() as conn:
        with capture_logs() as said:
            await steer(conn, clock)
            await steer(conn, clock)
        here = await conn.fetchval("select clock_timestamp()")
    assert abs(clock.now() - here) < timedelta(seconds=5)
    assert [one["action"] for one in said] == ["clock.set"], "once, not again"
    assert said[0]["ahead_by"] < -86_400 * 399


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ann:tiger@db.example/street", "db.example:5432 street"),
        ("postgres://db.example:6000", "db.example:6000 postgres"),
        ("postgresql://postgres@/street?host=/run/pg", "/run/pg street"),
    ],
)
def test_a_database_is_named_without_its_password(url: str, words: str) -> None:
    assert place(url) == words
