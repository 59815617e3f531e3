"""A measurement of many parts tells what it could, and names what it could not."""

import time

import pytest

from gateway.rehearsal.scenario import read_scenarios
from tests.bench.course import FULL, Course
from tests.bench.figures import Figures
from tests.bench.night import written
from tests.bench.parts import each


def _course(seconds: float = 60) -> Course:
    return Course("", FULL, time.perf_counter() + seconds)


async def _quick(_course: Course) -> Figures:
    return {"quick, s": 1.0}


async def _broken(_course: Course) -> Figures:
    raise RuntimeError("it was asked for much\nit refused")


async def _slow(_course: Course) -> Figures:
    return {"slow, s": 9.0}


async def test_a_part_that_fails_is_named_and_costs_no_other_its_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parts = {"first": _quick, "second": _broken, "third": _slow}

    found, missing = await each(parts, _course(), least=1)

    assert found == {"quick, s": 1.0, "slow, s": 9.0}
    assert missing == {"not measured: second": "RuntimeError: it refused"}
    assert "it was asked for much" in capsys.readouterr().err, "the whole of it is told as well"


async def test_a_part_that_no_time_is_left_for_is_named_and_not_begun() -> None:
    found, missing = await each({"late": _broken}, _course(seconds=5), least=9)

    assert not found
    assert missing == {"not measured: late": "no time was left"}


def test_a_whole_day_of_many_accounts_is_a_scenario_the_product_reads() -> None:
    accounts, messages = FULL.night

    (day,) = read_scenarios(written(accounts, messages).decode(), "night.json")

    assert len(day.accounts) == accounts
    assert len(day.events) == messages
