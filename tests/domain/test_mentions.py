"""Mentions: who is meant by an `@`, and how they hear of it."""

from dataclasses import replace
from time import process_time

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
        ("@agent:1204, @AGENT:1204", ["1204"], []),
        ("@dispatcher:D-31 and @lead:L-7: look", ["D-31", "L-7"], []),
        ("@D-9 @dispatcher:D-9.", ["D-9"], []),
        ("@@sales @nobody:else", ["Sales"], ["nobody:else"]),
        ("@\u0131\u0130", [], ["\u0131\u0130"]),
    ],
)
def test_who_is_meant(text: str, names: list[str], unknown: list[str]) -> None:
    """S4-15, S4-23: teams by any of their names, people, the owner; not what is in an address."""
    found = meant(text, BOOK, "agent:1204", ["dispatcher:D-9"])
    assert [one.name for one in found.mentions] == names
    assert list(found.unknown) == unknown


@pytest.mark.parametrize(
    "text", ["@" * 20_000, "@p " * 6_600, "@D-1 " * 4_000, "@D-19999 " * 2_200]
)
def test_a_comment_takes_time_by_its_length_and_not_by_the_people_there_are(text: str) -> None:
    """S4-23: nothing else goes on meanwhile; a regular expression of the names took minutes."""
    book = Casebook(people={f"D-{n} {'x' * (n % 40)}": f"d{n}@house.example" for n in range(2_000)})
    began = process_time()
    meant(text, book, "agent:1204")
    assert process_time() - began < 1


def test_words_that_nobody_goes_by_and_people_without_an_address_ring_a_lead() -> None:
    """S4-23: @person is any user; what was typed is read in the case only."""
    written = do(case(), Comment("@Hal @L-7 and @agent:77"), DESK, DAN, NOON)
    (person, rest) = written.alarms
    assert (person.sink, person.reason) == ("lead", "mention")
    assert person.text.startswith("77: ")
    assert (rest.sink, rest.reason) == ("lead", "mention_unknown")
    assert " 2 " in rest.text
    assert DESK.link in rest.text
    assert "Hal" not in rest.text


def test_one_comment_writes_to_fifty_at_most() -> None:
    people = {f"p{n}": f"p{n}@house.example" for n in range(60)}
    desk = replace(DESK, book=Casebook(people=people))
    written = do(case(), Comment(" ".join(f"@{name}" for name in people)), desk, DAN, NOON)
    assert len(written.letters) == 50
    assert " 10 " in written.alarms[0].text


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
