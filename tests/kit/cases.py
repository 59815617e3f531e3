"""Cases in tests: one opened by Amy, and what came of a step."""

from uuid import UUID

import pytest

from gateway.domain.casebook import Casebook, Tag
from gateway.domain.cases import Case
from gateway.domain.casework import Answer, Assign, Desk, Step, do
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.matters import Item, Written
from gateway.domain.organizations import Contract, Organization, Worker
from gateway.domain.support import Known, Request, opened
from tests.kit.desk import NOON
from tests.kit.people import AMY

CASE = UUID(int=4)
BOOK = Casebook(
    tags=(
        Tag("Sales", emails=("sam@sales.example", "sue@sales.example")),
        Tag("O&M", also=("Omnidian", "Workout Plans"), emails=("om@omnidian.example",)),
        Tag("Legal", sink="dispatch"),
    ),
    people={"1204": "amy@house.example", "D-31": "dan@house.example"},
)
DESK = Desk(BOOK, "https://x.example/v1/cases/4")
SUNNY = Organization(
    "sunny", "Sunny Roofs", "Ada Account", "Saul Sales", (Worker("rep1", "Rita Rep"),)
)
ACTIVE = Contract("C-1", "active", "home-1", "sunny")


def request(**changes: object) -> Request:
    """Return a homeowner's request under the active contract, changed as named."""
    usual = {
        "type": "homeowner",
        "contact_name": "Hal Home",
        "request_type": "Repair",
        "subtype": "Roof",
        "description": "It leaks.",
        "source": "phone",
        "contract": ACTIVE,
    }
    return Request(**{**usual, **changes})  # type: ignore[arg-type]


def opening(asked: Request, known: Known | None = None, book: Casebook = BOOK) -> Written[Case]:
    """Open a case as Amy."""
    return opened(CASE, asked, (known or Known(), book), AMY, NOON)


def case(**known: object) -> Case:
    """Return a case just opened."""
    return opening(request(), Known(**known)).facts  # type: ignore[arg-type]


def after(one: Case, *steps: tuple[Step, Person]) -> Case:
    """Return the case after these steps."""
    for step, who in steps:
        one = do(one, step, DESK, who, NOON).facts
    return one


def refusal(one: Case, step: Step, who: Person = AMY) -> str:
    """Return by which code a step is refused."""
    with pytest.raises(RefusedError) as refused:
        do(one, step, DESK, who, NOON)
    return refused.value.code


def not_opened(asked: Request, known: Known | None = None, book: Casebook = BOOK) -> str:
    """Return by which code an opening is refused."""
    with pytest.raises(RefusedError) as refused:
        opening(asked, known, book)
    return refused.value.code


def item(written: Written[Case]) -> Item:
    """Return the one item that a step wrote."""
    (only,) = written.items
    return only


def sent_back(one: Case, team: str = "Resolution Specialist", state: str = "returned") -> Case:
    """Return the case with an assignment that the team has sent back."""
    one = after(one, (Assign(team, "Leak", "Look at it."), AMY))
    n = len(one.work.assignments)
    return after(one, (Answer(n, state, "Not ours."), AMY))  # type: ignore[arg-type]
