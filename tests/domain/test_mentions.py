"""Mentions: who is meant by an `@`, and how they hear of it."""

import pytest

from gateway.domain.case_ways import when_sent
from gateway.domain.casebook import Casebook
from gateway.domain.casework import Comment, do
from gateway.domain.matters import Result
from gateway.domain.mentions import meant
from tests.kit.cases import BOOK, CASE, DESK, case, item
from tests.kit.desk import NOON
from tests.kit.people import DAN


@pytest.mark.parametrize(
    ("text", "names", "unknown"),
    [
        ("@Sales, please look", ["Sales"], []),
        ("@sales @SALES", ["Sales"], []),
        ("(@O&M) and @workout   plans", ["O&M"], []),
        ("@Omnidian's note", ["O&M"], []),
        ("@Workout alone", [], ["Workout"]),
        ("mail sam@Sales.example", [], []),
        ("@Salesforce", [], ["Salesforce"]),
        ("@owner and @1204", ["1204"], []),
        ("@D-31 and @D-310", ["D-31"], ["D-310"]),
        ("@ Sales, @", [], []),
        ("@Ned.", [], ["Ned"]),
        ("@\u0131\u0130", [], ["\u0131\u0130"]),
    ],
)
def test_who_is_meant(text: str, names: list[str], unknown: list[str]) -> None:
    """S4-15, S4-23: teams by any of their names, people, the owner; not what is in an address."""
    found = meant(text, BOOK, "agent:1204")
    assert [one.name for one in found.mentions] == names
    assert list(found.unknown) == unknown


@pytest.mark.parametrize(
    "team", ["Sales", "Risk", "Revenue Protection", "O&M", "Compliance", "Legal"]
)
def test_every_team_of_the_rules_can_be_mentioned_at_once(team: str) -> None:
    """S4-15: before an operator has said whom a tag reaches, a lead hears of it."""
    (one,) = meant(f"@{team} look", Casebook(), "agent:1204").mentions
    assert (one.name, one.emails, one.sink) == (team, (), "lead")


def test_a_mention_leaves_by_email_without_the_words_or_rings_an_alert() -> None:
    """S4-15, S4-23: each address once a comment, under a name of its own."""
    said = "@Sales @owner @Legal: Hal is furious, again @Sales"
    written = do(case(), Comment(said), DESK, DAN, NOON)
    letters, alarms = written.letters, written.alarms
    assert [(one.name, one.to) for one in letters] == [
        ("mention:1:1", "sam@sales.example"),
        ("mention:1:2", "sue@sales.example"),
        ("mention:1:3", "amy@house.example"),
    ]
    assert "furious" not in f"{letters}{alarms}{item(written).text}{item(written).data}"
    assert DESK.link in letters[0].body
    assert [(one.sink, one.reason) for one in alarms] == [("dispatch", "mention")]
    again = do(written.facts, Comment("@Sales"), DESK, DAN, NOON)
    assert again.letters[0].name == "mention:2:1"


@pytest.mark.parametrize(
    ("name", "state", "told"),
    [
        ("mention:1:1", "sent", 0),
        ("mention:1:1", "failed", 1),
        ("mention:1:1", "unsure", 1),
        ("closing:1", "failed", 0),
    ],
)
def test_a_lead_hears_of_a_mention_that_did_not_leave(name: str, state: str, told: int) -> None:
    """S4-15."""
    alarms = when_sent(case(), name, Result(state), NOON).alarms  # type: ignore[arg-type]
    assert len(alarms) == told
    assert all(str(CASE) in one.text for one in alarms)
