"""Taking a message writes its rows and the start of its history, and no detail into it."""

import orjson
import pytest

from gateway.domain.history import content_hash, verify
from gateway.domain.jobs import JobState
from gateway.domain.messages import MessageState
from gateway.domain.taking import Forced, actor_of
from tests.kit.desk import NOON, TEXT, later, taken


def _kinds(one: object) -> list[str]:
    return [item.kind for item in one.items]  # type: ignore[attr-defined]


def test_a_new_message_leaves_one_job_that_is_due_at_once() -> None:
    new = taken()
    (job,) = new.jobs
    assert (job.state, job.due_at, job.next_at, job.source) == (JobState.PENDING, NOON, NOON, "new")
    assert _kinds(new) == ["message.taken", "job.created"]


def test_its_history_is_a_chain_that_the_message_ends() -> None:
    new = taken()
    assert verify((item.body, item.hash) for item in new.items) is None
    assert (new.message.head_seq, new.message.head_hash) == (2, new.items[-1].hash)


def test_its_history_names_the_details_by_their_hash_only() -> None:
    first = taken().items[0]
    item = orjson.loads(first.body)
    assert first.words is not None
    assert first.salt is not None
    assert TEXT in first.words
    assert TEXT not in first.body
    assert item["data"]["content_sha256"] == content_hash(first.salt, first.words)
    assert item["actor"] == "agent:1204"


def test_its_month_is_the_utc_month_in_which_it_was_taken() -> None:
    assert taken().message.key.month.isoformat() == "2026-02-01"


def test_a_forced_dial_that_was_relayed_delivers_and_leaves_nothing_to_dial() -> None:
    new = taken(forced=Forced("ann", relayed=True, at=NOON))
    assert new.jobs == ()
    assert new.message.state is MessageState.DELIVERED
    assert (new.message.evidence, new.message.delivered_to) == ("human", "ann")
    assert _kinds(new) == ["message.taken", "relay.accepted", "message.delivered"]
    assert "Ann Ames" in orjson.loads(new.items[-1].body)["text"]


def test_a_forced_dial_that_was_not_relayed_comes_back_at_the_default_cue_after_it() -> None:
    new = taken(forced=Forced("ann", relayed=False, at=later(minutes=-2)))
    (job,) = new.jobs
    assert (job.source, job.next_at) == ("forced_failed", later(minutes=13))
    assert _kinds(new) == ["message.taken", "job.created", "cue.set"]
    assert (job.active_seconds, job.round.number) == (0, 0)


def test_a_forced_dial_long_ago_is_due_at_once_and_never_in_the_past() -> None:
    new = taken(forced=Forced("ann", relayed=False, at=later(hours=-2)))
    assert new.jobs[0].next_at == NOON


@pytest.mark.parametrize(
    ("given", "actor"),
    [("agent:1204", "agent:1204"), ("1204", "agent:1204"), ("lead:L-7", "lead:L-7")],
)
def test_a_bare_number_is_an_agents(given: str, actor: str) -> None:
    assert actor_of(given) == actor
