"""One chaos run: a story is played in a world, and what came of it is judged."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.chaos.accepting import Opened
from tests.chaos.breaking import Breaker, begin
from tests.chaos.evidence import keep_all
from tests.chaos.figures import Figures
from tests.chaos.judging import OPEN, UNSURE, judge, outstanding
from tests.chaos.story import Order, Story
from tests.chaos.watching import Watcher
from tests.chaos.world import CLOCK, World, built

_AGENTS: Final = 8
# Of so many clients the carrier is told at once: it takes no request of more than a megabyte.
_CLIENTS: Final = 300
_TAPS: Final = 20
_TAP_EVERY: Final = 3.0
# How long at most it takes to start the daemons, to put an account, to have an order taken through
# all that is broken, to mend everything, and to judge what became of a message; in seconds.
_SETUP: Final = 90.0
_AN_ACCOUNT: Final = 0.1
_TO_ORDER: Final = 180.0
_TO_MEND: Final = 60.0
_A_JUDGEMENT: Final = 0.03
# What people wrote while nobody answered is read from the carrier's list within so many seconds.
_LISTED: Final = 120.0
_CREATED: Final = 201
_OK: Final = 200


@dataclass(slots=True)
class Progress:
    """How far a run has come, for whoever must say where it stopped."""

    stage: str = "nothing is started yet"
    taken: list[str] = field(default_factory=list)
    refused: str = "none"
    opened: list[Opened] = field(default_factory=list)

    def told(self, story: Story) -> str:
        """Say it."""
        taken = f"{len(self.taken)} of {len(story.orders)} messages acknowledged"
        return f"{self.stage}; {taken}; last refusal: {self.refused}"


def longest(story: Story, patience: float) -> float:
    """Return after how many seconds a run is over, whatever happens."""
    troubles = max((one.at + one.lasts for one in story.troubles), default=0.0)
    told = max(story.lasts, troubles) + _TO_ORDER + _TO_MEND + patience + _LISTED
    return _SETUP + _AN_ACCOUNT * len(story.clients) + told + _A_JUDGEMENT * len(story.orders)


async def play(
    story: Story, *, patience: float, hasty: bool = False, keep: Path | None = None
) -> Figures:
    """Play a story and judge it; `patience`: how many seconds may pass after its last trouble.

    `keep`: a folder for all that may explain what came of it. A run that takes longer than the
    longest may is unfinished, which is amiss.
    """
    began, figures, progress = CLOCK.monotonic(), Figures(story.seed), Progress()
    limit = longest(story, patience)
    async with built(hasty=hasty) as world, _beside(world.watch_health()):
        try:
            async with asyncio.timeout(limit) as over:
                await _played(world, story, Run(patience, keep, figures, progress))
        except TimeoutError:
            if not over.expired():
                raise
            figures.unfinished, figures.messages = 1, len(story.orders)
            figures.notes.insert(0, f"not over after {limit:.0f} s: {progress.told(story)}")
    figures.load = round(os.getloadavg()[1], 1)
    figures.seconds = round(CLOCK.monotonic() - began, 1)
    return figures


@dataclass(frozen=True, slots=True)
class Run:
    """How a story is played, and what comes of it."""

    patience: float
    keep: Path | None
    figures: Figures
    progress: Progress


async def _played(world: World, story: Story, run: Run) -> None:
    figures, progress = run.figures, run.progress
    progress.stage = "starting the daemons"
    await begin(world)
    progress.stage = "putting the accounts"
    await _prepare(world, story)
    breaker = Breaker(world)
    watcher = Watcher(world, breaker.weather)
    breaker.on_down = watcher.down
    async with _beside(watcher.run()):
        progress.stage = "playing the story"
        await _happen(world, story, breaker, progress)
        progress.stage = "mending"
        await breaker.mend()
        progress.stage = "settling"
        await _settle(world, run.patience, figures)
    progress.stage = "waiting for what was accepted and for what leads hear"
    if run.patience:
        await _heard(world, progress.opened)
    progress.stage = "judging"
    _watched(watcher, figures)
    figures.troubles = breaker.count
    await judge(world, story, progress.taken, progress.opened, figures)
    if run.keep is not None:
        await keep_all(world, breaker.log, run.keep)


def _watched(watcher: Watcher, figures: Figures) -> None:
    figures.judged = round(watcher.judged, 1)
    figures.worst_silence = round(watcher.silence.worst, 2)
    figures.worst_standstill = round(watcher.standstill.worst, 2)
    figures.worst_wait = round(watcher.wait.worst, 2)
    for name in ("silence", "standstill", "wait"):
        if story := getattr(watcher, name).story:
            figures.notes.append(f"longest {name}: {story}")
    figures.take_overs = len(watcher.take_overs)
    figures.worst_take_over = round(max(watcher.take_overs, default=0.0), 2)


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


async def _happen(world: World, story: Story, breaker: Breaker, progress: Progress) -> None:
    """Let all orders and troubles come at their times; note what was acknowledged."""
    start = CLOCK.monotonic()
    taps = {c.account: [p.phone for p in c.people if p.taps] for c in story.clients}
    tapping: set[asyncio.Task[None]] = set()

    async def at(instant: float) -> None:
        await CLOCK.sleep(max(0.0, start + instant - CLOCK.monotonic()))

    async def order(one: Order) -> None:
        await at(one.at)
        await _take(world, one, progress)
        for phone in taps[one.account]:
            tapping.add(asyncio.create_task(_tap(world, phone, progress)))

    async def trouble(number: int) -> None:
        await at(story.troubles[number].at)
        await breaker.run(story.troubles[number])

    try:
        async with asyncio.TaskGroup() as group:
            for one in story.orders:
                group.create_task(order(one))
            for number in range(len(story.troubles)):
                group.create_task(trouble(number))
    finally:
        for task in tapping:
            task.cancel()
        await asyncio.gather(*tapping, return_exceptions=True)


async def _take(world: World, order: Order, progress: Progress) -> None:
    """Hand a message in, again and again until somebody acknowledges it, within a time."""
    body = {
        "account": order.account,
        "priority": order.priority,
        "ucn": order.ucn,
        "text": "No heat since Sunday",
        "taken_by": "agent:1204",
    }
    end = CLOCK.monotonic() + _TO_ORDER
    while (
        status := await world.ask("POST", "/v1/messages", body, f"chaos-{order.ucn}")
    ) != _CREATED:
        progress.refused = f"{status} for {order.ucn}"
        assert status in {0, 409, 500, 503}, progress.refused
        assert CLOCK.monotonic() < end, f"not taken in {_TO_ORDER:.0f} s: {progress.refused}"
        await CLOCK.sleep(0.5)
    progress.taken.append(order.ucn)


async def _tap(world: World, phone: str, progress: Progress) -> None:
    """Open the link on that phone by its button, as soon as there is one and somebody answers."""
    answer = None
    for _ in range(_TAPS):
        await CLOCK.sleep(_TAP_EVERY)
        began = CLOCK.now()
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            answer = await world.carrier("link", {"phone": phone, "tap": True})
        if answer and answer["status"] == _OK:
            progress.opened.append(Opened(phone, began, CLOCK.now()))
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


async def _heard(world: World, opened: Sequence[Opened]) -> None:
    """Give what the carrier has, and nobody was told of, the time to be read from its list.

    And alerts the time to be told again. Whatever counted for nothing by then is judged.
    """
    end = CLOCK.monotonic() + _LISTED
    while await outstanding(world, opened) and CLOCK.monotonic() < end:
        await CLOCK.sleep(2)
