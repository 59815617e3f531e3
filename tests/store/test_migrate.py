"""Migrations are applied once, in order, whoever comes first."""

import asyncio
from datetime import UTC, datetime

import pytest

from gateway.clock import SystemClock
from gateway.store.migrate import (
    Migration,
    MigrationError,
    check,
    in_order,
    migrate,
    migrations,
    pending,
    standing,
)
from gateway.store.pool import connect

NOW = datetime(2026, 2, 2, 23, tzinfo=UTC)


def made(*texts: str) -> tuple[Migration, ...]:
    return in_order({f"{n:04}_step.sql": sql for n, sql in enumerate(texts, start=1)})


def named(**texts: str) -> tuple[Migration, ...]:
    return in_order({f"{name.removeprefix('m')}.sql": sql for name, sql in texts.items()})


async def test_an_empty_database_lacks_every_migration(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock())
    assert await pending(conn) == tuple(one.name for one in migrations())
    with pytest.raises(MigrationError, match="behind: run `dispatchd migrate` for 0001_"):
        await check(conn)
    await conn.close()


async def test_migrating_applies_all_and_a_second_time_nothing(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock())
    assert await migrate(conn, NOW) == tuple(one.name for one in migrations())
    assert await migrate(conn, NOW) == ()
    await check(conn)
    assert await conn.fetchval("select min(applied_at) from schema_migrations") == NOW
    await conn.close()


async def test_several_hosts_at_once_apply_each_migration_once(empty_database: str) -> None:
    steps = made("create table once (x int)", "insert into once values (1)")

    async def host() -> tuple[str, ...]:
        conn = await connect(empty_database, SystemClock())
        try:
            return await migrate(conn, NOW, steps)
        finally:
            await conn.close()

    answers = await asyncio.gather(*(host() for _ in range(4)))
    assert sorted(map(len, answers)) == [0, 0, 0, 2]
    conn = await connect(empty_database, SystemClock())
    assert await conn.fetchval("select count(*) from once") == 1
    await conn.close()


async def test_a_migration_that_fails_leaves_nothing_of_itself(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock())
    steps = made("create table first (x int)", "create table second (x int); select 1/0")
    with pytest.raises(Exception, match="division by zero"):
        await migrate(conn, NOW, steps)
    assert (await standing(conn, steps)).pending == (steps[1].name,)
    assert await conn.fetchval("select to_regclass('second')") is None
    await conn.close()


async def test_a_database_from_the_future_is_refused(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock())
    steps = named(m0001_now="select 1", m0002_later="select 2")
    await migrate(conn, NOW, steps)
    with pytest.raises(MigrationError, match=r"ahead of this dispatchd \(it has 0002_later\)"):
        await migrate(conn, NOW, steps[:1])
    await conn.close()


async def test_what_only_adds_fits_the_programs_it_names(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock())
    steps = made("select 1", "select 2", "-- fits from 0002\ncreate table more (x int)")
    await migrate(conn, NOW, steps)
    assert (await standing(conn, steps[:2])).ahead == ()
    assert (await standing(conn, steps[:2])).later == ("0003_step",)
    assert await migrate(conn, NOW, steps[:2]) == ()
    assert (await standing(conn, steps[:1])).ahead == ("0002_step", "0003_step")
    await conn.close()


async def test_a_journal_of_before_fits_nothing_older(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock())
    steps = made("select 1", "-- fits from 0001\nselect 2")
    await migrate(conn, NOW, steps)
    await conn.execute("alter table schema_migrations drop column fits_from")
    assert (await standing(conn, steps[:1])).ahead == ("0002_step",)
    assert (await standing(conn, steps)).pending == ()
    await migrate(conn, NOW, (*steps, *made("", "", "-- fits from 0002\nselect 3")[2:]))
    assert (await standing(conn, steps)).later == ("0003_step",)
    await conn.close()


def test_no_migration_fits_what_comes_after_it() -> None:
    with pytest.raises(MigrationError, match=r"0001_step\.sql: fits from 0002, which comes"):
        made("-- fits from 0002")


def test_matters_are_locked_before_needs_as_a_busy_daemon_does() -> None:
    """The other way round the two would wait for each other."""
    (news,) = [one for one in migrations() if one.name.startswith("0034")]
    assert 0 <= news.sql.index("update matters") < news.sql.index("alter table needs")


async def test_an_edited_migration_is_refused(empty_database: str) -> None:
    conn = await connect(empty_database, SystemClock())
    await migrate(conn, NOW, made("select 1"))
    with pytest.raises(MigrationError, match="edited after they were applied: 0001_step"):
        await migrate(conn, NOW, made("select 2"))
    await conn.close()


def test_a_missing_number_is_named() -> None:
    with pytest.raises(MigrationError, match=r"0003_c\.sql: expected number 0002"):
        named(m0001_a="", m0003_c="")


def test_a_file_name_without_number_is_named() -> None:
    with pytest.raises(MigrationError, match=r"street\.sql: expected a name such as 0001_"):
        in_order({"street.sql": ""})
