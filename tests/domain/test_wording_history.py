"""One plain sentence for every kind of history item, without details."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.wording.history import SENTENCES, sentence

# The contract's list, in its own shorthand.
KINDS = """
message.{taken,edited,delivered,canceled} job.{created,claimed,completed,held,parked,resumed,
exhausted,closed_leftover,canceled} oncall.resolved schedule.{blank,selected} protocol.selected
contact.skipped dial.{started,answered,no_answer,busy,failed,voicemail,hung_up,no_confirm,
canceled,adopted,lost} vm.left relay.{accepted,declined} sms.{sent,carrier_delivered,undelivered,
failed,reply,timeout,help_sent,opt_out,opt_in,adopted,lost} secure.{sent,prefetch,read,timeout}
email.{sent,accepted,failed} cue.{set,canceled} gap.detected limit.reached lead.alerted
dispatch.alerted special.{applied,expired,approved,rejected} specials.posted review.opened
park.{created,claimed,released,closed} resend.requested annotation.added field.edited
post.{blocked,requested,sent,accepted,failed} hold.set target.override endpoint.{suspended,restored}
am_review.flagged case.{created,rejected,suggested} inbound.{call,read_out}
"""
# Kinds beside the contract's, which may be added to.
OURS = {"review.closed"}


def _contract_kinds() -> set[str]:
    found = re.findall(r"([a-z_]+)\.(?:\{([^}]*)\}|([a-z_]+))", KINDS)
    return {
        f"{noun}.{verb.strip()}"
        for noun, several, one in found
        for verb in (several.split(",") if several else [one])
    }


def test_every_kind_of_the_contract_has_a_sentence_and_no_other_has() -> None:
    assert set(SENTENCES) == _contract_kinds() | OURS


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_a_sentence_without_facts_still_reads_as_one(kind: str) -> None:
    said = sentence(kind, {})
    assert re.fullmatch(r"[A-Z][^\[\]{}]*\.", said)
    assert "unknown" not in said


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (
            "dial.started",
            {"contact": "ann", "address": "+12025550101", "source": "shift"},
            "Calling ann at +1******0101 (shift).",
        ),
        (
            "dial.started",
            {"contact": "ann", "name": "Ann Ames", "address": "+1******0101"},
            "Calling Ann Ames at +1******0101.",
        ),
        (
            "contact.skipped",
            {"contact": "ann", "reason": "opted_out"},
            "Skipped ann: opted out.",
        ),
        (
            "message.delivered",
            {"contact": "ann", "evidence": "key_press"},
            "Delivered to ann: key press.",
        ),
        (
            "cue.set",
            {"due_at": "2026-02-02T23:15:00.000000Z", "reason": None},
            "Next try set for 2026-02-02 23:15:00 UTC.",
        ),
        ("job.claimed", {"actor": "dispatcher:dan"}, "Dispatch job claimed by dan."),
        (
            "sms.failed",
            {"name": "Bob Bell", "code": 30003},
            "The text to Bob Bell failed (code 30003).",
        ),
        ("gap.detected", {"minutes": 45}, "Gap without dispatch detected: 45 min."),
    ],
)
def test_sentences_say_the_facts_they_are_given(
    kind: str, facts: dict[str, object], said: str
) -> None:
    assert sentence(kind, facts) == said


def test_an_unheard_of_kind_is_said_by_its_own_words() -> None:
    assert sentence("moon.came_up", {}) == "Moon came up."


@given(st.sampled_from(sorted(SENTENCES)), st.text(alphabet="qxz", min_size=12))
def test_facts_that_no_pattern_names_are_never_said(kind: str, detail: str) -> None:
    facts = {"text": detail, "words": detail, "body": detail, "caller": detail, "note": detail}
    assert detail not in sentence(kind, facts)


@given(st.sampled_from(sorted(SENTENCES)))
def test_a_whole_number_is_never_said_wherever_it_stands(kind: str) -> None:
    phone = "+12025550101"
    facts = dict.fromkeys(("address", "contact", "reason", "due_at", "schedule", "people"), phone)
    assert phone not in sentence(kind, facts)


@given(st.sampled_from(sorted(SENTENCES)), st.text())
def test_a_sentence_is_one_line_whatever_a_fact_holds(kind: str, value: str) -> None:
    said = sentence(kind, {"contact": value, "reason": value, "evidence": value})
    assert len(said.splitlines()) == 1
