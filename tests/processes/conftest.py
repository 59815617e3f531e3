"""A house for each test, and what must hold of whatever any of its processes printed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.nursery import Nursery
from tests.kit.programs import Daemon
from tests.kit.real_house import RealHouse, account, assert_discreet, standing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts several processes."""
    for item in items:
        if "tests/processes/" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Start the process that daemons and carriers are forked from."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def house(database: str, tmp_path: Path, nursery: Nursery) -> Iterator[RealHouse]:
    """Give a database, a carrier and an ear for alerts; nothing secret is ever printed."""
    with standing(database, tmp_path, nursery) as made:
        yield made
    assert_discreet(made)


@pytest.fixture
def daemon(house: RealHouse) -> Daemon:
    """Start a daemon with Northside's account in it."""
    made = house.daemon()
    made.start()
    house.carrier.ask("public", {"url": made.url})
    made.put(account())
    return made
