"""Lanes: batches side by side, none of which is forgotten."""

import asyncio

import pytest

from gateway.daemon.lanes import LANES, Lanes

ROOM = 10


async def found(many: int, when: asyncio.Event) -> int:
    """Stand for a batch that finds so much, once it is told to."""
    await when.wait()
    return many


async def test_a_first_batch_is_waited_for_by_nobody() -> None:
    lanes, done = Lanes(), asyncio.Event()
    assert await lanes.add(ROOM, found(ROOM, done))
    assert (len(lanes), lanes.promised) == (1, ROOM)
    done.set()
    assert await lanes.settle()
    assert (len(lanes), lanes.promised) == (0, 0)


async def test_when_every_lane_is_taken_one_must_be_over_before_more_is_begun() -> None:
    lanes, soon, late = Lanes(), asyncio.Event(), asyncio.Event()
    for _ in range(LANES - 1):
        await lanes.add(ROOM, found(ROOM, late))
    soon.set()
    assert await lanes.add(ROOM, found(ROOM, soon))
    assert len(lanes) == LANES - 1
    late.set()
    await lanes.settle()


async def test_a_batch_that_is_over_holds_no_places_though_nobody_asked_for_it_yet() -> None:
    lanes, done = Lanes(), asyncio.Event()
    done.set()
    await lanes.add(ROOM, found(ROOM, done))
    assert lanes.promised == ROOM
    await asyncio.wait([asyncio.create_task(done.wait())])
    assert (len(lanes), lanes.promised) == (1, 0)
    await lanes.settle()


@pytest.mark.parametrize("many", [0, ROOM - 1])
async def test_a_batch_that_found_less_than_it_had_room_for_ends_the_backlog(many: int) -> None:
    lanes, done = Lanes(), asyncio.Event()
    done.set()
    await lanes.add(ROOM, found(many, done))
    assert not await lanes.settle()


async def test_the_fault_of_one_is_told_and_gives_up_the_others() -> None:
    lanes, never = Lanes(), asyncio.Event()

    async def failing() -> int:
        raise ConnectionError("cut")

    for _ in range(LANES - 1):
        await lanes.add(ROOM, found(ROOM, never))
    with pytest.raises(ConnectionError):
        await lanes.add(ROOM, failing())
    assert len(lanes) == 0


async def test_who_is_interrupted_while_waiting_leaves_no_batch_behind() -> None:
    lanes, never = Lanes(), asyncio.Event()
    await lanes.add(ROOM, found(ROOM, never))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await lanes.settle()
    assert len(lanes) == 0
