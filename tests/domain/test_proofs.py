"""An edit before a message left, what it leaves alone, and the review that goes with it (S3-35)."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson
import pytest

from gateway.domain.aside import Aside, Finding, Proof
from gateway.domain.attempts import AttemptState
from gateway.domain.deeds import Amendment, DecideReview, EditMessage
from gateway.domain.jobs import TO_REVIEW, JobState
from gateway.domain.proofs import already_sent, amended
from gateway.domain.state import State
from tests.kit.desk import NOON
from tests.kit.people import AMY, DAN, deed, facts, fresh, job_of, refusal, told, waiting

REVIEW = "6f0c1c0e-61a4-4f6f-9a55-0d6cf2a3b1de"
SLIP = Finding("SPELLING", "text", 3, 7)


def unknown(words: Collection[str]) -> set[str]:
    return {word for word in words if word == "haet"}


def edit(**changes: Any) -> EditMessage:  # noqa: ANN401 - parts of an amendment
    return EditMessage(Amendment(**changes), unknown)


def reviewed(before: State, **changes: object) -> State:
    proof = Proof(REVIEW, 3, NOON, (SLIP,))._replace(**changes)
    return before._replace(message=before.message._replace(aside=Aside(proof=proof)))


def words_of(done: Any, kind: str) -> list[Mapping[str, Any]]:  # noqa: ANN401 - what was done
    return [orjson.loads(item.words) for item in done.change.items if item.kind == kind]


ATTEMPTS = [
    ("intended", {"state": AttemptState.INTENDED}, True),
    ("on the wire, nobody knows", {"state": AttemptState.UNSURE}, True),
    ("refused, to go out again", {"state": AttemptState.DEFERRED}, False),
    ("sent", {"state": AttemptState.SENT, "sid": "SM1"}, True),
    ("looked up and not there", {"state": AttemptState.ENDED, "outcome": "lost"}, False),
    ("no answer", {"state": AttemptState.ENDED, "outcome": "no_answer", "sid": "CA1"}, True),
]


@pytest.mark.parametrize("case", ATTEMPTS, ids=[one[0] for one in ATTEMPTS])
def test_what_may_have_reached_a_carrier_cannot_be_corrected(
    case: tuple[str, dict[str, Any], bool],
) -> None:
    """S3-35: while it is unsure it counts as reached."""
    _, changes, reached = case
    state = waiting()
    attempts = tuple(one._replace(**changes) for one in state.attempts)
    state = state._replace(attempts=attempts, message=state.message._replace(sent=True))
    assert already_sent(state) is reached
    if reached:
        assert refusal(state, edit(text="No heat"), AMY) == "already_sent"
    else:
        assert told(deed(state, edit(text="No heat"), AMY)) == ["message.edited"]


@pytest.mark.parametrize("state", [JobState.HELD, JobState.PENDING, JobState.PARKED])
def test_an_edit_makes_no_job_due(state: JobState) -> None:
    """S3-35: it never triggers a send."""
    done = deed(fresh(state=state, next_at=None), edit(text="No heat"), AMY)
    assert (job_of(done).state, job_of(done).next_at) == (state, None)
    assert (done.change.jobs, done.change.wire, done.change.errands) == ((), None, ())


def test_fields_are_put_over_those_that_stand() -> None:
    content = fresh().content
    assert content
    after = amended(content, Amendment(caller_name="Jo", fields={"unit": "4B", "address": None}))
    assert (after.caller_name, after.caller_phone) == ("Jo", content.caller_phone)
    assert (after.fields, after.text) == ({"unit": "4B"}, content.text)


def test_words_stay_out_of_the_chain_and_a_field_nobody_named_so_is_called_other() -> None:
    done = deed(fresh(), edit(fields={"Mrs Roe's door code": "4711"}), AMY)
    assert facts(done, "field.edited")["field"] == "other"
    assert all("4711" not in item.body for item in done.change.items)
    (said,) = words_of(done, "field.edited")
    assert said == {"field": "Mrs Roe's door code", "was": None, "now": "4711"}


def test_a_message_whose_words_were_erased_cannot_be_corrected() -> None:
    assert refusal(fresh()._replace(content=None), edit(text="x"), AMY) == "message_erased"


def test_what_an_edit_brings_in_opens_a_review_that_the_first_attempt_will_tell() -> None:
    done = deed(fresh(), edit(text="No haet"), AMY)
    assert told(done) == ["message.edited", "review.opened"]
    proof = done.message.aside.proof
    assert proof
    assert (proof.found, proof.seq) == ((SLIP,), done.change.items[-1].seq)
    assert job_of(done).reason == TO_REVIEW


def test_an_open_review_follows_the_words_until_nothing_is_left_of_it() -> None:
    still = deed(reviewed(fresh()), edit(text="It is haet again"), AMY)
    assert told(still) == ["message.edited"]
    assert still.message.aside.proof
    assert [(one.start, one.end) for one in still.message.aside.proof.found] == [(6, 10)]
    done = deed(reviewed(fresh()), edit(text="No heat"), AMY)
    assert told(done) == ["message.edited", "review.closed"]
    assert done.message.aside.proof
    assert (done.message.aside.proof.state, done.message.aside.proof.by) == ("fixed", "agent:1204")


def test_a_decided_review_stays_decided_until_an_edit_finds_something_new() -> None:
    state = reviewed(fresh(), state="waived", by="lead:L-7", decided_at=NOON)
    assert told(deed(state, edit(text="No heat"), AMY)) == ["message.edited"]
    again = deed(state, edit(text="No haet"), AMY)
    assert again.message.aside.proof
    assert again.message.aside.proof.id != REVIEW
    assert refusal(state, DecideReview(REVIEW, "approved")) == "review_closed"


def test_a_fix_ends_the_review_whatever_is_still_found() -> None:
    fix = DecideReview(REVIEW, "fixed", edit(text="Still haet"), "So it is called.")
    done = deed(reviewed(fresh()), fix, DAN)
    assert told(done) == ["message.edited", "review.closed"]
    said = facts(done, "review.closed")
    assert (said["reason"], said["lint"], said["actor"]) == ("fixed", "SPELLING", DAN.actor)


def test_a_review_of_another_message_is_unknown_here() -> None:
    assert refusal(fresh(), DecideReview(REVIEW, "approved")) == "unknown_review"
