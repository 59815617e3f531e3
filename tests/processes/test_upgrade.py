"""A daemon goes on working on a database that the next release has already migrated."""

import asyncio

import pytest

from gateway.clock import SystemClock
from gateway.store.migrate import in_order, migrate, migrations
from gateway.store.pool import connect
from tests.kit.older import OlderDaemon
from tests.kit.programs import Daemon, free_port, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account
from tests.store.test_upgrade import additions

ADDS = """
-- fits from {0:04}
create table of_the_next_release (id uuid primary key);
alter table jobs add column next_release text;
alter table attempts add column next_release integer;
alter table messages add column next_release jsonb;
create index jobs_next_release on jobs (next_release);
"""
ENDS = "alter table messages rename column ucn to number"


def next_release(database: str, *texts: str) -> None:
    """Migrate the database as a release with these further migrations would."""
    ours = {f"{one.name}.sql": one.sql for one in migrations()}
    newest = len(ours)
    more = {f"{newest + n:04}_next.sql": text for n, text in enumerate(texts, start=1)}

    async def bring_up() -> None:
        conn = await connect(database, SystemClock(), tries=1)
        await migrate(conn, SystemClock().now(), in_order({**ours, **more}))
        await conn.close()

    asyncio.run(bring_up())


def test_a_daemon_works_on_what_the_next_release_added(house: RealHouse, daemon: Daemon) -> None:
    house.carrier.people(ann={"calls": [ACCEPTS]})
    next_release(house.database, ADDS.format(len(migrations())))
    assert daemon.ready()
    assert daemon.delivered(daemon.take("49000001"))
    assert daemon.ready()


def test_the_daemon_of_before_works_on_todays_database(house: RealHouse) -> None:
    """The oldest that a migration still promises to fit, out of the repository's history."""
    promised = additions()
    if not promised:
        pytest.skip("today's newest migration fits no older program: there is none to run")
    house.carrier.people(ann={"calls": [ACCEPTS]})
    port = free_port()
    process = OlderDaemon(promised[0].name, house.folder / "older", house.environment(port, {}))
    older = Daemon(process, port)  # type: ignore[arg-type] # as a process is
    house.daemons.append(older)
    older.start()
    house.carrier.ask("public", {"url": older.url})
    older.put(account())
    assert older.delivered(older.take()), process.said()


def test_a_daemon_that_does_not_fit_any_more_says_so(house: RealHouse) -> None:
    next_release(house.database, ENDS)
    daemon = house.daemon()
    daemon.process.start()
    assert in_time(lambda: daemon.process.exit_code is not None)
    assert daemon.process.exit_code == 1
    assert "the database is ahead of this dispatchd" in daemon.process.said()
