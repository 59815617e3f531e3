"""`backup`: what it writes can be restored, and it never leaves a half one."""

import asyncio
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from platform import node
from uuid import UUID

import pytest
import structlog

from gateway.cli.backup import back_up
from gateway.clock import SystemClock, VirtualClock
from gateway.store import file_sets, files
from gateway.store.cluster import programs_folder
from gateway.store.dumping import _without_password
from gateway.store.pool import connect
from tests.cli.conftest import Dispatchd
from tests.cli.test_accounts import EXAMPLES
from tests.kit.desk import NOON

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


def test_photos_and_documents_belong_to_the_set(
    here: Dispatchd, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the set before has is linked, sets go with their backup, and what lacks is told."""
    data, folder = tmp_path / "data", tmp_path / "backups"
    monkeypatch.setenv("DISPATCHD_DATA_DIR", str(data))
    for n, place in enumerate(("photos", "documents")):
        files.put(data, place, UUID(int=n), place.encode())
    (data / "photos/00/half.part").touch()
    older = [(folder / name).with_suffix(".files") for name in OLD]
    file_sets.copy(data, made(older[0]), None)
    shutil.copytree(older[0], older[1])
    for name in OLD:
        (folder / name).touch()
    asyncio.run(list_photo(database, UUID(int=7)))

    ran = here("backup", folder, "--keep", "2")

    assert ran.code == 0
    assert ran.err == f"1 photos or documents are not under {data} here, and not in this backup\n"
    assert not older[0].exists()
    kept, whole = sorted(folder.glob("*.files"))
    assert [one.stem for one in sorted(folder.glob("*.dump"))] == [kept.stem, whole.stem]
    shutil.rmtree(data)
    shutil.copytree(whole, data)  # as the manual has it
    assert files.get(data, "photos", UUID(int=0)) == b"photos"
    assert files.get(data, "documents", UUID(int=1)) == b"documents"
    inside = [one for one in whole.rglob("*") if one.is_file()]
    assert [(one.stat().st_nlink, one.stat().st_mode & 0o777) for one in inside] == [(2, 0o600)] * 2


def made(place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


async def list_photo(database: str, photo: UUID) -> None:
    """Have a job list a photo that is not here."""
    conn = await connect(database, SystemClock(), tries=1)
    await conn.execute(
        """
        insert into matters (
            id, account, kind, state, about, ucns, facts, version, head_seq, head_hash, opened_at,
            changed_at
        )
        values (
            gen_random_uuid(), '', 'fieldjob', 'Complete', '{}', '{}', $1, 1, 0, '', now(), now()
        )
        """,
        {"photos": [{"id": str(photo)}]},
    )
    await conn.close()


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
    found = re.search(r"warn +backup +the last one on \S+ failed, .* → make one", here("check").out)
    assert found
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


def test_two_backups_in_one_second_have_names_of_their_own_and_leftovers_go(
    here: Dispatchd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was broken off before goes; one that is being written just now stays."""
    assert here  # its settings
    data, folder = tmp_path / "data", tmp_path / "backups"
    monkeypatch.setenv("DISPATCHD_DATA_DIR", str(data))
    files.put(data, "photos", UUID(int=1), b"door")
    file_sets.copy(data, made(folder / "dispatchd-20250202T034000Z.files.part"), None)
    for n in (2, 3, 4):
        (folder / f"dispatchd-2025020{n}T034000Z.part").touch()
    (folder / "dispatchd-20250204T034000Z.files").mkdir()  # about to be named
    with (folder / "dispatchd-20250204T034000Z.part").open("w") as running:
        fcntl.flock(running, fcntl.LOCK_EX)
        for _ in range(2):
            back_up(folder, 14, VirtualClock(NOON))
    assert [one.name for one in sorted(folder.iterdir())] == [
        "dispatchd-20250204T034000Z.files",
        "dispatchd-20250204T034000Z.part",
        *(
            f"dispatchd-{NOON:%Y%m%dT%H%M}0{n}Z.{kind}"
            for n in (0, 1)
            for kind in ("dump", "files")
        ),
    ]


def test_a_backup_that_a_signal_ends_leaves_nothing_and_is_no_success(
    here: Dispatchd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is one that says nothing: SIGTERM comes when pg_dump has begun to ask it."""
    deaf = socket.create_server(("127.0.0.1", 0))
    url = f"postgresql://u@127.0.0.1:{deaf.getsockname()[1]}/d?sslmode=disable"
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", url)
    begun: list[list[str]] = []
    over = threading.Event()

    def end() -> None:
        asked, _ = deaf.accept()
        deaf.close()
        begun.append([one.suffix for one in tmp_path.iterdir()])
        os.kill(os.getpid(), signal.SIGTERM)
        over.wait(10)
        asked.close()

    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    ran = here("backup", tmp_path)
    over.set()
    ending.join()

    assert ran.code == 1
    assert (ran.out, ran.err) == ("", "")
    assert begun == [[".part"]]
    assert list(tmp_path.iterdir()) == []


def test_a_backup_logs_errors_alone_and_on_stderr(
    here: Dispatchd, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A database's clock that was set is no line of what is printed."""
    assert here("backup", tmp_path).code == 0
    structlog.get_logger().warning("clock set", action="clock.set")
    assert capsys.readouterr() == ("", "")
    structlog.get_logger().error("lost")
    out, err = capsys.readouterr()
    assert (out, "lost" in err) == ("", True)


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
