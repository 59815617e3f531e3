"""A hand-off whose mails are refused: nobody is forgotten, and no ticket is stuck for ever."""

from datetime import timedelta

import pytest

from gateway.domain import handoffs
from gateway.domain.handoff_facts import TicketState
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
    edited = handoffs.edit(refused, {"email": "dana@right.example", "phone": "+12025550143"})
    (letter,) = STEPS[step](edited.facts, START + HOUR).letters
    assert letter.to == "dana@right.example"
    assert edited.facts.caller.phone == "+12025550143"
    (item,) = edited.items
    assert "dana@right" not in f"{item.text}{item.data}"
    assert item.words
    assert "dana@right.example" in item.words
    assert not handoffs.edit(edited.facts, {"email": "dana@right.example"}).items


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
    fields = {"status": "call Dana", "type": "Support Assistance"}
    (item,) = handoffs.edit(walked("note"), fields).items
    assert item.data == {"fields": "status, type", "type": "Support Assistance"}
    assert item.words == "status: call Dana"
