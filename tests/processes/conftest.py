"""A house for each test, and what must hold of whatever any of its processes printed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.real_house import ADMIN, WORDS, Daemon, RealHouse, account, standing
from tests.kit.nursery import Nursery

_FULL_NUMBER = re.compile(r"(\+|%2B)[1-9][0-9]{6,}")
_LINK = re.compile(r"/m/[A-Za-z0-9_-]{16,}")


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
    for one in made.daemons:
        said = one.process.said()
        for secret in (ADMIN, WORDS, "Bearer", "X-Twilio-Signature"):
            assert secret not in said
        assert not _FULL_NUMBER.search(said), _FULL_NUMBER.findall(said)
        assert not _LINK.search(said)
        assert "Traceback" not in said, said[said.index("Traceback") - 2000 :][:6000]


@pytest.fixture
def daemon(house: RealHouse) -> Daemon:
    """Start a daemon with Northside's account in it."""
    made = house.daemon()
    made.start()
    house.carrier.ask("public", {"url": made.url})
    made.put(account())
    return made
