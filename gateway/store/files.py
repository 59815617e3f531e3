"""Files on disk: photos of field jobs and documents of cases, one each, under the data folder.

Several hosts of one installation need these folders in common, or only the one that took a file can
show it. A file without its job or case (a crash between the two) is in nobody's way.
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from gateway.store.pool import Connection
from gateway.store.queries import load

Folder = Literal["photos", "documents"]
FOLDERS: Final[tuple[Folder, ...]] = ("photos", "documents")
UNFINISHED: Final = ".part"
# A host that was off for longer than this may keep what was erased meanwhile.
KNOWN_FOR: Final = timedelta(days=90)
_queries = load("files")


def put(root: Path, folder: Folder, file: UUID, content: bytes) -> None:
    """Write a file down for good; OSError when there is no room for it."""
    path = _path(root, folder, file)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(UNFINISHED)
    with part.open("wb") as opened:
        os.fchmod(opened.fileno(), 0o600)
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.rename(path)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Have a folder's new names outlive a power cut; those above it too, which may be new."""
    for one in (folder, folder.parent, folder.parent.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def get(root: Path, folder: Folder, file: UUID) -> bytes | None:
    """Read a file; None when it is not on this host."""
    try:
        return _path(root, folder, file).read_bytes()
    except FileNotFoundError:
        return None


def drop(root: Path, *files: UUID) -> None:
    """Take files away, those that are there."""
    for file in files:
        for folder in FOLDERS:
            _path(root, folder, file).unlink(missing_ok=True)


async def note_erased(conn: Connection, files: Sequence[UUID], now: datetime) -> None:
    """Put down that these files are to go, in the transaction that erases what they belong to."""
    if files:
        await conn.execute(_queries.note_erased, list(files), now)


async def sweep(conn: Connection, root: Path, since: datetime) -> int:
    """Take those files away from this host that were erased since then; return how many those are.

    Raises OSError where a file cannot be taken away.
    """
    rows = await conn.fetch(_queries.erased_since, since)
    if rows:
        await asyncio.to_thread(drop, root, *(row["id"] for row in rows))
    return len(rows)


async def forget_erased(conn: Connection, now: datetime) -> None:
    """Forget files that were erased so long ago that every host has swept since."""
    await conn.execute(_queries.forget_erased, now - KNOWN_FOR)


async def listed(conn: Connection) -> set[UUID]:
    """Return the files that field jobs and cases list, wherever these are."""
    return {row["id"] for row in await conn.fetch(_queries.listed_files)}


def _path(root: Path, folder: Folder, file: UUID) -> Path:
    name = str(file)
    return root / folder / name[:2] / name
