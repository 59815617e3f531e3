"""Each scenario beside this file promises one behaviour and holds."""

from pathlib import Path

import pytest

from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios

HERE = Path(__file__).parent
STORIES = sorted(HERE.glob("*.yaml"))


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
async def test_the_story_holds(path: Path, database: str) -> None:
    (scenario,) = read_scenarios(path.read_text(encoding="utf-8"), path.name)
    outcome = await rehearse(scenario, database)
    assert outcome.faults == ()


@pytest.mark.parametrize("path", STORIES, ids=[path.stem for path in STORIES])
def test_the_story_says_what_it_promises_and_where_that_is_asked_for(path: Path) -> None:
    words = path.read_text(encoding="utf-8").partition("name:")[0]
    assert words.startswith("# ")
    assert "Covers " in words
