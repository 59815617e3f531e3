"""E-mails on the street: they hold nothing unless told to, and never bring a round early."""

import pytest

from gateway.domain.change import MailOut
from gateway.domain.events import Doubt, MailAccepted, Refusal
from gateway.domain.jobs import JobState
from gateway.domain.messages import MessageState
from tests.kit.desk import later
from tests.kit.street import (
    ANN,
    Street,
    compiled,
    of,
    protocol,
    roster,
    shift,
    street,
)

TEXTED = {**roster(shift("ann", status="sms")), "permanent": []}


def refusal(one: Street, *, again: bool, ours: bool = False, after: float | None = None) -> Refusal:
    return Refusal(one.last.id, 20429, "too many requests", again, ours, after)


def mailed(**step: object) -> Street:
    """A street whose one on-call person is reached by e-mail."""
    ann = {"name": "Ann Ames", "phone": ANN, "email": "ann@northside.example"}
    steps = protocol(steps=[{"reach": "oncall", "by": "email", **step}])
    keys = {"contacts": {"ann": ann}, "permanent": [], **roster(shift("ann")), **steps}
    return street(compiled(**keys))


def test_an_email_step_without_a_wait_holds_nothing() -> None:
    one = mailed()
    one.step()
    assert isinstance(one.changes[-1].wire, MailOut)
    assert one.due
    one.go()
    assert one.job.next_at == later(minutes=15)


def test_an_email_the_server_took_is_no_delivery() -> None:
    one = mailed()
    one.step()
    one.tell(MailAccepted(one.last.id, "queued"))
    assert one.message.state is MessageState.OPEN
    assert one.last.outcome == "sent"


def test_an_email_that_holds_the_round_times_out_without_a_word_of_texts() -> None:
    one = mailed(wait="5m")
    one.step()
    one.tell(MailAccepted(one.last.id, "queued"))
    assert one.job.state is JobState.WAITING_REPLY
    one.wind(minutes=5).go()
    assert one.last.outcome == "timeout"
    assert of(one.kinds(), "sms", "secure") == []


def test_that_the_server_took_a_secure_messages_mail_never_delivers_it() -> None:
    who = {"contacts": {"ann": {"name": "Ann Ames", "email": "ann@northside.example"}}}
    line, asked = roster(shift("ann", status="secure")), protocol(evidence=["email_accepted"])
    one = street(compiled(permanent=[], **{**who, **line, **asked}))
    one.step()
    one.tell(MailAccepted(one.last.id, "queued"))
    assert one.kinds()[-1] == "email.accepted"
    assert one.message.state is MessageState.OPEN
    assert one.job.state is JobState.WAITING_REPLY


@pytest.mark.parametrize("again", [True, False])
def test_a_mail_server_that_says_no_does_not_bring_the_next_round_early(again: bool) -> None:
    one = mailed()
    one.go()
    one.go()
    one.tell(refusal(one, again=again))
    one.wind(seconds=5)
    for _ in range(5):
        one.go()
        one.wind(seconds=5)
    assert one.job.round.number == 1
    assert one.job.cue_at == one.job.due_at == later(minutes=15)


def test_a_mail_server_in_doubt_does_not_bring_the_next_round_early() -> None:
    one = mailed()
    one.go()
    one.go()
    one.tell(Doubt(one.last.id, "timeout"))
    one.wind(seconds=30).go()
    assert one.job.round.number == 1
    assert one.job.next_at == later(minutes=15)
    assert "email.failed" in one.kinds()


def test_an_email_the_server_put_off_goes_out_again_while_the_round_goes_on() -> None:
    one = mailed()
    one.go()
    one.go()
    one.tell(refusal(one, again=True, after=3.0))
    change = one.wind(seconds=3).go()
    assert isinstance(change.wire, MailOut)
    assert len(one.attempts) == 1
