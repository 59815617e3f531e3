"""What an engineer would pick instead, on the same Postgres: queues that run a job of no work.

Each round is a process of its own, as its heap is not ours: it puts many jobs in, runs them and
prints how many a second. Batch and concurrency are those that the projects' documentation calls
fastest.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import asyncpg
import procrastinate
import uvloop
from pgqueuer import Job, PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

_BATCH: Final = 100
_AT_ONCE: Final = 1_000
_CONCURRENCY: Final = 20
_ROUND: Final = "from tests.bench.peers import main; main()"
Peer = Callable[[str, int], Coroutine[Any, Any, float]]


async def pgqueuer(url: str, many: int) -> float:
    """Return PgQueuer's jobs a second, each of them no work at all."""
    driver = AsyncpgDriver(await asyncpg.connect(url))
    queries = Queries(driver)
    with suppress(asyncpg.DuplicateObjectError, asyncpg.DuplicateTableError):
        await queries.install()
    queue = PgQueuer(driver)
    left = many

    @queue.entrypoint("nothing")
    async def nothing(_job: Job) -> None:
        nonlocal left
        left -= 1
        if not left:
            queue.shutdown.set()

    for start in range(0, many, _AT_ONCE):
        count = min(_AT_ONCE, many - start)
        await queries.enqueue(["nothing"] * count, [None] * count, [0] * count)
    began = time.perf_counter()
    await queue.run(batch_size=_BATCH, dequeue_timeout=timedelta(seconds=1))
    return many / (time.perf_counter() - began)


async def procrastinate_(url: str, many: int) -> float:
    """Return Procrastinate's jobs a second, each of them no work at all."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    @app.task(name="nothing")
    async def nothing() -> None:
        pass

    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        await nothing.batch_defer_async(*({} for _ in range(many)))
        began = time.perf_counter()
        await app.run_worker_async(
            wait=False, concurrency=_CONCURRENCY, install_signal_handlers=False
        )
        return many / (time.perf_counter() - began)


PEERS: Final[Mapping[str, Peer]] = {"PgQueuer": pgqueuer, "Procrastinate": procrastinate_}


async def measured(name: str, url: str, many: int) -> float:
    """Run one round of a peer in a process of its own; return its jobs a second."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _ROUND, name, url, str(many)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{name} ended with {process.returncode}")
    return float(out)


def main() -> None:
    """Run one round and print its rate."""
    name, url, many = sys.argv[1:]
    sys.stdout.write(f"{uvloop.run(PEERS[name](url, int(many)))}\n")
