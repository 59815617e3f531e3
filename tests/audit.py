"""Known weaknesses in the locked packages: `python -m tests.audit`, a part of `make check`.

It asks the package index, which not every machine can reach: what could not be asked is said and
fails nothing; a weakness that is found fails.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOCK: Final = Path(__file__).parents[1] / "requirements/dev.txt"
_SECONDS: Final = 240
# For a machine that must not ask, or should not each time.
_SWITCH: Final = "AUDIT"
_WORDS: Final = (
    *("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "10"),
    *("--format", "json", "--requirement"),
)


def weaknesses(report: str) -> Iterator[str]:
    """Yield one line a weakness of a report; ValueError when it is none."""
    for one in json.loads(report)["dependencies"]:
        for weakness in one.get("vulns", ()):
            mended = ", ".join(weakness.get("fix_versions", ())) or "no version yet"
            yield f"{one['name']} {one['version']}: {weakness['id']} (mended in {mended})"


def main() -> int:
    """Audit the lock; return 1 when a weakness is known, 0 also when nobody could be asked."""
    if os.environ.get(_SWITCH) == "no":
        return _unasked(f"{_SWITCH}=no")
    program = Path(sys.executable).with_name("pip-audit")
    try:
        words = [str(program), *_WORDS, str(LOCK)]
        ran = subprocess.run(  # noqa: S603 - a tool of our own environment
            words, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        found = list(weaknesses(ran.stdout))
    except (OSError, subprocess.TimeoutExpired) as fault:
        return _unasked(type(fault).__name__)
    except (ValueError, KeyError, TypeError):
        return _unasked((ran.stderr.strip().splitlines() or ["no report"])[-1])
    for line in found:
        sys.stderr.write(f"{line}\n")
    sys.stdout.write(f"audited: {len(found)} known weaknesses in {LOCK.name}\n")
    return 1 if found else 0


def _unasked(why: str) -> int:
    sys.stdout.write(f"NOT AUDITED, the packages' known weaknesses could not be asked: {why}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
