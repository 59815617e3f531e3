"""Resends: always sent, once per request id, on record only where the other side took them."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gateway.domain.absorb import absorb
from gateway.domain.change import Change, Look, MailOut, TextOut
from gateway.domain.deeds import (
    Annotate,
    AnswerReview,
    CancelJob,
    Claim,
    DeliverBy,
    ParkMessage,
    Person,
    Resend,
    Resume,
)
from gateway.domain.dispatch import next_step
from gateway.domain.events import Doubt, Event, MailAccepted, NotFound, Progress, Refusal
from gateway.domain.flags import Flags
from gateway.domain.jobs import Job, JobState
from gateway.domain.outlook import next_of
from gateway.domain.state import State
from tests.kit.desk import NOON, Dice, document, later
from tests.kit.people import AMY, JOB, after, deed, facts, fresh, refusal, told

BOSS = Person("M-1", "account_manager")
MAIL = Resend("email", "office@client.example", "r-1")
TEXT = Resend("sms", "bob", "r-1")


def asked(state: State | None = None, what: Resend = MAIL, at: datetime = NOON) -> State:
    """Return the message with a request for a resend."""
    state = state or fresh()
    return after(state, deed(state, what, AMY, at))


def resend_of(state: State) -> Job:
    """Return the newest resend's job."""
    return [job for job in state.jobs if job.request][-1]


def written(state: State, change: Change) -> State:
    """Return the state once a change is written."""
    jobs = {job.id: job for job in (*state.jobs, *change.jobs)}
    attempts = {one.id: one for one in (*state.attempts, *change.begun, *change.attempts)}
    return state._replace(
        message=change.message or state.message,
        jobs=tuple(jobs.values()),
        attempts=tuple(attempts.values()),
    )


def planned(state: State, at: datetime = NOON) -> tuple[State, Change]:
    """Plan the newest resend."""
    change = next_step(state, resend_of(state).id, at, Dice(7))
    return written(state, change), change


def sent(state: State | None = None, what: Resend = MAIL) -> State:
    """Return the message with its resend on the wire."""
    return planned(asked(state, what))[0]


def heard(state: State, event: Event, at: datetime = NOON) -> tuple[State, Change]:
    """Absorb an event."""
    change, _ = absorb(state, event, at, Dice(9))
    return written(state, change), change


def attempt_of(state: State) -> UUID:
    return state.attempts[-1].id


def kinds(change: Change) -> list[str]:
    return [item.kind for item in change.items]


def test_a_request_opens_a_job_that_is_due_at_once() -> None:
    """S3-15: it stands beside the message's own job and belongs to no round."""
    done = deed(fresh(), MAIL, AMY)
    assert told(done) == ["resend.requested", "job.created"]
    job = resend_of(after(fresh(), done))
    assert (job.source, job.state, job.next_at) == ("resend", JobState.PENDING, NOON)
    said = facts(done, "resend.requested")
    assert said["address"] == "o*****@client.example"
    assert (said["channel"], said["request_id"]) == ("email", "r-1")


def test_the_same_id_asks_once_and_the_same_words_ask_again() -> None:
    """S3-16: the key is the request's id, never what is sent."""
    state = asked()
    again = deed(state, MAIL, AMY, later(minutes=1))
    assert (told(again), again.change.opened) == ([], ())
    other = deed(state, Resend("email", "office@client.example", "r-2"), AMY)
    assert len(other.change.opened) == 1


@pytest.mark.parametrize(
    "other", [Resend("sms", "bob", "r-1"), Resend("email", "else@client.example", "r-1")]
)
def test_one_id_is_good_for_one_request(other: Resend) -> None:
    assert refusal(asked(), other, AMY) == "request_id_used"


def test_what_cannot_be_sent_is_refused() -> None:
    assert refusal(fresh(), Resend("sms", "zoe", "r"), AMY) == "bad_recipient"
    assert refusal(fresh()._replace(content=None), MAIL, AMY) == "message_erased"
    out = Flags(opted_out=True)
    assert refusal(fresh(), Resend("sms", "bob", "r", out), AMY) == "opted_out"
    gone = Flags(suspended=True, reason="wrong person")
    assert refusal(fresh(), Resend("sms", "bob", "r", gone), AMY) == "suspended"


