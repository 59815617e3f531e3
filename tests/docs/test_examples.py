"""The accounts of the manual load as they stand, and their rehearsals play just those."""

from pathlib import Path

import pytest
import yaml

from gateway.cli.soundness import faults_of
from gateway.clock import SystemClock
from gateway.domain.document_files import read_documents
from gateway.domain.documents import compile_account
from gateway.rehearsal.run import rehearse
from gateway.rehearsal.scenario import read_scenarios
from tests.docs.reader import TOP

EXAMPLES = TOP / "deploy/examples"
NAMES = ["northside", "riverside", "elmstreet", "parkside"]
# Whoever is on call by text only at night is no fault of these.
HARD = "fail"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_whole(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    (document,) = read_documents(path.read_text(encoding="utf-8"), str(path))
    faults = faults_of(compile_account(document, name), SystemClock().now(), {})
    assert [one.words for one in faults if one.result == HARD] == []


@pytest.mark.parametrize("name", NAMES)
async def test_an_example_does_what_its_rehearsal_says(name: str, database: str) -> None:
    path = EXAMPLES / f"rehearsals/{name}.yaml"
    text = path.read_text(encoding="utf-8")
    document = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(text)["accounts"] == [document], "the rehearsal plays another account"
    (scenario,) = read_scenarios(text, str(path))
    outcome = await rehearse(scenario, database)
    assert outcome.faults == ()
    assert outcome.differs == ()


def test_the_page_shows_these_examples() -> None:
    page = Path(TOP / "docs/examples.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f'"deploy/examples/{name}.yaml"' not in page] == []
