"""How a command that holds processes and a database ends at a signal before it takes signals."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def ended_by_signals(code: int = 0) -> Iterator[None]:
    """Let the first SIGTERM or SIGINT end the program, exit `code`, with everything cleaned up.

    Further ones do not disturb the cleaning up. To be used in the main thread.
    """

    def end(_number: int, _frame: object) -> NoReturn:
        for one in _SIGNALS:
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(code)

    before = {one: signal.signal(one, end) for one in _SIGNALS}
    try:
        yield
    finally:
        for one, former in before.items():
            signal.signal(one, former)
