"""`make bench`: dispatches a second with and without HTTP, and due → request latency.

Absolute figures move with the machine, from one minute to the next by twice and more; so the peers
run in between, round by round, on the same server, and the ratios to them are what counts.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from gateway.clock import SystemClock
from gateway.daemon.garbage import search_seldom
from gateway.log import set_up
from gateway.store.embedded import shared
from gateway.store.migrate import migrate
from gateway.store.pool import connect
from tests.bench import peers, rosters
from tests.bench.street import Drained, bench, compiled, drain, latencies, stub_process

_WARM = 1_000
_SLOWER = 10  # fewer jobs for a peer that takes so much longer for each
_SMALL = 10
Figures = dict[str, float]


async def _fresh(server: str, name: str) -> str:
    """Make a migrated database of that name."""
    clock = SystemClock()
    url = await _created(server, name)
    conn = await connect(url, clock)
    await migrate(conn, clock.now())
    await conn.close()
    return url


async def _created(server: str, name: str) -> str:
    """Make an empty database of that name."""
    conn = await connect(server, SystemClock())
    await conn.execute(f"create database {name}")
    await conn.close()
    return server.replace("/postgres?", f"/{name}?")


async def _throughput(server: str, many: int, rounds: int) -> Figures:
    plain: list[Drained] = []
    over_http: list[Drained] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers.PEERS}
    homes = {name: await _created(server, name.lower()) for name in theirs}
    async with (
        stub_process() as stub,
        bench(await _fresh(server, "memory"), many, stub, memory=True) as memory,
        bench(await _fresh(server, "http"), many, stub) as http,
    ):
        first = await drain(memory, _WARM)
        await drain(http, _WARM)
        await compiled(memory)
        await compiled(http)
        search_seldom()
        for _ in range(rounds):
            plain.append(await drain(memory, many))
            over_http.append(await drain(http, many))
            for name, rates in theirs.items():
                jobs = many if name == "PgQueuer" else many // _SLOWER
                rates.append(await peers.measured(name, homes[name], jobs))
    figures = _figures("without HTTP", plain) | _figures("over HTTP", over_http)
    cold = {"CPU µs of an account's first dispatch": first.microseconds.python}
    return figures | cold | _compared(plain, theirs)


def _compared(plain: Sequence[Drained], theirs: Mapping[str, Sequence[float]]) -> Figures:
    """Set our dispatches beside the peers' jobs of no work: medians, and the ratio of medians."""
    ours = statistics.median(one.rate for one in plain)
    rates = {name: statistics.median(rates) for name, rates in theirs.items()}
    return {f"{name}, jobs of no work/s": rate for name, rate in rates.items()} | {
        f"dispatches without HTTP per {name} job": ours / rate for name, rate in rates.items()
    }


def _figures(how: str, drained: Sequence[Drained]) -> Figures:
    """Take the median of each figure over the rounds, which took turns."""
    spent = [one.microseconds for one in drained]
    figures = {
        f"dispatches/s {how}": statistics.median(one.rate for one in drained),
        f"CPU µs per dispatch {how}": statistics.median(one.python for one in spent),
        f"CPU µs of Postgres per dispatch {how}": statistics.median(one.postgres for one in spent),
    }
    stub = statistics.median(one.stub for one in spent)
    return figures | ({f"CPU µs of the stub per dispatch {how}": stub} if stub > 1 else {})


async def _latency(server: str, seconds: float, rate: float) -> Figures:
    url = await _fresh(server, "latency")
    async with (
        stub_process() as stub,
        bench(url, int(seconds * rate), stub) as one,
    ):
        found = await latencies(one, seconds, rate)
    at = f"at {rate:g} jobs/s, ms"
    return {
        f"due to request p50 {at}": found[len(found) // 2] * 1000,
        f"due to request p99 {at}": found[int(len(found) * 0.99)] * 1000,
        f"due to request max {at}": found[-1] * 1000,
    }


async def _measure(options: argparse.Namespace) -> Figures:
    with tempfile.TemporaryDirectory(prefix="dispatchd-bench-") as folder:
        Path(folder).chmod(0o755)
        with shared(Path(folder)) as server:
            figures = await _throughput(server, options.many, options.rounds)
            return figures | await _latency(server, options.seconds, options.rate)


def _print(figures: Mapping[str, float], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    table = Table(title="dispatchd on this machine, Postgres with fsync")
    table.add_column("figure")
    table.add_column("median", justify="right")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.2f}" if value < _SMALL else f"{value:,.1f}")
    Console().print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--many", type=int, default=10_000, help="messages in one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20, help="length of the latency run")
    parser.add_argument("--rate", type=float, default=50, help="jobs a second in that run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    # As in production every decision writes its line; where to is not our measurement.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        set_up("json", "info", SystemClock().now, nowhere)
        _print(uvloop.run(_measure(options)) | rosters.measure(), as_json=options.json)


if __name__ == "__main__":
    main()
