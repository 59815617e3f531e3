"""Sets of files: photos and documents as they stood when a backup was made, a folder each.

Files never change, so what the set before has on the same disk is linked, and takes no room again.
"""

import os
import shutil
from pathlib import Path
from typing import Final
from uuid import UUID

from gateway.store.files import FOLDERS, UNFINISHED

ENDING: Final = ".files"


def copy(root: Path, target: Path, before: Path | None) -> set[str]:
    """Copy the files under `root` to a new folder, linking what the set `before` has of them.

    Returns their names. What is erased meanwhile is left out. Raises OSError, as for a full disk.
    """
    target.mkdir(mode=0o700)
    found = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))]
    kept: set[str] = set()
    for path in found:
        if path.is_file() and path.suffix != UNFINISHED:
            place = path.relative_to(root)
            older = before / place if before else None
            (target / place).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _linked(older, target / place) or _copied(path, target / place):
                kept.add(path.name)
    return kept


def missing(listed: set[UUID], kept: set[str]) -> int:
    """Return how many files that the database lists are not in a set."""
    return len({str(one) for one in listed} - kept)


def _linked(older: Path | None, new: Path) -> bool:
    """Link a file of an older set; False where it has none, or the disk knows no links."""
    if older is None:
        return False
    try:
        os.link(older, new)
    except OSError:
        return False
    return True


def _copied(path: Path, new: Path) -> bool:
    """Copy a file for good; False when it is gone."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return False
    with source, new.open("wb") as target:
        os.fchmod(target.fileno(), 0o600)
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
    return True
