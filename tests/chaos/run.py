"""One chaos run: a story is played in a world, and what came of it is judged."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.chaos.breaking import Breaker, begin
from tests.chaos.evidence import keep_all
from tests.chaos.judging import OPEN, UNSURE, Figures, judge
from tests.chaos.story import Order, Story
from tests.chaos.watching import Watcher
from tests.chaos.world import CLOCK, World, built

_AGENTS: Final = 8
# Of so many clients the carrier is told at once: it takes no request of more than a megabyte.
_CLIENTS: Final = 300
_TAPS: Final = 20
_TAP_EVERY: Final = 3.0
_CREATED: Final = 201
_OK: Final = 200


async def play(
    story: Story, *, patience: float, hasty: bool = False, keep: Path | None = None
) -> Figures:
    """Play a story and judge it; `patience`: how many seconds may pass after its last trouble.

    `keep`: a folder for all that may explain what came of it.
    """
    began = CLOCK.monotonic()
    figures = Figures(story.seed)
    async with built(hasty=hasty) as world, _beside(world.watch_health()):
        await begin(world)
        await _prepare(world, story)
        breaker = Breaker(world)
        watcher = Watcher(world, breaker.weather)
        breaker.on_down = watcher.down
        async with _beside(watcher.run()):
            taken = await _happen(world, story, breaker)
            await breaker.mend()
            await _settle(world, patience, figures)
        await judge(world, story, taken, figures)
        if keep is not None:
            await keep_all(world, breaker.log, keep)
        figures.worst_silence = round(watcher.worst, 2)
        if watcher.worst_story:
            figures.notes.insert(0, f"longest silence: {watcher.worst_story}")
        figures.take_overs = len(watcher.take_overs)
        figures.worst_take_over = round(max(watcher.take_overs, default=0.0), 2)
        figures.troubles = breaker.count
    figures.load = round(os.getloadavg()[1], 1)
    figures.seconds = round(CLOCK.monotonic() - began, 1)
    return figures


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have something go on meanwhile."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _prepare(world: World, story: Story) -> None:
    """Tell the carrier of the people, and the daemons of the accounts."""
    for start in range(0, len(story.clients), _CLIENTS):
        clients = story.clients[start : start + _CLIENTS]
        some = {p.phone: p.script for c in clients for p in c.people}
        assert await world.carrier("people", some), "the carrier was not told of the people"
    gate = asyncio.Semaphore(_AGENTS)

    async def put(document: dict[str, object]) -> None:
        async with gate:
            status = await world.ask("PUT", f"/v1/accounts/{document['account']}", document)
            assert status in {200, 201}, status

    await asyncio.gather(*(put(one.document()) for one in story.clients))


async def _happen(world: World, story: Story, breaker: Breaker) -> list[str]:
    """Let all orders and troubles come at their times; return what was acknowledged."""
    start = CLOCK.monotonic()
    taps = {c.account: c.people for c in story.clients if any(p.taps for p in c.people)}
    tapping: set[asyncio.Task[None]] = set()

    async def at(instant: float) -> None:
        await CLOCK.sleep(max(0.0, start + instant - CLOCK.monotonic()))

    async def order(one: Order) -> str:
        await at(one.at)
        await _take(world, one)
        for person in taps.get(one.account, ()):
            if person.taps:
                tapping.add(asyncio.create_task(_tap(world, person.phone)))
        return one.ucn

    async def trouble(number: int) -> None:
        await at(story.troubles[number].at)
        await breaker.run(story.troubles[number])

    try:
        async with asyncio.TaskGroup() as group:
            orders = [group.create_task(order(one)) for one in story.orders]
            for number in range(len(story.troubles)):
                group.create_task(trouble(number))
    finally:
        for task in tapping:
            task.cancel()
        await asyncio.gather(*tapping, return_exceptions=True)
    return [one.result() for one in orders]


async def _take(world: World, order: Order) -> None:
    """Hand a message in, again and again until somebody acknowledges it."""
    body = {
        "account": order.account,
        "priority": order.priority,
        "ucn": order.ucn,
        "text": "No heat since Sunday",
        "taken_by": "agent:1204",
    }
    while True:
        status = await world.ask("POST", "/v1/messages", body, f"chaos-{order.ucn}")
        if status == _CREATED:
            return
        assert status in {0, 409, 500, 503}, status
        await CLOCK.sleep(0.5)


async def _tap(world: World, phone: str) -> None:
    """Open the link on that phone by its button, as soon as there is one and somebody answers."""
    answer = None
    for _ in range(_TAPS):
        await CLOCK.sleep(_TAP_EVERY)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            answer = await world.carrier("link", {"phone": phone, "tap": True})
        if answer and answer["status"] == _OK:
            return


async def _settle(world: World, patience: float, figures: Figures) -> None:
    """Wait until nothing is worked any more; what is unsure by then is counted."""
    end = CLOCK.monotonic() + patience
    while CLOCK.monotonic() < end:
        (open_,), (unsure,) = await world.sql(OPEN), await world.sql(UNSURE)
        if not open_["n"] and not unsure["n"]:
            break
        await CLOCK.sleep(0.5)
    (unsure,) = await world.sql(UNSURE)
    figures.unsure = unsure["n"]