def test_a_resend_goes_by_itself_and_may_only_be_canceled() -> None:
    state = asked()
    job = resend_of(state)
    for what in (Claim(job.id), Resume(job.id)):
        assert refusal(state, what) == "is_resend"
    done = deed(state, CancelJob(job.id))
    assert resend_of(after(state, done)).state is JobState.CANCELED


def test_the_list_says_whom_a_resend_reaches_next() -> None:
    state = asked(what=TEXT)
    following = next_of(state, resend_of(state), NOON)
    assert following is not None
    assert (following.contact, following.method, following.address) == (
        "bob",
        "sms",
        "+12025550112",
    )


def test_an_email_is_written_out_in_full() -> None:
    _, change = planned(asked())
    wire = change.wire
    assert isinstance(wire, MailOut)
    assert wire.to == "office@client.example"
    assert "No heat since Sunday" in wire.body
    assert kinds(change) == ["email.sent"]


def test_a_text_wants_no_answer() -> None:
    _, change = planned(asked(what=TEXT))
    wire = change.wire
    assert isinstance(wire, TextOut)
    assert (wire.to, wire.tail, change.code) == ("+12025550112", "", None)
    assert "No heat since Sunday" in wire.body


@pytest.mark.parametrize("what", [TEXT, MAIL])
def test_with_protected_details_only_a_link_leaves(what: Resend) -> None:
    state = fresh(doc=document(phi=True))
    _, change = planned(asked(state, what))
    assert isinstance(change.wire, TextOut | MailOut)
    assert "No heat" not in repr(change.wire)
    assert "https://x.example/m/" in repr(change.wire)
    assert change.link is not None


def test_a_secure_resend_is_a_link_everywhere() -> None:
    _, change = planned(asked(what=Resend("secure", "+12025550177", "r-1")))
    assert "No heat" not in repr(change.wire)
    assert kinds(change) == ["secure.sent"]


@pytest.mark.parametrize("closing", [DeliverBy("check_in", "ann"), Annotate("x", "disregard")])
def test_a_message_that_is_closed_is_sent_all_the_same(closing: DeliverBy | Annotate) -> None:
    """S3-16: whether the request came before or after, it is no leftover."""
    before = asked()
    closed = after(before, deed(before, closing))
    late = fresh()
    late = asked(after(late, deed(late, closing)))
    for state in (closed, late):
        assert isinstance(planned(state)[1].wire, MailOut)


def test_neither_a_park_nor_a_hold_stops_a_resend() -> None:
    noted = asked(after(fresh(), deed(fresh(), Annotate("x"))))
    for what in (ParkMessage("Dispatch", "x"), Annotate("x", "hold_for_office")):
        state = after(noted, deed(noted, what, AMY))
        assert isinstance(planned(state)[1].wire, MailOut)


@pytest.mark.parametrize("flags", [Flags(opted_out=True), Flags(suspended=True)])
def test_who_opted_out_meanwhile_is_not_texted(flags: Flags) -> None:
    state = asked(what=TEXT)._replace(flags={"+12025550112": flags})
    after_it, change = planned(state)
    assert change.wire is None
    assert kinds(change) == ["job.canceled", "lead.alerted"]
    assert resend_of(after_it).state is JobState.CANCELED


def test_what_the_mail_server_took_annotates_itself() -> None:
    """S3-17."""
    state = sent()
    state, change = heard(state, MailAccepted(attempt_of(state), "m-1"), later(seconds=2))
    assert kinds(change) == ["email.accepted", "annotation.added", "job.completed"]
    words = change.items[1].words
    assert words == "resent via email to office@client.example at 6:00 PM EST, Mon Feb 2"
    assert "office@client.example" not in change.items[1].body
    assert resend_of(state).state is JobState.COMPLETED
    assert not state.message.aside.annotated


