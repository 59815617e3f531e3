"""Heeding specials: a round follows the one in force at each turn, and history says so."""

from dataclasses import replace

import pytest

from gateway.domain.events import Progress
from gateway.domain.heeding import News, posting, recorded, reviewing, tell
from gateway.domain.jobs import Job, JobState, Target
from gateway.domain.messages import MessageState, Priority
from gateway.domain.specials import Special
from tests.kit.desk import Dice, later
from tests.kit.street import Street, changed, compiled, protocol, roster, shift, street

BOTH = {**roster(shift("ann"), shift("bob", "backup")), "permanent": []}


def special(name: str = "s1", start: float = -60, end: float = 60, **does: object) -> Special:
    one = Special(name, "the office", later(minutes=start), later(minutes=end))
    return replace(one, **does)  # type: ignore[arg-type]


def begun(*posted: Special, **keys: object) -> Street:
    """Return a message of an account with these specials, not yet planned."""
    one = street(compiled(**{**BOTH, **keys}))
    one.specials = posted
    return one


def put(one: Street, **fields: object) -> Job:
    one.jobs[one.job.id] = changed(one.job, **fields)
    return one.job


def unanswered(one: Street) -> None:
    """Reach the next person, who does not answer."""
    attempt = one.reach()
    one.tell(Progress(attempt.id, attempt.sid, "no_answer"))


def test_the_history_names_the_special_and_the_attempt_its_source() -> None:
    one = begun(special(replace="cho"))
    assert one.reach().source == "special"
    (applied,) = one.told("special.applied")
    wanted = {"special": "s1", "effect": "replace", "contact": "cho"}
    assert wanted.items() <= applied["data"].items()
    assert "special s1" in one.told("dial.started")[0]["data"]["reason"]


def test_one_posted_in_mid_round_has_the_next_turn_and_one_that_ends_gives_it_back() -> None:
    one = begun()
    unanswered(one)
    one.specials = (special(replace="cho", end=5),)
    unanswered(one)
    one.wind(minutes=6)
    unanswered(one)
    assert one.dialed() == ["ann", "cho", "bob"]
    assert [kind for kind in one.kinds() if kind.startswith("special")] == [
        "special.applied",
        "special.expired",
    ]


def test_it_is_applied_once_however_many_rounds_it_governs() -> None:
    one = begun(special(replace="cho"))
    for _ in range(3):
        unanswered(one)
        one.go()
        one.now = one.job.next_at or one.now
    assert one.kinds().count("special.applied") == 1
    assert one.dialed() == ["cho"] * 3


def test_one_that_follows_another_is_told_after_the_end_of_that() -> None:
    one = begun(special("s1", end=10, replace="cho"), special("s2", start=10, replace="bob"))
    unanswered(one)
    one.go()
    one.wind(minutes=15)
    unanswered(one)
    found = [k for k in one.kinds() if k.startswith("special")]
    assert found == ["special.applied", "special.expired", "special.applied"]
    assert one.dialed() == ["cho", "bob"]


def test_a_hold_keeps_the_job_to_its_end_and_is_no_gap() -> None:
    one = begun(special(hold=True, end=90))
    one.go()
    assert (one.job.state, one.job.reason) == (JobState.HELD, "special")
    assert one.job.due_at == later(minutes=90)
    assert one.job.next_at == later(minutes=15)
    assert one.alerts() == []
    one.now = later(minutes=90)
    assert one.reach().contact == "ann"
    assert one.job.active_seconds == 0
    assert "gap.detected" not in one.kinds()
    assert one.told("job.resumed")[0]["data"]["reason"] == "special"


def test_an_emergency_that_a_special_holds_alerts_a_lead() -> None:
    one = street(compiled(**BOTH), priority=Priority.EMERGENCY)
    one.specials = (special(hold=True),)
    one.go()
    assert one.job.state is JobState.HELD
    assert one.alerts() == ["special"]
    assert "until 7:00 PM EST, Mon Feb 2" in one.told("lead.alerted")[0]["text"]


def test_a_hold_between_rounds_takes_no_active_time_but_what_went_before() -> None:
    one = begun(**protocol(cue="15m"))
    unanswered(one)
    unanswered(one)
    one.go()
    one.specials = (special(hold=True, start=5, end=60),)
    one.wind(minutes=15).go()
    assert one.job.active_seconds == 900
    assert one.job.cue_at is None
    one.now = later(minutes=60)
    one.reach()
    assert one.job.active_seconds == 900


def test_a_hold_ends_early_when_a_later_special_begins() -> None:
    one = begun(special(hold=True), special("s2", start=20, end=30, replace="cho"))
    one.go()
    assert one.job.due_at == later(minutes=20)
    one.now = later(minutes=20)
    assert one.reach().contact == "cho"


def test_a_held_job_looks_now_and_then_whether_it_still_is_and_says_nothing() -> None:
    one = begun(special(hold=True, start=-600, end=600), special("s2", -300, -200, replace="cho"))
    one.go()
    one.wind(minutes=15).go()
    one.wind(minutes=15).go()
    assert one.kinds().count("job.held") == 1
    assert one.job.next_at == later(minutes=45)
    assert one.job.due_at == later(minutes=600)


def test_a_hold_that_is_gone_without_a_word_frees_the_job_at_its_next_look() -> None:
    one = begun(special(hold=True, end=600))
    one.go()
    one.specials = ()
    one.wind(minutes=15)
    assert one.reach().contact == "ann"


