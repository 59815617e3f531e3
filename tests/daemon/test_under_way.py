"""What is under way is counted, ends in order, and its faults are nobody else's."""

import asyncio

from structlog.testing import capture_logs

from gateway.daemon.under_way import UnderWay


async def test_a_place_is_free_again_when_the_work_is_over() -> None:
    under_way, gates = UnderWay(2), [asyncio.Event() for _ in range(2)]
    for gate in gates:
        under_way.start(_until, gate)
    assert (len(under_way), under_way.free) == (2, 0)
    waits = asyncio.create_task(under_way.room())
    await asyncio.wait([waits], timeout=0.02)
    assert not waits.done()
    gates[0].set()
    await waits
    assert under_way.free == 1
    gates[1].set()
    await under_way.settle()
    assert not under_way


async def test_who_wants_many_places_waits_a_moment_for_them_and_no_longer() -> None:
    under_way, gate, ever = UnderWay(3), asyncio.Event(), asyncio.Event()
    for one in (gate, gate, ever):
        under_way.start(_until, one)
    waits = asyncio.create_task(under_way.room(3))
    await asyncio.wait([waits], timeout=0.05)
    assert not waits.done()
    gate.set()
    async with asyncio.timeout(1):
        await waits
    assert under_way.free == 2
    ever.set()
    await under_way.settle()


async def test_what_is_slow_gives_up_its_place_and_still_is_under_way() -> None:
    under_way, gate = UnderWay(2, patience=0), asyncio.Event()
    for _ in range(2):
        under_way.start(_until, gate)
    assert under_way.free == 2
    assert len(under_way) == 2
    gate.set()
    await under_way.settle()


async def test_no_more_goes_on_without_a_place_than_there_are_places() -> None:
    under_way, gate = UnderWay(2, patience=0), asyncio.Event()
    for _ in range(4):
        under_way.start(_until, gate)
    assert under_way.free == 0
    waits = asyncio.create_task(under_way.room())
    await asyncio.wait([waits], timeout=0.02)
    assert not waits.done()
    gate.set()
    await waits
    await under_way.settle()


async def test_a_fault_is_logged_and_frees_its_place() -> None:
    under_way = UnderWay(1)
    with capture_logs() as lines:
        under_way.start(_fails)
        await under_way.settle()
    assert under_way.free == 1
    assert [(line["action"], line["fault"]) for line in lines] == [
        ("perform.failed", "ValueError('no')")
    ]


async def _until(gate: asyncio.Event) -> None:
    await gate.wait()


async def _fails() -> None:
    raise ValueError("no")
