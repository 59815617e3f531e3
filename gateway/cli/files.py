"""Reading the files a user names."""

import sys
from pathlib import Path

from gateway.cli.faults import Mistake


def read_text(path: Path) -> str:
    """Return a file's text (`-` is standard input); Mistake says why it cannot be read."""
    try:
        if str(path) == "-":
            return sys.stdin.read()
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Mistake(f"{path}: is not UTF-8 text") from None
    except OSError as fault:
        raise Mistake(f"{path}: {fault.strerror}") from None
