"""Child processes on a leash: they end with the process that started them, in whatever way it ends.

`python -m gateway.leash MODULE ARGUMENT…` runs a module until its standard input closes.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Final

_PATIENCE_SECONDS: Final = 20


class ChildError(Exception):
    """A process of ours did not start; words for the user."""


@contextmanager
def leashed(
    module: str,
    arguments: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    errors: IO[bytes] | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a module as a process of its own, out of reach of our terminal's Ctrl-C.

    At the end it is asked to stop (SIGTERM), then killed after 20 s.
    """
    child = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", "gateway.leash", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=env,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.communicate(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


@contextmanager
def simulator(wishes: Sequence[str], errors: IO[bytes] | None = None) -> Iterator[str]:
    """Run the simulated carrier and give its URL; ChildError when it does not start."""
    with leashed("adapters.simulator", wishes, errors=errors) as child:
        line = child.stdout.readline() if child.stdout else b""
        if not line:
            raise ChildError("the simulated carrier did not start")
        yield str(json.loads(line)["url"])


def _follow() -> None:
    """End this process when whoever holds the other end of its input is gone."""
    # Not through sys.stdin, whose lock an ending interpreter may find taken.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _main() -> None:
    module, *arguments = sys.argv[1:]
    threading.Thread(target=_follow, daemon=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
