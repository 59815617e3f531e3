"""Real processes that print one line when they are ready, and stop when told."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

from gateway.clock import pause

PATIENCE_LOOKS, LOOK_SECONDS = 1000, 0.02


def eventually(holds: Callable[[], object]) -> bool:
    """Wait, up to 20 s, for something another process does; answer whether it came to hold."""
    for _ in range(PATIENCE_LOOKS):
        if holds():
            return True
        pause(LOOK_SECONDS)
    return False


class Running:
    """A Python program of a few lines; `first_line` is what it printed when it was ready."""

    def __init__(self, code: str, *arguments: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert self.process.stdout
        self.first_line = self.process.stdout.readline().strip()

    def kill(self) -> None:
        """End it as `kill -9` does: nothing in it can clean up."""
        self.process.kill()
        self.process.communicate()

    def interrupt(self) -> int:
        """Press Ctrl-C in its terminal: every process of its group gets it. Answer its exit."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.communicate()
        return self.process.returncode

    def finish(self) -> int:
        """Close its input, which it reads to the end; answer its exit."""
        self.process.communicate()
        return self.process.returncode


@contextlib.contextmanager
def running(code: str, *arguments: str) -> Iterator[Running]:
    """Run a program beside the test; it never outlives it."""
    program = Running(code, *arguments)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.kill()
