"""A store with one account on its shelf."""

from collections.abc import AsyncIterator

import pytest

from gateway.store.pool import Pool
from tests.kit.desk import document
from tests.kit.shelf import Shelf


@pytest.fixture
async def shelf(pool: Pool) -> AsyncIterator[Shelf]:
    async with pool.acquire() as conn:
        one = Shelf(conn)
        await one.load(document("7001"))
        yield one
