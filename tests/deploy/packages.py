"""What is released: built by the standard backend, and what must be in it."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Final

TOP: Final = Path(__file__).parents[2]
LOCK: Final = TOP / "requirements/runtime.txt"
PACKAGES: Final = frozenset({"gateway", "adapters", "schedules", "migrations"})


def project() -> dict[str, Any]:
    """Return what pyproject.toml says of the project."""
    with (TOP / "pyproject.toml").open("rb") as lines:
        found: dict[str, Any] = tomllib.load(lines)["project"]
    return found


def built(tree: Path, into: Path, *targets: str) -> list[Path]:
    """Build wheel or sdist (both without a word) of a tree into a folder; return what is there."""
    words = [sys.executable, "-m", "hatchling", "build", "--directory", str(into)]
    words += [word for target in targets for word in ("--target", target)]
    subprocess.run(words, cwd=tree, check=True, capture_output=True)  # noqa: S603 - our own words
    return sorted(into.iterdir())


def names_in_wheel(wheel: Path) -> set[str]:
    """Name the files of a wheel."""
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


def unpacked(sdist: Path, into: Path) -> Path:
    """Unpack an sdist; return its tree."""
    with tarfile.open(sdist) as packed:
        packed.extractall(into, filter="data")
    return into / sdist.name.removesuffix(".tar.gz")


def locked() -> dict[str, str]:
    """Return the version of each package of the lock, with its marker if it has one."""
    found = re.findall(
        r"^([A-Za-z0-9._-]+)==(\S+)((?: ;[^\\\n]*)?)", LOCK.read_text(), re.MULTILINE
    )
    return {name: f"{version}{marker.rstrip()}" for name, version, marker in found}
