"""`backup`: what it writes can be restored, and it never leaves a half one."""

import asyncio
import re
import subprocess
from pathlib import Path
from platform import node

import pytest

from gateway.clock import SystemClock
from gateway.store.cluster import programs_folder
from gateway.store.dumping import _without_password
from gateway.store.pool import connect
from tests.cli.conftest import Dispatchd
from tests.cli.test_accounts import EXAMPLES

OLD = "dispatchd-20250202T034000Z.dump", "dispatchd-20250203T034000Z.dump"


def test_a_backup_holds_all_and_older_ones_go(
    here: Dispatchd, tmp_path: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here("load", EXAMPLES / "northside.yaml").code == 0
    before = here("dump").out
    for name in (*OLD, "of-somebody-else.txt"):
        (tmp_path / name).touch()

    ran = here("backup", tmp_path, "--keep", "2")

    assert ran.code == 0, ran.err
    older, whole = sorted(tmp_path.glob("*.dump"))
    assert older.name == OLD[1]
    assert max(tmp_path.iterdir()).name == "of-somebody-else.txt"
    assert whole.stat().st_mode & 0o777 == 0o600
    restore(whole, empty_database)
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", empty_database)
    assert here("dump").out == before


def restore(file: Path, url: str) -> None:
    program = programs_folder(reached_by_others=False) / "pg_restore"
    subprocess.run([program, "--no-owner", f"--dbname={url}", file], check=True)  # noqa: S603 - ours


def test_a_backup_that_fails_leaves_nothing_and_says_why(
    here: Dispatchd, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = database.replace("/test_", "/absent_").replace("postgres@", "postgres:hush@")
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", absent)

    ran = here("backup", tmp_path)

    assert ran.code == 1
    assert "does not exist" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert "hush" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_the_database_is_told_how_a_backup_went(
    here: Dispatchd, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here("backup", tmp_path).code == 0
    assert re.search(rf"backup +{re.escape(node())} +well ", here("chores").out)
    poorer = keeper(database)

    monkeypatch.setenv("DISPATCHD_DATABASE_URL", poorer)
    ran = here("backup", tmp_path)
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", database)

    assert ran.code == 1
    assert "permission denied" in ran.err
    assert re.search(r"backup .* FAILED .* UTC +[0-9-]+ [0-9:]+ UTC", here("chores").out)
    assert here("chores", "--forget", "backup").out.startswith("none: ")
    assert here("chores", "--forget", "backup").code == 1


def keeper(database: str) -> str:
    """Return the URL of a role that may write down what it did, and read nothing else."""
    name = f"keeper_{database.rpartition('/test_')[2].partition('?')[0]}"
    statements = f"""
        create role {name} login;
        grant select, insert, update on chores to {name};
        revoke select on messages from public
    """  # noqa: S608 - a name of our own

    async def make() -> None:
        conn = await connect(database, SystemClock(), tries=1)
        await conn.execute(statements)
        await conn.close()

    asyncio.run(make())
    return database.replace("postgres@", f"{name}@")


def test_a_backup_of_an_older_database_is_made_and_says_that_it_is_not_noted(
    here: Dispatchd, tmp_path: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", empty_database)

    ran = here("backup", tmp_path)

    assert ran.code == 0, ran.err
    assert "the daemon does not know of this backup: " in ran.err


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        (
            "postgresql://u:p%40s@h:5433/d?sslmode=require",
            "postgresql://u@h:5433/d?sslmode=require",
        ),
        ("postgresql://u@/d?host=%2Frun&password=p%40s", "postgresql://u@/d?host=%2Frun"),
    ],
)
def test_a_password_never_stands_in_the_list_of_processes(url: str, plain: str) -> None:
    assert _without_password(url) == (plain, "p@s")
