"""`backup`: the whole database in one file, its photos and documents beside it, a few of each."""

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from gateway.cli.chores import note_backup
from gateway.cli.configured import chosen_settings
from gateway.cli.database import database_url
from gateway.cli.faults import Failed
from gateway.cli.output import complain, say
from gateway.clock import Clock, SystemClock
from gateway.log import set_up
from gateway.store import file_sets, files
from gateway.store.chores import NOT_NOTED
from gateway.store.dumping import DumpError, dump
from gateway.store.pool import connect

_NAME: Final = "dispatchd-{}.dump"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_PART: Final = ".part"
_SECOND: Final = timedelta(seconds=1)


def back_up(folder: Path, keep: int, clock: Clock) -> None:
    """Write a backup into a folder, then remove all but the newest `keep`; Failed says why not.

    A backup has its name only when it is whole, files first. The database is told of it: the daemon
    shows when the last good one was made, and that the last one failed. `clock` names it.
    """
    set_up("console", "error", clock.now)
    settings = chosen_settings()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _claimed(folder, clock.now()) as target:
        _clear(folder, target)
        try:
            with database_url(settings) as url:
                _write(url, settings.data_dir, target)
        except (DumpError, OSError) as fault:
            raise Failed(str(fault)) from None
        say(f"{target}: {target.stat().st_size} bytes")
        _thin_out(folder, target, keep)


@contextlib.contextmanager
def _claimed(folder: Path, at: datetime) -> Iterator[Path]:
    """Hold a backup's name, of this second or the next free one; leave nothing of a broken one."""
    while (draft := _draft(target := folder / _NAME.format(at.strftime(_STAMP)))) is None:
        at += _SECOND
    try:
        yield target
    finally:
        target.with_suffix(_PART).unlink(missing_ok=True)
        shutil.rmtree(_files_draft(target), ignore_errors=True)
        if not target.exists():
            shutil.rmtree(_files_of(target), ignore_errors=True)
        os.close(draft)


def _draft(dump: Path) -> int | None:
    """Begin a backup's draft, its owner's alone and locked while it is written; None if taken."""
    draft = dump.with_suffix(_PART)
    try:
        number = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return None
    # Looked at only now: another one may have been finished just before.
    if any(one.exists() for one in (dump, _files_of(dump), _files_draft(dump))):
        draft.unlink()
        os.close(number)
        return None
    with contextlib.suppress(OSError):  # some disks know no locks
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return number


def _clear(folder: Path, newest: Path) -> None:
    """Remove what older backups left that were broken off: nobody else would, and it is personal.

    That of one which is still being written stays.
    """
    for draft in sorted(folder.glob(f"{newest.name.partition('-')[0]}-*{_PART}")):  # files first
        name = draft.name.removesuffix(_PART).removesuffix(file_sets.ENDING)
        if name >= newest.stem or _written_now(folder / f"{name}{_PART}"):
            continue
        try:
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink()
            say(f"removed {draft}")
        except OSError as fault:
            complain(str(fault))


def _written_now(draft: Path) -> bool:
    try:
        number = os.open(draft, os.O_WRONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(number)
    return False


def _files_of(dump: Path) -> Path:
    return dump.with_suffix(file_sets.ENDING)


def _files_draft(dump: Path) -> Path:
    final = _files_of(dump)
    return final.with_name(f"{final.name}{_PART}")


def _write(url: str, root: Path, target: Path) -> None:
    clock = SystemClock()
    began = clock.monotonic()
    well = False
    try:
        dump(url, target.with_suffix(_PART))
        # After the database: what it lists was there before. What was erased since is left out.
        _add_files(url, root, target)
        target.with_suffix(_PART).rename(target)
        well = True
    finally:
        untold = note_backup(url, well=well, seconds=clock.monotonic() - began)
        if well and untold:
            complain(f"the daemon does not know of this backup: {untold}")


def _add_files(url: str, root: Path, target: Path) -> None:
    """Put the files of this host beside the backup, if there are any; say how many it lacks."""
    listed, final = _listed(url), _files_of(target)
    draft = _files_draft(target)
    older = sorted(target.parent.glob(_NAME.format("*")))
    before = _files_of(older[-1]) if older else None
    kept = file_sets.copy(root, draft, before)
    if kept:
        draft.rename(final)
        say(f"{final}: {len(kept)} photos and documents")
    else:
        draft.rmdir()
    if lacking := file_sets.missing(listed, kept):
        complain(f"{lacking} photos or documents are not under {root} here, and not in this backup")


def _listed(url: str) -> set[UUID]:
    """Return the files that the database knows; none of one that is older than they are."""

    async def work() -> set[UUID]:
        conn = await connect(url, SystemClock(), name="dispatchd backup", tries=1)
        try:
            return await files.listed(conn)
        finally:
            await conn.close()

    try:
        return asyncio.run(work())
    except NOT_NOTED:
        return set()


def _thin_out(folder: Path, newest: Path, keep: int) -> None:
    """Remove old backups, and files whose backup is gone."""
    kept = sorted(folder.glob(_NAME.format("*")))
    for old in kept[:-keep]:
        old.unlink()
        say(f"removed {old}")
    stay = {_files_of(one) for one in kept[-keep:]}
    for old in sorted(folder.glob(_files_of(Path(_NAME.format("*"))).name)):
        unnamed = old.with_suffix(_PART).exists()  # its dump has its name in a moment
        if old not in stay and old < _files_of(newest) and not unnamed:
            shutil.rmtree(old)
            say(f"removed {old}")
