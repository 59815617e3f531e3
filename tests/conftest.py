"""Fixtures for every test, each of which lives in the kit; and what is begun first."""

from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import HealthCheck, settings

# What is true does not depend on how fast this host is.
settings.register_profile("any host", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any host")

pytest_plugins = ["tests.kit.postgres"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests whatever the order: one a worker, a quick one after it.

    Those that start processes are spread over all but the end, where nobody should wait for one.
    """
    longest, others = _parted(items, "longest")
    early, late = others[: len(others) * 3 // 4], others[len(others) * 3 // 4 :]
    slow, quick = _parted(late, "slow")
    items[:] = _alternating(longest, [*_alternating(slow, early), *quick])


def _parted(items: list[pytest.Item], mark: str) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return those with a mark, and those without, each in their order."""
    marked = [one for one in items if one.get_closest_marker(mark)]
    return marked, [one for one in items if not one.get_closest_marker(mark)]


def _alternating(some: list[pytest.Item], others: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield one of each kind in turn, and then what is left of the others."""
    rest = iter(others)
    for one in some:
        yield one
        yield from islice(rest, 1)
    yield from rest
