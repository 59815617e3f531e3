"""`python -m tests.bench.drainer URL STUB`: one of several engines that drain a database together.

Says when it is ready, begins when it is told to (a line on standard input), and says what it did.
"""

import asyncio
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Final

import orjson
import uvloop

from gateway.clock import SystemClock
from gateway.daemon.garbage import search_seldom
from gateway.log import set_up
from tests.bench.street import Stub, bench, compiled

_KNOWN: Final = "select account from accounts where version > 0"


async def _drain(url: str, stub: str) -> None:
    async with bench(url, 0, Stub(stub, 0)) as one:
        names = [row[0] for row in await one.conn.fetch(_KNOWN)]
        one.town.accounts = dict.fromkeys(names)
        await compiled(one)
        search_seldom()
        _say({"ready": True})
        await asyncio.to_thread(sys.stdin.readline)
        clock, burned = one.outside.clock, time.process_time()
        following: datetime | None = clock.now()
        while following is not None and following <= clock.now():
            following = await one.engine.turn(clock.now())
            await one.engine.room()
        await one.engine.settle()
        _say({"ended": time.perf_counter(), "burned": time.process_time() - burned})


def _say(what: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Drain, and log as in production, though to nowhere."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        set_up("json", "info", SystemClock().now, nowhere)
        uvloop.run(_drain(*sys.argv[1:3]))


if __name__ == "__main__":
    main()
