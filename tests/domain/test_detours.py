"""Detours: another channel, another person, or a wait, while calls or texts cannot be made."""

from datetime import datetime

from gateway.domain.change import CallOut, TextOut
from gateway.domain.events import Refusal
from gateway.domain.jobs import JobState
from gateway.domain.messages import Priority
from tests.kit.desk import later
from tests.kit.street import ANN, BOB, Street, compiled, protocol, roster, shift, street

SOON = later(seconds=5)
OFFICE = {"hours": "Mon-Fri 08:00-17:00", "phone": "+12025550199"}


def shut(one: Street, **channels: datetime) -> Street:
    """Have these channels shut from now on, each until an instant."""
    one.shut = channels
    return one


def test_who_cannot_be_called_is_texted_at_once_and_the_record_says_why() -> None:
    one = shut(street(), call=SOON)
    wire = one.step().wire
    assert isinstance(wire, TextOut)
    assert wire.to == ANN
    (sent,) = one.told("sms.sent")
    assert sent["data"]["reason"].endswith("no call can be placed now")
    assert one.last.method == "sms"


def test_a_text_that_stands_in_for_a_call_holds_the_round_for_two_minutes_only() -> None:
    one = shut(street(), call=later(hours=1))
    one.reach()
    assert one.job.due_at == later(minutes=2)
    one.wind(minutes=2)
    assert (one.reach().contact, one.last.method) == ("bob", "sms")


def test_who_cannot_be_texted_is_called_at_once() -> None:
    one = shut(street(compiled(**roster(shift("ann", status="sms")))), text=SOON)
    wire = one.step().wire
    assert isinstance(wire, CallOut)
    assert one.told("dial.started")[0]["data"]["reason"].endswith("no text can be sent now")


def test_a_text_stands_in_only_where_the_client_takes_a_reply_for_delivery() -> None:
    calls_only = compiled(**protocol(evidence=["key_press"]), permanent=[])
    one = shut(street(calls_only), call=SOON)
    assert one.step().wire is None
    assert one.job.next_at == later(minutes=1)


def test_the_next_person_has_the_turn_of_who_cannot_be_reached_and_keeps_theirs() -> None:
    mixed = roster(shift("ann"), shift("bob", "backup", "email"))
    contacts = {
        "ann": {"name": "Ann Ames", "phone": ANN},
        "bob": {"name": "Bob Bell", "phone": BOB, "email": "bob@northside.example"},
    }
    steps = protocol(evidence=["key_press", "email_accepted"])
    account = compiled(contacts=contacts, permanent=[], **mixed, **steps)
    one = shut(street(account), call=SOON)
    one.step()
    assert one.kinds()[-2:] == ["contact.skipped", "email.sent"]
    assert one.told("contact.skipped")[0]["data"]["reason"] == "carrier_down"
    shut(one)
    assert one.reach().contact == "ann"


def test_a_job_nobody_can_be_reached_for_waits_and_says_so_of_each_once() -> None:
    one = shut(street(), call=SOON, text=SOON)
    one.step()
    assert (one.job.state, one.job.next_at) == (JobState.PENDING, later(minutes=1))
    assert one.job.waits_for == "call"
    shut(one, call=later(seconds=15), text=later(seconds=15)).wind(seconds=5).step()
    passed = [item["data"]["contact"] for item in one.told("contact.skipped")]
    assert passed == ["ann", "bob", "cho"]
    assert one.attempts == {}
    shut(one).wind(seconds=10)
    assert one.reach().contact == "ann"


def test_an_emergency_that_waits_looks_as_soon_as_it_might_try_the_channel() -> None:
    one = shut(street(priority=Priority.EMERGENCY), call=SOON, text=SOON)
    one.step()
    assert one.job.next_at == SOON


def test_a_wait_for_a_carrier_ends_with_the_cue_in_a_leads_hands() -> None:
    one = shut(street(), call=later(minutes=20), text=later(minutes=20))
    one.step()
    assert one.job.next_at == later(minutes=15)
    one.wind(minutes=15).step()
    assert one.job.state is JobState.EXHAUSTED
    assert one.alerts() == ["exhausted"]
    assert one.job.due_at == later(minutes=15)


def test_what_the_carrier_refused_is_not_sent_again_while_it_takes_nothing() -> None:
    one = street()
    one.step()
    refused = Refusal(one.last.id, 20429, "too many requests", again=True, ours=False, after=2)
    one.tell(refused)
    shut(one, call=SOON, text=SOON).wind(seconds=2).step()
    assert one.told("dial.failed")[0]["data"]["reason"] == "carrier_down"
    assert one.job.waits_for == "call"
    shut(one).wind(seconds=5)
    assert one.reach().contact == "ann"
    assert one.dialed() == ["ann", "ann"]


def test_the_offices_line_is_never_texted() -> None:
    steps = [{"reach": "office"}]
    account = compiled(office=OFFICE, permanent=[], **protocol(steps=steps))
    one = shut(street(account), call=SOON)
    assert one.step().wire is None


def test_the_history_of_a_detour_is_a_chain() -> None:
    one = shut(street(), call=SOON)
    one.step()
    assert one.chain_holds()
