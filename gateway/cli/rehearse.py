"""`rehearse`: the throwaway database starts while the program itself is still being loaded."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from gateway.store.embedded import throwaway


def rehearse_files(files: Sequence[Path], *, as_json: bool, verbose: bool) -> int:
    """Play scenario files and return the exit code; DocumentError for files that are no good."""
    with ExitStack() as stack, ThreadPoolExecutor(1) as beside:
        server = beside.submit(stack.enter_context, throwaway())
        # Loading takes about as long as the server needs to start.
        from gateway.cli.rehearsing import Telling, play_all, read_all  # noqa: PLC0415 - see above

        scenarios = read_all(files)
        return play_all(scenarios, server.result(), Telling(as_json, verbose))
