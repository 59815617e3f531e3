"""A release, tried as its reader would: `make release-check`.

Wheel, sdist and a bill of materials are made in dist/. The wheel built from the sdist is the same;
in an empty environment, and from an empty folder, `dispatchd demo` works.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.deploy.packages import TOP, built, locked, names_in_wheel, project, unpacked

DIST: Final = TOP / "dist"
UV: Final = Path(sys.executable).with_name("uv")
MAKER: Final = "cyclonedx-bom==7.5.0"
_SECONDS: Final = 1800


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _run(words: Sequence[str | Path], place: Path | None = None) -> str:
    """Run a program with an environment that knows nothing of ours; return what it printed."""
    kept = {"PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE"}
    env = {
        n: v
        for n, v in os.environ.items()
        if n in kept or n.startswith(("PIP_", "UV_", "http", "HTTP"))
    }
    ran = subprocess.run(  # noqa: S603 - our own words
        words, cwd=place, env=env, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if ran.returncode:
        raise SystemExit(f"{words[0]} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def same_from_sdist(sdist: Path, wheel: Path, folder: Path) -> None:
    """Build the wheel once more from the sdist alone, and compare."""
    tree = unpacked(sdist, folder)
    (again,) = built(tree, folder / "again", "wheel")
    if names_in_wheel(again) != names_in_wheel(wheel):
        odd = sorted(names_in_wheel(again) ^ names_in_wheel(wheel))
        raise SystemExit(f"the sdist makes another wheel: {', '.join(odd)}")


def installed(wheel: Path, folder: Path) -> Path:
    """Install the wheel with its embedded database, at the lock's versions; return the programs."""
    wanted = folder / "wanted.txt"
    wanted.write_text("".join(f"{name}=={version}\n" for name, version in locked().items()))
    _run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"])
    programs = folder / "venv/bin"
    install = [UV, "pip", "install", "--quiet", "--python", programs / "python"]
    _run([*install, "--constraint", wanted, f"{wheel}[embedded]"])
    return programs


def bill_of_materials(programs: Path, target: Path) -> int:
    """Write what is installed there as CycloneDX; return the number of its parts."""
    # In an environment of its own: what it needs would change what our tests measure.
    maker = [UV, "tool", "run", "--quiet", "--from", MAKER, "cyclonedx-py"]
    words = ["environment", "--pyproject", TOP / "pyproject.toml", "--output-reproducible"]
    _run([*maker, *words, "--output-format", "JSON", "--output-file", target, programs / "python"])
    bill = json.loads(target.read_text(encoding="utf-8"))
    parts = {part["name"].lower().replace("_", "-"): part["version"] for part in bill["components"]}
    wrong = [
        name
        for name, version in locked().items()
        if ";" not in version and parts.get(name.lower().replace("_", "-")) != version
    ]
    if wrong or bill["metadata"]["component"]["name"] != "dispatchd":
        raise SystemExit(f"the bill of materials lacks or mistakes: {', '.join(wrong)}")
    return len(parts)


def main() -> int:
    """Make it, install it, play the demo."""
    shutil.rmtree(DIST, ignore_errors=True)
    sdist, wheel = sorted(built(TOP, DIST, "sdist", "wheel"), key=lambda path: path.suffix)
    _say(f"built {wheel.name}, {sdist.name}")
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        folder = Path(name)
        same_from_sdist(sdist, wheel, folder)
        programs = installed(wheel, folder)
        version = _run([programs / "dispatchd", "--version"]).split()[-1]
        if version != project()["version"]:
            raise SystemExit(f"it says that it is {version}")
        bill = DIST / f"dispatchd-{version}.cdx.json"
        _say(f"{bill.name}: {bill_of_materials(programs, bill)} parts")
        (folder / "empty").mkdir()
        folder.chmod(0o755)
        played = _run([programs / "dispatchd", "demo"], folder / "empty")
    _say(f"the demo, from the wheel alone: {played.strip().splitlines()[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
