"""A hand-off goes step by step; what is out of order names what is missing (S0-01 to S0-16)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain import handoff_form, handoffs
from gateway.domain.deeds import RefusedError
from gateway.domain.handoff_facts import Caller, Handoff, NotReadyError, Rules, TicketState
from gateway.domain.handoff_mails import when_sent
from gateway.domain.handoff_order import Step, next_step
from gateway.domain.matters import Result
from gateway.domain.wording.canned import CANNED, ESCALATION
from tests.domain.handoff_tickets import (
    AGENT,
    CALLER,
    FORM,
    LINK,
    RULES,
    START,
    STEPS,
    after,
    opened,
    walked,
)

NOTHING = "opened"
HOUR = timedelta(hours=1)
# How far a ticket is, and what it lacks for each step in their order: + it may be done,
# = it was done before and changes nothing, else the first thing that is missing.
STEPS_IN_ORDER = ("call-ended", "note", "product", "customer-update", "ack", "closing", "resolve")
TABLE = """
opened          + call_ended call_ended call_ended call_ended      call_ended      call_ended
call-ended      = +          note       note       note            note            note
note            = +          contact    contact    contact         contact         contact
form            = +          +          product    product         product         product
product         = +          =          +          customer_update customer_update customer_update
customer-update = +          =          =          +               ack             ack
ack             = +          =          =          =               +               closing
closing         = +          =          =          =               =               closing_accepted
closing-taken   = +          =          =          =               =               +
resolve         = resolved   =          =          =               =               =
"""


def cells() -> list[tuple[str, str, str]]:
    """Return each cell: how far, which step, what becomes of it."""
    rows = [row.split() for row in TABLE.strip().splitlines()]
    return [(far, *one) for far, *row in rows for one in zip(STEPS_IN_ORDER, row, strict=True)]


@pytest.mark.parametrize(("far", "step", "expected"), cells())
def test_each_step_needs_those_before_it(far: str, step: str, expected: str) -> None:
    """S0-04, S0-06, S0-11, S0-13, S0-14, S0-15, S0-16: every state with every action."""
    ticket = opened() if far == NOTHING else walked(far)
    now = START + HOUR

    if expected in {"+", "="}:
        written = STEPS[step](ticket, now)
        assert bool(written.items) is (expected == "+")
        assert (written.facts == ticket) is (expected == "=")
    elif expected == "resolved":
        with pytest.raises(RefusedError) as refused:
            STEPS[step](ticket, now)
        assert refused.value.code == "already_resolved"
    else:
        with pytest.raises(NotReadyError) as early:
            STEPS[step](ticket, now)
        assert early.value.code == "not_ready"
        assert early.value.missing[0] == expected
        assert f"{expected}: " in str(early.value)


@pytest.mark.parametrize("field", sorted(FORM.keys() - {"company"}))
def test_the_product_waits_for_every_field(field: str) -> None:
    """S0-05, S0-08, S0-09, S0-10, S0-12: none empty, four with the very words of the manual."""
    whole = walked("form")
    empty = None if field != "status" else "Open"

    for wrong in (empty, FORM[field].lower() if field in handoff_form._SETTLED else " "):  # noqa: SLF001
        with pytest.raises(NotReadyError) as early:
            STEPS["product"](replace(whole, **{field: wrong}), START + HOUR)
        assert early.value.missing == (field,)


@pytest.mark.parametrize("company", ["Accurence", "ACCURENCE", "Allstate"])
def test_no_ticket_begins_with_its_product(company: str) -> None:
    """S0-01: the product of an Accurence ticket stays empty, and so does everybody's."""
    caller = CALLER._replace(company=company)
    opening = handoffs.Opening(opened().id, caller, product="Dispatch")
    with pytest.raises(NotReadyError) as early:
        handoffs.open_ticket(opening, AGENT, RULES, START)
    assert early.value.missing[0] == "call_ended"
    ticket = opened(caller=caller)
    assert ticket.product is None
    with pytest.raises(NotReadyError):
        handoff_form.edit(ticket, {"product": "Dispatch"})
    with pytest.raises(NotReadyError, match="set by the step product"):
        handoff_form.edit(walked("form"), {"product": "Dispatch"})


def test_the_last_note_of_two_is_what_the_product_team_reads() -> None:
    """S0-07, S0-11: the note at the very instant; a later one changes nothing any more."""
    ticket = handoffs.publish(walked("form"), "Second: it is error 8.", START + HOUR).facts
    written = STEPS["product"](ticket, START + HOUR)

    (letter,) = written.letters
    assert (letter.name, letter.way, letter.to) == ("product", "email", RULES.mailbox)
    assert letter.body.startswith("Second: it is error 8.\n\n____")
    assert "Error 7" not in letter.body
    assert LINK.link in letter.body
    later = handoffs.publish(written.facts, "Third.", START + 2 * HOUR)
    assert not later.letters
    assert not STEPS["product"](later.facts, START + 2 * HOUR).letters


