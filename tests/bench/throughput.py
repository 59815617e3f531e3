"""Dispatches a second with and without HTTP, beside the peers and a bare loop, round by round."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from adapters.transport import HttpTransport, Limits
from adapters.twilio.client import TextRequest, TwilioWire
from gateway.daemon.garbage import search_seldom
from tests.bench import peers
from tests.bench.course import Course
from tests.bench.figures import Figures
from tests.bench.street import (
    CONNECTIONS,
    Bench,
    Drained,
    Stub,
    bench,
    compiled,
    drain,
    stub_process,
)

_WARM: Final = 1_000
_SLOWER: Final = 10  # fewer jobs for a peer that takes so much longer for each
_AT_ONCE: Final = 100


class _Rounds(NamedTuple):
    plain: list[Drained]
    over_http: list[Drained]
    bare: list[float]
    theirs: dict[str, list[float]]


async def throughput(course: Course) -> Figures:
    """Measure all of it in turns, so that a slow minute of the machine is everybody's."""
    many = course.scale.many
    found = _Rounds([], [], [], {name: [] for name in peers.PEERS})
    homes = {name: await course.created(name.lower()) for name in peers.PEERS}
    async with (
        stub_process() as stub,
        bench(await course.fresh("memory"), many, stub, memory=True) as memory,
        bench(await course.fresh("http"), many, stub) as http,
        _bare(stub) as loop,
    ):
        cold = (await drain(memory, _WARM)).microseconds.python
        await _warmed(memory, http)
        for _ in range(course.scale.rounds):
            found.plain.append(await drain(memory, many))
            found.over_http.append(await drain(http, many))
            found.bare.append(await loop(many))
            for name, rates in found.theirs.items():
                jobs = many if name == "PgQueuer" else many // _SLOWER
                rates.append(await peers.measured(name, homes[name], jobs))
    return _figures(found) | {"CPU µs of an account's first dispatch": cold}


async def _warmed(memory: Bench, http: Bench) -> None:
    await drain(http, _WARM)
    await compiled(memory)
    await compiled(http)
    search_seldom()


class _Loop:
    """The bare loop: the same client, many requests at once, and no more than that."""

    def __init__(self, wire: TwilioWire) -> None:
        self._wire = wire

    async def __call__(self, many: int) -> float:
        """Send so many texts; return how many a second."""
        numbers = iter(range(many))
        began = time.perf_counter()
        await asyncio.gather(*(self._send(numbers) for _ in range(_AT_ONCE)))
        return many / (time.perf_counter() - began)

    async def _send(self, numbers: Iterator[int]) -> None:
        url = "https://dispatch.example/twilio/text/x/status"
        for number in numbers:
            to, words = f"+1202{number:07d}", "No heat, two children in the house"
            await self._wire.send_text(TextRequest("x", to, "+15005550001", words, url, 600))


@contextlib.asynccontextmanager
async def _bare(stub: Stub) -> AsyncIterator[_Loop]:
    transport = HttpTransport(limits=Limits(connections=CONNECTIONS))
    yield _Loop(TwilioWire("AC" + "0" * 32, "key", "secret", transport, stub.url))
    await transport.close()


def _figures(found: _Rounds) -> Figures:
    rate = statistics.median(one.rate for one in found.over_http)
    bare = statistics.median(found.bare)
    return (
        _spent("without HTTP", found.plain)
        | _spent("over HTTP", found.over_http)
        | {
            "a bare loop of the same client, requests/s": bare,
            "dispatches over HTTP per request of a bare loop": rate / bare,
        }
        | _compared(found.plain, found.theirs)
    )


def _compared(plain: Sequence[Drained], theirs: Mapping[str, Sequence[float]]) -> Figures:
    """Set our dispatches beside the peers' jobs of no work: medians, and the ratio of medians."""
    ours = statistics.median(one.rate for one in plain)
    rates = {name: statistics.median(rates) for name, rates in theirs.items()}
    return {f"{name}, jobs of no work/s": rate for name, rate in rates.items()} | {
        f"dispatches without HTTP per {name} job": ours / rate for name, rate in rates.items()
    }


def _spent(how: str, drained: Sequence[Drained]) -> Figures:
    """Take the median of each figure over the rounds, which took turns."""
    spent = [one.microseconds for one in drained]
    figures = {
        f"dispatches/s {how}": statistics.median(one.rate for one in drained),
        f"CPU µs per dispatch {how}": statistics.median(one.python for one in spent),
        f"CPU µs of Postgres per dispatch {how}": statistics.median(one.postgres for one in spent),
    }
    stub = statistics.median(one.stub for one in spent)
    return figures | ({f"CPU µs of the stub per dispatch {how}": stub} if stub > 1 else {})
