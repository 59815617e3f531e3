"""Closing: an accept stops everything about the message, all in one change."""

from gateway.domain.change import ErrandKind
from gateway.domain.closing import END_HEARD_BY
from gateway.domain.events import Answered, LinkOpened, Pressed, Replied
from gateway.domain.jobs import JobState
from gateway.domain.messages import MessageState
from gateway.domain.replies import Accept
from tests.kit.desk import later
from tests.kit.street import ANN, Street, changed, compiled, roster, shift, street


def two_jobs() -> Street:
    """A street with a ringing call of one job and a second job that waits for its cue."""
    texts = roster(shift("ann", status="sms"), shift("bob", "backup"))
    one = street(compiled(**texts, permanent=[]))
    one.reach()
    one.wind(minutes=15)
    one.reach()
    second = changed(one.job, id=one.chance.uuid(), cue_at=later(hours=1), next_at=later(hours=1))
    one.jobs[second.id] = changed(second, state=JobState.PENDING)
    return one


def accept_by_text(one: Street) -> None:
    one.tell(Replied(ANN, "ann", Accept(None), "ok"))


def test_an_accept_ends_every_job_and_every_open_attempt_in_one_change() -> None:
    one = two_jobs()
    before = len(one.changes)
    accept_by_text(one)
    assert len(one.changes) == before + 1
    assert one.message.state is MessageState.DELIVERED
    assert (one.message.evidence, one.message.delivered_to) == ("reply_code", "ann")
    assert {job.state for job in one.jobs.values()} == {JobState.COMPLETED}
    assert all(job.next_at is None and job.cue_at is None for job in one.jobs.values())
    assert not any(attempt.open for attempt in one.attempts.values())
    assert one.changes[-1].closes


def test_a_call_that_still_rings_is_canceled_and_hung_up() -> None:
    one = two_jobs()
    call = next(a for a in one.attempts.values() if a.is_call)
    accept_by_text(one)
    assert one.asked(ErrandKind.HANG_UP) == [call.id]
    assert one.attempts[call.id].outcome == "canceled"
    assert one.told("dial.canceled")[0]["attempt"] == str(call.id)


def test_the_call_on_which_it_was_accepted_is_hung_up_only_if_its_end_is_not_heard_of() -> None:
    one = street()
    call = one.reach()
    one.tell(Answered(call.id, "CA1"))
    one.tell(Pressed(call.id, "CA1", 0, "1"))
    one.wind(seconds=5).tell(Pressed(call.id, "CA1", 1, "1"))
    assert one.message.state is MessageState.DELIVERED
    (errand,) = [errand for errand in one.errands if errand.kind is ErrandKind.HANG_UP]
    assert (errand.attempt, errand.at) == (call.id, one.now + END_HEARD_BY)


def test_a_cue_that_was_ahead_is_void_and_the_history_says_so() -> None:
    one = two_jobs()
    accept_by_text(one)
    assert one.kinds().count("cue.canceled") == 1
    assert one.kinds().count("job.completed") == 2


def test_nothing_is_dialed_after_a_delivery() -> None:
    one = two_jobs()
    accept_by_text(one)
    dialed = one.dialed()
    for job in one.jobs:
        one.step(job)
    assert one.dialed() == dialed
    assert one.chain_holds()


def test_a_second_accept_is_recorded_as_a_reply_and_changes_nothing() -> None:
    one = two_jobs()
    accept_by_text(one)
    delivered = one.message.delivered_at
    one.wind(minutes=1)
    accept_by_text(one)
    assert one.kinds().count("message.delivered") == 1
    assert one.message.delivered_at == delivered
    assert one.kinds()[-1] == "sms.reply"


def test_a_read_receipt_after_a_delivery_is_recorded_and_changes_nothing() -> None:
    secure = roster(shift("ann", status="secure"))
    one = street(compiled(**secure, permanent=[]))
    attempt = one.reach()
    accept_by_text(one)
    one.tell(LinkOpened(attempt.id))
    assert one.kinds()[-1] == "secure.read"
    assert one.message.evidence == "reply_code"
