"""Homeowner and installer cases: what one must have, and what has to be confirmed."""

from dataclasses import replace

import pytest

from gateway.domain.casebook import Casebook
from gateway.domain.organizations import Contract, ends
from gateway.domain.support import Known
from tests.kit.cases import ACTIVE, SUNNY, item, not_opened, opening, request

ENDED = replace(ACTIVE, state="cancelled")
STRICT = Casebook(unknown_installers="refuse")
AT_SUNNY = Known(organization=SUNNY)


def test_a_case_is_its_creators_and_keeps_what_the_form_asked() -> None:
    """S4-09, S4-26: the owner is who opened it; the words stand apart so that they can go."""
    written = opening(request(installer="Sunny Roofs", installer_contact="Rita Rep"))
    case, support = written.facts, written.facts.support
    assert (case.owner, case.created_by, case.status) == ("agent:1204", "agent:1204", "open")
    assert support
    assert (support.contact_name, support.installer_contact) == ("Hal Home", "Rita Rep")
    assert "description: It leaks." in (item(written).words or "")
    assert "leaks" not in f"{item(written).text}{item(written).data}"


def test_what_was_resolved_on_the_interaction_makes_no_case() -> None:
    """S4-01."""
    assert not_opened(request(resolved=True)) == "resolved"


@pytest.mark.parametrize(
    ("contracts", "chosen"),
    [
        ((), None),
        ((Contract("C-1", "Active"), ENDED), "C-1"),
        ((ENDED,), None),
        ((Contract("C-1", "active"), Contract("C-2", "active")), None),
    ],
)
def test_a_homeowners_case_stands_under_a_contract(
    contracts: tuple[Contract, ...], chosen: str | None
) -> None:
    """S4-05, S4-06: asked for none, it is the active one; none or two of them are no answer."""
    asked, known = request(contract=None, homeowner="home-1"), Known(contracts=contracts)
    if chosen is None:
        assert not_opened(asked, known) == "no_contract"
    else:
        support = opening(asked, known).facts.support
        assert support
        assert (support.contract, support.parent) == (chosen, "contract")


@pytest.mark.parametrize(
    "state", ["cancelled", "Canceled", "pending_cancellation", "Pending cancellation"]
)
def test_a_contract_that_ends_has_to_be_meant(state: str) -> None:
    """S4-07: refused at first, taken with confirm, and on record who meant it."""
    asked = request(contract=replace(ACTIVE, state=state))
    assert not_opened(asked) == "confirm_contract_state"
    support = opening(replace(asked, confirm=True)).facts.support
    assert support
    assert (support.contract_state, support.confirmed_by) == (state, "agent:1204")


def test_the_register_knows_better_that_a_contract_ends() -> None:
    """S4-07: what the asker sees may be old; an active one that is confirmed is nobody's word."""
    assert not_opened(request(), Known(contract=ENDED)) == "confirm_contract_state"
    support = opening(request(confirm=True), Known(contract=ACTIVE)).facts.support
    assert support
    assert support.confirmed_by is None


@pytest.mark.parametrize(
    ("changes", "known", "book", "outcome"),
    [
        ({"parent": "account"}, AT_SUNNY, Casebook(), "no_installer_contact"),
        ({}, AT_SUNNY, Casebook(), "no_installer_contact"),
        ({"parent": "account", "installer_contact": "rita rep"}, AT_SUNNY, STRICT, "Rita Rep"),
        ({"parent": "account", "installer_contact": "rep1"}, AT_SUNNY, STRICT, "Rita Rep"),
        (
            {"parent": "account", "installer_contact": "Ned New"},
            AT_SUNNY,
            Casebook(),
            "no_installer_contact",
        ),
        ({"parent": "contact", "contact_name": "Rita Rep"}, AT_SUNNY, Casebook(), "Rita Rep"),
        (
            {"parent": "contact", "contact_name": "Ned New"},
            AT_SUNNY,
            Casebook(),
            "no_installer_contact",
        ),
        ({"parent": "account", "installer_contact": "Ned New"}, Known(), Casebook(), "Ned New"),
        (
            {"parent": "account", "installer_contact": "Ned New"},
            Known(),
            STRICT,
            "no_installer_contact",
        ),
    ],
)
def test_an_installers_case_has_a_contact_that_exists(
    changes: dict[str, object], known: Known, book: Casebook, outcome: str
) -> None:
    """S4-10, S4-11, S4-12: under the account or the contact; a case creates no contact."""
    asked = request(type="installer", contract=None, installer="Sunny Roofs", **changes)
    if outcome == "no_installer_contact":
        assert not_opened(asked, known, book) == outcome
    else:
        support = opening(asked, known, book).facts.support
        assert support
        assert (support.parent, support.installer_contact) == (changes["parent"], outcome)


def test_a_case_shows_who_looks_after_its_organization() -> None:
    """S4-13: homeowner, contract, organization, and its two people."""
    support = opening(request(), Known(contract=ACTIVE, organization=SUNNY)).facts.support
    assert support
    assert (support.homeowner, support.organization) == ("home-1", "Sunny Roofs")
    assert (support.account_manager, support.sales_manager) == ("Ada Account", "Saul Sales")


def test_contract_and_request_type_keep_a_second_case_from_being_opened() -> None:
    """S4-02: however they are spelled; another type, or no contract, is another case."""
    first = opening(request()).facts.subject
    again = opening(request(contract=replace(ACTIVE, id="c-1 "), request_type="repair")).facts
    assert first is not None
    assert again.subject == first
    assert opening(request(request_type="Billing")).facts.subject != first
    lone = request(type="installer", contract=None, installer_contact="Ned New")
    assert opening(lone).facts.subject is None


@pytest.mark.parametrize(
    ("state", "ending"),
    [
        *((one, True) for one in ("Cancelled", "pending-cancellation", "cancel pending")),
        *((one, True) for one in ("Pending Cancelled", "CANCELLATION_PENDING")),
        *((one, False) for one in ("active", "pending", "", None)),
    ],
)
def test_however_a_cancellation_is_put_it_is_warned_of(state: str | None, ending: bool) -> None:
    """S4-07."""
    assert ends(state) is ending


def test_what_is_typed_freely_into_the_form_can_be_erased() -> None:
    """CONTRACT section 7: items hold no details."""
    one = item(opening(request(request_type="Hal's roof")))
    assert "Hal" not in str(one.data)
    assert "Hal's roof" in (one.words or "")