def test_a_note_is_later_than_the_call_by_record() -> None:
    """S0-06: also when both come at one instant."""
    ended = handoffs.end_call(opened(), START).facts
    noted = handoffs.publish(ended, "At once.", START).facts
    assert noted.noted_at
    assert ended.call_ended_at
    assert noted.noted_at > ended.call_ended_at


def test_the_customer_gets_one_mail_of_each_kind_in_versioned_words() -> None:
    """S0-13, S0-15: /dispatch update and /dispatch resolve; history names name and version."""
    told = STEPS["customer-update"](walked("product"), START + HOUR)
    closed = STEPS["closing"](walked("ack"), START + HOUR)
    for written, name, wording in (
        (told, "update", "/dispatch update"),
        (closed, "closing", "/dispatch resolve"),
    ):
        (letter,), (item,) = written.letters, written.items
        canned = CANNED[wording]
        assert (letter.name, letter.to) == (name, CALLER.email)
        assert item.data["wording"] == f"{wording} {canned.version}"
        assert "Dana Doe" in letter.body
        assert "$" not in letter.subject + letter.body


def test_the_escalation_text_asks_for_the_five_fields() -> None:
    """S0-02: full name, company, phone number, e-mail address, issue."""
    asked = [line.partition(":")[0].split(" (")[0] for line in ESCALATION.body.splitlines()]
    assert asked == ["Full name", "Company", "Phone number", "Email address", "Issue / question"]
    assert Caller._fields == ("full_name", "company", "phone", "email", "issue")


@pytest.mark.parametrize(
    ("minutes", "reminded"), [(0, False), (239, False), (240, True), (3000, True)]
)
def test_a_lead_is_reminded_while_the_product_team_is_silent(minutes: int, reminded: bool) -> None:
    """S0-14: to the minute, again and again, and the ticket never closes by itself."""
    handed = walked("customer-update")
    assert handed.product_at
    assert handed.clock == handed.product_at + timedelta(hours=4)
    now = handed.product_at + timedelta(minutes=minutes)
    written = handoffs.when_due(handed, now)

    assert [alarm.reason for alarm in written.alarms] == ["handoff_unconfirmed"] * reminded
    assert written.next_at == (now + timedelta(hours=4) if reminded else handed.clock)
    assert written.facts.state is TicketState.AWAIT_PRODUCT_ACK
    acked = after(written.facts, "ack", now=now)
    assert handoffs.when_due(acked, now + timedelta(days=30)).items == ()
    assert (acked.clock, acked.resolved_at) == (None, None)


def test_the_product_teams_own_click_counts_whenever_it_comes() -> None:
    """S0-14: before the customer was written to, too; twice is once."""
    clicked = handoffs.confirm(walked("product"), START + HOUR)
    assert clicked.items[0].actor == "contact:product"
    assert clicked.facts.state is TicketState.ACKNOWLEDGED
    assert handoffs.confirm(clicked.facts, START + 2 * HOUR).items == ()
    with pytest.raises(NotReadyError) as early:
        STEPS["closing"](clicked.facts, START + 2 * HOUR)
    assert early.value.missing == ("customer_update",)
    assert handoffs.confirm(walked("form"), START).items == ()


def test_a_major_incident_is_told_and_never_handed_off() -> None:
    """S0-03: from the start, or once it turns out; it is closed with the customer alone."""
    opening = handoffs.Opening(opened().id, CALLER, major_incident=True)
    at_once = handoffs.open_ticket(opening, AGENT, RULES, START)
    found_out = handoff_form.edit(walked("form"), {}, incident=True)
    for written in (at_once, found_out):
        (alarm,) = written.alarms
        assert (alarm.sink, alarm.reason) == ("incident", "major_incident")
        assert written.items[-1].kind == "handoff.diverted"
    assert handoff_form.edit(found_out.facts, {}, incident=True).alarms == ()
    for step in ("product", "customer-update", "ack"):
        with pytest.raises(NotReadyError) as early:
            STEPS[step](found_out.facts, START + HOUR)
        assert early.value.missing[0] == "no_major_incident"

    rest = ("closing", "closing-taken", "resolve")
    assert after(found_out.facts, *rest).state is TicketState.RESOLVED
    with pytest.raises(NotReadyError) as open_call:
        STEPS["closing"](at_once.facts, START + HOUR)
    assert open_call.value.missing == ("call_ended", "note")


