"""Photos on disk: what technicians saw, a file each, under the data folder.

Several hosts of one installation need that folder in common, or only the one that took a photo can
show it. A file without its job (a crash between the two) is in nobody's way.
"""

import os
from pathlib import Path
from uuid import UUID

_FOLDER = "photos"


def put(root: Path, photo: UUID, picture: bytes) -> None:
    """Write a photo down for good; OSError when there is no room for it."""
    path = _path(root, photo)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(picture)
        file.flush()
        os.fsync(file.fileno())
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


def get(root: Path, photo: UUID) -> bytes | None:
    """Read a photo; None when it is not on this host."""
    try:
        return _path(root, photo).read_bytes()
    except FileNotFoundError:
        return None


def drop(root: Path, photo: UUID) -> None:
    """Take a photo away, if it is there."""
    _path(root, photo).unlink(missing_ok=True)


def _path(root: Path, photo: UUID) -> Path:
    name = str(photo)
    return root / _FOLDER / name[:2] / name
