"""Each scenario beside this file promises one behaviour and holds."""

from pathlib import Path

import pytest

from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios

HERE = Path(__file__).parent
STORIES = sorted(HERE.glob("*.yaml"))


def words_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
async def test_the_story_holds(path: Path, database: str) -> None:
    (scenario,) = read_scenarios(words_of(path), path.name)
    outcome = await rehearse(scenario, database)
    assert outcome.faults == ()
    assert outcome.differs == ()


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
def test_the_story_says_first_what_it_promises(path: Path) -> None:
    assert words_of(path).startswith("# ")
