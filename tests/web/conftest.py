"""The API as it is served from a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from gateway.store.pool import Pool
from tests.kit.api import Api, serving


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    async with serving(pool) as served:
        yield served
