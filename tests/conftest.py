"""Fixtures for every test, each of which lives in the kit; and what is begun first."""

from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.kit.postgres"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests whatever the order: one a worker, a quick one after it."""
    longest = [one for one in items if one.get_closest_marker("longest")]
    quick = iter([one for one in items if not one.get_closest_marker("longest")])
    items[:] = [*_alternating(longest, quick), *quick]


def _alternating(longest: list[pytest.Item], quick: Iterator[pytest.Item]) -> Iterator[pytest.Item]:
    for one in longest:
        yield one
        yield from (another for another in [next(quick, None)] if another is not None)
