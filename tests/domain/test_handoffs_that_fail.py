"""A hand-off whose mails are refused: nobody is forgotten, and no ticket is stuck for ever."""

from datetime import timedelta

import pytest

from gateway.domain import handoff_form, handoffs
from gateway.domain.handoff_facts import NotReadyError, TicketState
from gateway.domain.handoff_mails import when_sent
from gateway.domain.matters import Result
from tests.domain.handoff_tickets import START, STEPS, after, walked

HOUR = timedelta(hours=1)
REFUSED = Result("failed", "550 no such user")


@pytest.mark.parametrize(
    ("name", "far", "step"), [("update", "customer-update", "customer-update"), ("closing",) * 3]
)
def test_a_wrong_address_is_put_right_and_the_next_mail_goes_there(
    name: str, far: str, step: str
) -> None:
    """S0-13, S0-16: else a ticket that was misheard on the phone could never end."""
    refused = when_sent(walked(far), name, REFUSED, START + HOUR).facts
    edited = handoff_form.edit(refused, {"email": "dana@right.example", "phone": "+12025550143"})
    (letter,) = STEPS[step](edited.facts, START + HOUR).letters
    assert letter.to == "dana@right.example"
    assert edited.facts.caller.phone == "+12025550143"
    item = edited.items[0]
    assert "dana@right" not in f"{item.text}{item.data}"
    assert item.words
    assert "dana@right.example" in item.words
    assert not handoff_form.edit(edited.facts, {"email": "dana@right.example"}).items


@pytest.mark.parametrize(
    ("name", "far", "step"), [("update", "customer-update", "customer-update"), ("closing",) * 3]
)
def test_a_mail_on_its_way_goes_to_the_address_that_was_put_right(
    name: str, far: str, step: str
) -> None:
    """S0-13, S0-15: at once where it still waits, else for whoever asks again; once to each."""
    right = {"email": "dana@right.example"}
    written = handoff_form.edit(walked(far), right)
    assert [(one.name, one.to) for one in written.letters][-1] == (f"{name}:2", right["email"])
    assert name in written.called_back
    assert written.items[-1].data == {"letter": f"{name}:2", "instead_of": name}
    assert not STEPS[step](written.facts, START + HOUR).letters
    late = when_sent(written.facts, name, REFUSED, START + HOUR).facts
    assert late == written.facts

    left = when_sent(walked(far), name, Result("sent"), START + HOUR).facts
    moved = handoff_form.edit(left, right)
    assert f"{name}:2" not in [one.name for one in moved.letters]
    (letter,) = STEPS[step](moved.facts, START + HOUR).letters
    assert (letter.name, letter.to) == (f"{name}:2", right["email"])
    again = STEPS[step](moved.facts, START + HOUR).facts
    assert not STEPS[step](again, START + HOUR).letters


@pytest.mark.parametrize("wrong", [{"status": "Pendign"}, {"type": "support assistance"}])
def test_the_words_are_exact_and_the_hand_off_names_what_is_not(wrong: dict[str, str]) -> None:
    """S0-08, S0-09."""
    ticket = handoff_form.edit(walked("form"), wrong).facts
    with pytest.raises(NotReadyError) as refused:
        STEPS["product"](ticket, START + HOUR)
    assert refused.value.missing == (*wrong,)


def test_a_ticket_that_lacks_nothing_is_told_which_step_sets_the_product() -> None:
    """S0-11."""
    with pytest.raises(NotReadyError) as own:
        handoff_form.edit(walked("form"), {"product": "Dispatch"})
    assert (own.value.missing, own.value.more["step"]) == (("product",), "product")


def test_a_lead_is_reminded_of_a_hand_off_that_did_not_leave() -> None:
    """S0-14: until the product is set again; a receipt of the lost one does not count then."""
    refused = when_sent(walked("product"), "product", REFUSED, START + HOUR).facts
    assert (refused.state, refused.clock is not None) == (TicketState.LOGGING, True)
    reminded = handoffs.when_due(refused, START + 9 * HOUR)
    assert "was not sent" in reminded.alarms[0].text
    assert reminded.next_at
    confirmed = handoffs.confirm(refused, START + HOUR).facts
    again = after(confirmed, "product")
    assert (again.state, again.acked_by) == (TicketState.AWAIT_PRODUCT_ACK, None)
    assert again.clock


def test_only_what_is_resolved_may_be_erased() -> None:
    assert [handoffs.WAYS.over(walked(far)) for far in ("closing", "resolve")] == [False, True]


def test_what_is_typed_into_a_field_of_the_manual_can_be_erased_unless_it_is_the_manuals() -> None:
    """S0-08: CONTRACT section 7 keeps details out of items."""
    fields = {"waiting_on": "call Dana", "type": "Support Assistance"}
    (item,) = handoff_form.edit(walked("note"), fields).items
    assert item.data == {"fields": "waiting_on, type", "type": "Support Assistance"}
    assert item.words == "waiting_on: call Dana"
