"""Questions that come together are asked together, and each hears its own answer."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from gateway.store.lookups import Lookups
from gateway.store.pool import Connection, Pool


class Book:
    """Knows even numbers; notes what it was asked, and fails when it is asked for 13."""

    def __init__(self) -> None:
        self.asked: list[Sequence[int]] = []

    async def look(self, _conn: Connection, keys: Sequence[int]) -> Mapping[int, str]:
        self.asked.append(keys)
        if 13 in keys:
            raise LookupError("13")
        return {key: str(key) for key in keys if not key % 2}


async def test_many_questions_are_one_statement_or_two(pool: Pool) -> None:
    book = Book()
    lookups = Lookups(pool, book.look)
    heard = await asyncio.gather(*(lookups.find(n // 2) for n in range(0, 200, 4)))
    assert heard == [str(n // 2) for n in range(0, 200, 4)]
    assert await lookups.find(7) is None
    assert len(book.asked) <= 3


async def test_a_fault_is_told_to_who_asked_and_to_nobody_later(pool: Pool) -> None:
    lookups = Lookups(pool, Book().look)
    with pytest.raises(LookupError):
        await lookups.find(13)
    assert await lookups.find(14) == "14"


async def test_who_goes_away_takes_nothing_from_others(pool: Pool) -> None:
    lookups = Lookups(pool, Book().look)
    one, other = (asyncio.create_task(lookups.find(2)) for _ in range(2))
    await asyncio.sleep(0)  # noqa: TID251 - both have asked
    one.cancel()
    assert await other == "2"