@pytest.mark.parametrize(
    ("name", "far", "step"),
    [
        ("product", "product", "product"),
        ("update", "customer-update", "customer-update"),
        ("closing", "closing", "closing"),
    ],
)
def test_a_mail_that_certainly_did_not_leave_is_told_and_may_be_asked_for_again(
    name: str, far: str, step: str
) -> None:
    """S0-11, S0-13, S0-16: one accepted mail each, however often the server refused."""
    refused = when_sent(walked(far), name, Result("failed", "550 no such user"), START + HOUR)
    assert refused.alarms[0].reason == "handoff_mail_failed"
    again = STEPS[step](refused.facts, START + HOUR)
    assert [letter.name for letter in again.letters] == [f"{name}:2"]
    assert when_sent(again.facts, name, Result("sent"), START + HOUR).facts == again.facts
    taken = when_sent(again.facts, f"{name}:2", Result("sent"), START + HOUR)
    assert not STEPS[step](taken.facts, START + HOUR).letters


def test_a_mail_that_may_have_left_is_not_sent_again_by_itself() -> None:
    """S0-11: the product team is never written to twice; a closing mail only if asked for."""
    unsure = when_sent(walked("product"), "product", Result("unsure"), START + HOUR)
    assert unsure.alarms[0].reason == "handoff_mail_unsure"
    assert not STEPS["product"](unsure.facts, START + HOUR).letters
    assert unsure.facts.unconfirmed
    closing = when_sent(walked("closing"), "closing", Result("unsure"), START + HOUR).facts
    with pytest.raises(NotReadyError) as early:
        STEPS["resolve"](closing, START + HOUR)
    assert early.value.missing == ("closing_accepted",)
    assert [one.name for one in STEPS["closing"](closing, START + HOUR).letters] == ["closing:2"]


def test_what_the_hand_off_rests_on_stays_and_the_rest_may_be_corrected() -> None:
    """S0-08, S0-16: no field ends the ticket but the last step."""
    handed = walked("product")
    assert handoff_form.edit(handed, {"contact": "Eve Ely"}).facts.contact == "Eve Ely"
    assert handoff_form.edit(handed, FORM).items == ()
    for field, incident in (("status", False), ("waiting_on", False), ("", True)):
        changes = {field: "Open"} if field else {}
        with pytest.raises(RefusedError) as refused:
            handoff_form.edit(handed, changes, incident=incident)
        assert refused.value.code == "already_handed_off"
    with pytest.raises(NotReadyError) as early:
        handoff_form.edit(handed, {"status": "Resolved"})
    assert (early.value.missing[-1], early.value.more["step"]) == ("closing_accepted", "resolve")
    with pytest.raises(RefusedError, match="resolved"):
        handoff_form.edit(walked("resolve"), {"contact": "Eve Ely"})


def test_history_keeps_what_people_wrote_apart() -> None:
    edited = handoff_form.edit(opened(), {**FORM, "contact": "Eve Ely"}).items[0]
    assert "Eve Ely" not in str(edited.data) + edited.text
    assert edited.words
    assert "contact: Eve Ely" in edited.words
    assert edited.data["type"] == "Support Assistance"


def test_final_resolution_may_also_be_asked_for_after_the_product() -> None:
    """S0-12: listed after the product; by default it precedes it, a setting says otherwise."""
    late = Rules(RULES.mailbox, 4, resolution_first=False)
    form = {name: value for name, value in FORM.items() if name != "final_resolution"}
    ticket = handoff_form.edit(after(opened(rules=late), "call-ended", "note"), form).facts
    acked = after(ticket, "product", "customer-update", "ack")
    with pytest.raises(NotReadyError) as early:
        STEPS["closing"](acked, START + HOUR)
    assert early.value.missing == ("final_resolution",)
    assert after(handoff_form.edit(acked, FORM).facts, "closing").closing_mail


def test_a_hand_off_needs_a_mailbox() -> None:
    """S0-11: the ticket is not ready, and the refusal names the setting."""
    with pytest.raises(NotReadyError, match="HANDOFF_PRODUCT_EMAIL") as refused:
        handoffs.hand_off(walked("form"), LINK, Rules(None, 4), START)
    assert refused.value.missing == ("product_mailbox",)


def test_the_next_step_is_always_named() -> None:
    wanted = {
        "call-ended": Step.NOTE,
        "note": Step.PRODUCT,
        "product": Step.CUSTOMER_UPDATE,
        "customer-update": Step.ACK,
        "ack": Step.CLOSING,
        "closing": Step.RESOLVE,
        "resolve": None,
    }
    assert {far: next_step(walked(far)) for far in wanted} == wanted
    assert next_step(opened(incident=True)) is Step.NOTE


def test_a_ticket_reads_back_as_it_was_written() -> None:
    for ticket in (opened(), walked("resolve")):
        stored = handoffs.WAYS.facts.dump_python(ticket, mode="json")
        back: Handoff = handoffs.WAYS.facts.validate_python(json.loads(json.dumps(stored)))
        assert back == ticket