@pytest.mark.parametrize(
    "steps",
    [
        [{"reach": "oncall"}, {"reach": "backup"}],
        [{"reach": "backup"}],
        [{"reach": "backup"}, {"reach": "oncall"}],
        [{"reach": "contact:bob"}],
        [{"reach": "permanent"}],
    ],
)
def test_whoever_replaces_the_schedule_has_a_turn_whatever_the_steps_are(
    steps: list[dict[str, str]],
) -> None:
    one = begun(special(replace="cho"), **protocol(steps=steps))
    unanswered(one)
    assert one.dialed() == ["cho"]
    one.go()
    assert one.told("contact.skipped") == []
    assert one.dialed() == ["cho"]


def test_one_hold_may_follow_another() -> None:
    one = begun(special(hold=True, end=20), special("s2", start=20, end=40, hold=True))
    one.go()
    one.wind(minutes=20).go()
    assert (one.job.state, one.job.due_at) == (JobState.HELD, later(minutes=40))
    assert one.kinds().count("hold.set") == 2


def test_a_target_goes_before_any_special() -> None:
    one = begun(special(hold=True))
    put(one, target=Target("cho", "asked for"))
    assert one.reach().contact == "cho"
    assert "special.applied" not in one.kinds()


def test_what_a_person_resumes_goes_on_for_a_round_and_is_then_held_again() -> None:
    one = begun(special(hold=True))
    one.go()
    put(one, state=JobState.PENDING, reason="by_person", next_at=one.now, due_at=one.now)
    unanswered(one)
    unanswered(one)
    one.go()
    assert one.dialed() == ["ann", "bob"]
    one.now = one.job.next_at or one.now
    one.go()
    assert (one.job.state, one.job.reason) == (JobState.HELD, "special")


def test_a_hold_that_a_person_did_not_know_of_holds_what_they_release() -> None:
    one = begun(special(hold=True))
    put(one, reason="by_person")
    one.go()
    assert one.job.state is JobState.HELD


def test_a_special_of_the_document_governs_like_a_posted_one() -> None:
    entry = {"text": "x", "start": "2026-02-02", "end": "2026-02-03", "effect": {"replace": "cho"}}
    one = begun(specials=[entry])
    assert one.reach().source == "special"
    other = begun(special(replace="bob"), specials=[entry])
    assert other.reach().contact == "bob"


def test_words_alone_change_nothing_and_stand_in_no_history() -> None:
    one = begun(special())
    assert one.reach().source == "shift"
    assert not [kind for kind in one.kinds() if kind.startswith("special")]


def test_the_record_alone_says_which_special_governed_when() -> None:
    one = begun(special(replace="cho", end=10))
    unanswered(one)
    one.go()
    one.wind(minutes=15)
    one.reach()
    items = [item for kind in dict.fromkeys(one.kinds()) for item in one.told(kind)]
    governed = recorded(sorted(items, key=lambda item: item["seq"]))
    sources = {item["data"]["source"]: governed[item["seq"]] for item in one.told("dial.started")}
    (found,) = sources["special"]
    assert (found.id, found.replace, found.end) == ("s1", "cho", later(minutes=10))
    assert sources["shift"] == ()


def test_an_open_message_hears_what_happened_and_its_older_plans_are_stale() -> None:
    one, new = begun(), special(hold=True)
    head = one.message.head_seq
    heard = tell(one.state(), News(posting(new, "agent:1204"), (new,)), one.now, Dice())
    assert heard is not None
    one.write(heard)
    assert one.kinds()[-2:] == ["specials.posted", "review.opened"]
    assert one.told("specials.posted")[0]["actor"] == "agent:1204"
    assert one.told("specials.posted")[0]["outcome"] == "initiated"
    assert one.message.head_seq == head + 2
    assert one.chain_holds()


@pytest.mark.parametrize("state", [JobState.HELD, JobState.CLAIMED])
def test_what_a_special_held_is_due_when_that_is_rejected(state: JobState) -> None:
    one, gone = begun(special(hold=True)), special(hold=True)
    one.go()
    put(one, state=state)
    heard = tell(
        one.state(), News(reviewing(gone, "lead:L-7", approved=False), ()), one.now, Dice()
    )
    assert heard is not None
    one.write(heard)
    assert one.job.due_at == one.now
    assert (one.job.next_at == one.now) is (state is JobState.HELD)


def test_what_a_special_holds_stays_held_when_another_one_is_reviewed() -> None:
    held, other = special(hold=True), special("s0")
    one = begun(other, held)
    one.go()
    news = News(reviewing(other, "lead:L-7", approved=True), (other, held))
    heard = tell(one.state(), news, one.now, Dice())
    assert heard is not None
    assert heard.jobs == ()


def test_what_a_special_holds_comes_back_for_one_that_begins_earlier() -> None:
    held, other = special(hold=True), special("s2", start=10, replace="cho")
    one = begun(held)
    one.go()
    heard = tell(one.state(), News(posting(other, "lead:L-7"), (held, other)), one.now, Dice())
    assert heard is not None
    one.write(heard)
    assert one.job.next_at == later(minutes=10)
    one.specials = (held, other)
    one.wind(minutes=10)
    assert one.reach().contact == "cho"


def test_a_message_that_is_over_hears_nothing() -> None:
    one, new = begun(), special()
    one.message = changed(one.message, state=MessageState.DELIVERED)
    assert tell(one.state(), News(posting(new, "agent:1"), (new,)), one.now, Dice()) is None
