"""A nursery: a process that loads the whole program once and forks a daemon or carrier when asked.

Starting Python and loading everything takes seconds; a fork takes none, and what it makes is a
process of its own, with its own sockets, its own environment and its own end.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

_PARENT_DEATH_SIGNAL: Final = 1


class Nursery:
    """The way to that process; its children end with it, and it with us."""

    def __init__(self) -> None:
        """Start it."""
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    def start(self, words: Sequence[str], log: Path, env: Mapping[str, str]) -> int:
        """Fork a program, its output appended to `log`; return its process id."""
        wish = {"words": list(words), "log": str(log), "env": dict(env)}
        return int(self._ask({"start": wish}))

    def exit_code(self, pid: int) -> int | None:
        """Return a child's exit code (negative: the signal), None while it runs."""
        code: int | None = self._ask({"look": pid})
        return code

    def close(self) -> None:
        """End it, and whatever it started."""
        self._process.communicate()

    def _ask(self, wish: object) -> Any:  # noqa: ANN401 - JSON
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _main() -> None:
    """Load everything, then do what each line asks; at the end of input all children end."""
    programs = _programs()
    ended: dict[int, int] = {}
    running: list[int] = []
    for line in sys.stdin:
        wish = json.loads(line)
        if "start" in wish:
            pid = os.fork()
            if pid == 0:
                _become(programs, wish["start"])
            running.append(pid)
            answer: int | None = pid
        else:
            answer = _look(int(wish["look"]), ended)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in running:
        if _look(pid, ended) is None:
            os.kill(pid, signal.SIGKILL)


def _programs() -> dict[str, Callable[[], object]]:
    # Loaded only here: the tests' own process needs none of it.
    import twilio.rest.api.v2010.account  # noqa: PLC0415 - as the SDK does at its first request

    import adapters.simulator.__main__ as simulator  # noqa: PLC0415
    import gateway.cli.run  # noqa: PLC0415
    from adapters import dictionary  # noqa: PLC0415
    from gateway.cli.app import main  # noqa: PLC0415

    assert gateway.cli.run
    assert twilio.rest.api.v2010.account
    dictionary.load()
    gc.collect()
    gc.freeze()  # else every child would go through all that again
    return {"gateway": main, "adapters.simulator": simulator.main}


def _look(pid: int, ended: dict[int, int]) -> int | None:
    if pid not in ended:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended.get(pid)


def _become(programs: Mapping[str, Callable[[], object]], wish: Mapping[str, Any]) -> NoReturn:
    """Be the program asked for, in a session of our own."""
    code: object = 1
    try:
        _end_with_parent()
        os.setsid()
        os.environ.clear()
        os.environ.update(wish["env"])
        _redirect(wish["log"])
        sys.argv = list(wish["words"])
        program = programs.get(sys.argv[0])
        code = program() if program else importlib.import_module(sys.argv[0]).main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as Python itself would end
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


def _end_with_parent() -> None:
    """Have the kernel end us should the nursery be killed; where there is no Linux, do without."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _redirect(log: str) -> None:
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.closerange(3, 256)


if __name__ == "__main__":
    _main()