def test_a_text_annotates_itself_when_it_is_on_the_phone() -> None:
    """S3-17: the carrier's acceptance alone says nothing of a number."""
    state = sent(what=TEXT)
    state, change = heard(state, Progress(attempt_of(state), "SM1", "sent"))
    assert "annotation.added" not in kinds(change)
    state, change = heard(state, Progress(attempt_of(state), "SM1", "delivered"))
    assert kinds(change) == ["sms.carrier_delivered", "annotation.added", "job.completed"]
    _, change = heard(state, Progress(attempt_of(state), "SM1", "delivered"))
    assert kinds(change) == []


@pytest.mark.parametrize(
    "event",
    [
        Refusal(UUID(int=0), 21211, "no such number", again=False, ours=False, number=True),
        Progress(UUID(int=0), "SM1", "undelivered", "30003"),
        Progress(UUID(int=0), "SM1", "failed", "30006"),
    ],
)
def test_what_did_not_arrive_is_not_annotated_and_a_lead_hears(event: Refusal | Progress) -> None:
    """S3-17."""
    state = sent(what=TEXT)
    event = type(event)(attempt_of(state), *[getattr(event, n) for n in event.__slots__[1:]])
    state, change = heard(state, event)
    assert kinds(change)[-2:] == ["job.canceled", "lead.alerted"]
    assert "annotation.added" not in kinds(change)
    assert resend_of(state).state is JobState.CANCELED


def test_what_was_definitely_not_taken_goes_out_again_also_when_delivered() -> None:
    before = sent()
    state = after(before, deed(before, DeliverBy("check_in", "ann")))
    refusal_ = Refusal(attempt_of(state), 451, "later", again=True, ours=False)
    state, change = heard(state, refusal_, later(seconds=1))
    assert kinds(change) == []
    assert resend_of(state).next_at == later(seconds=2)
    state, change = planned(state, later(seconds=2))
    assert isinstance(change.wire, MailOut)
    assert change.begun == ()


def test_what_nobody_is_sure_of_is_looked_up_and_never_sent_again() -> None:
    state = sent(what=TEXT)
    state, _ = heard(state, Doubt(attempt_of(state), "timeout"), later(seconds=10))
    state, change = planned(state, later(seconds=15))
    assert isinstance(change.wire, Look)
    state, change = heard(state, NotFound(attempt_of(state)), later(seconds=20))
    assert kinds(change) == ["sms.lost", "job.canceled", "lead.alerted"]


def test_a_text_of_which_nothing_worse_is_heard_counts_as_sent() -> None:
    state = sent(what=TEXT)
    state, _ = heard(state, Progress(attempt_of(state), "SM1", "sent"))
    state, change = planned(state, later(minutes=6))
    assert kinds(change) == ["annotation.added", "job.completed"]


@pytest.mark.parametrize(("days", "flags"), [(0, True), (7, True), (7.01, False)])
def test_the_second_request_within_a_week_is_flagged(days: float, flags: bool) -> None:
    """S3-18."""
    state = asked()
    again = Resend("sms", "bob", "r-2")
    done = deed(state, again, AMY, NOON + timedelta(days=days))
    assert ("am_review.flagged" in told(done)) is flags
    assert ("lead.alerted" in told(done)) is flags
    assert (done.message.aside.review is not None) is flags


def test_an_answer_takes_the_flag_away_and_the_next_request_flags_again() -> None:
    """S3-18."""
    assert refusal(asked(), AnswerReview("x"), BOSS) == "not_flagged"
    state = asked(asked(), Resend("email", "ann@x.example", "r-2"))
    third = deed(state, Resend("email", "ann@x.example", "r-3"), AMY, later(hours=1))
    assert "am_review.flagged" not in told(third)
    done = deed(state, AnswerReview("Told them."), BOSS, later(hours=2))
    assert told(done) == ["annotation.added"]
    assert facts(done, "annotation.added")["actor"] == "account_manager:M-1"
    state = after(state, done)
    assert state.message.aside.review is None
    again = deed(state, Resend("email", "ann@x.example", "r-4"), AMY, later(hours=3))
    assert "am_review.flagged" in told(again)
    assert state.job(JOB).state is JobState.PENDING
