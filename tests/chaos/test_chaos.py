"""A short chaos run holds, the story is the seed's, and a broken gateway would be found out."""

import asyncio
import itertools
import random
from uuid import UUID

import pytest

from gateway.clock import SystemClock
from gateway.daemon.perform import Performer
from gateway.store.changes import write
from tests.chaos import run
from tests.chaos.breaking import kill_backend
from tests.chaos.daemon import SPOILS
from tests.chaos.figures import Figures
from tests.chaos.judging import judge_leads, judge_requests
from tests.chaos.run import play
from tests.chaos.story import DAEMONS, proof, tell


@pytest.mark.longest
@pytest.mark.timeout(720)
async def test_a_short_run_loses_nothing_doubles_nothing_and_is_in_time() -> None:
    figures = await play(tell(3, 16, rate=4, short=True), patience=180)
    assert not figures.amiss, figures.notes
    assert figures.judged, "no silence could have been seen"
    assert figures.accepts >= figures.messages, "whatever was delivered somebody accepted"
    assert figures.delivered + figures.with_a_lead == figures.messages
    assert figures.unlearnt <= 1, "the carrier had what was given up, and could have been asked"


@pytest.mark.longest
@pytest.mark.timeout(420)
async def test_without_the_intent_step_a_short_run_finds_doubles() -> None:
    figures = await play(proof(3), patience=0, hasty=True)
    assert figures.doubled, figures.notes


async def test_a_run_that_takes_too_long_is_over_and_says_how_far_it_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "longest", lambda *_: 0.0)
    figures = await play(tell(3, 16, short=True), patience=0)
    assert figures.amiss == {"unfinished": 1}
    assert "0 of 16 messages acknowledged" in figures.notes[0]


def test_the_same_seed_tells_the_same_story() -> None:
    random.seed(1)
    one = tell(5, 300)
    random.seed(2)
    assert tell(5, 300) == one
    assert tell(6, 300) != one


def test_more_messages_do_not_change_what_breaks_meanwhile() -> None:
    few, many = tell(9, 240), tell(9, 480)
    assert many.troubles[: len(few.troubles)] == few.troubles


@pytest.mark.parametrize("seed", range(20))
def test_a_daemon_has_one_trouble_at_a_time_and_what_is_shared_too(seed: int) -> None:
    story = tell(seed, 1200)
    for target in (None, *range(DAEMONS)):
        mine = [one for one in story.troubles if one.target == target]
        assert all(a.at + a.lasts <= b.at for a, b in itertools.pairwise(mine))
    assert all(one.at < story.lasts for one in story.troubles)


async def test_a_backend_that_has_just_ended_is_not_the_one_that_is_killed() -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()

    async def backends(_: str) -> list[dict[str, int]]:
        return [{"pid": gone.pid}]

    assert not await kill_backend(backends, 7)


def test_what_a_spoilt_daemon_does_otherwise_is_what_a_sound_one_does() -> None:
    """Else a run without the intent step would spoil nothing, and prove nothing."""
    sound = {
        name: getattr(module, name) for spoilt in SPOILS.values() for module, name, _ in spoilt
    }
    assert sound == {"SystemClock": SystemClock, "Performer": Performer, "write": write}


def test_what_must_not_be_is_amiss() -> None:
    assert Figures(1, delivered=3, adopted=2, worst_silence=4.9).amiss == {}
    assert Figures(1, doubled=1, lost=2).amiss == {"doubled": 1, "lost": 2}
    assert Figures(1, worst_silence=5.1).amiss == {"worst_silence": 5.1}
    assert Figures(1, worst_take_over=15.9).amiss == {}
    assert Figures(1, worst_take_over=16.1).amiss == {"worst_take_over": 16.1}
    assert Figures(1, attempts=1000, unlearnt=5, given_up=9, found_lost=9).amiss == {}
    assert Figures(1, attempts=1000, unlearnt=6).amiss == {"unlearnt": 6}
    assert Figures(1, attempts=1000, given_up=10, found_lost=9).amiss == {"given_up": 10}


def lost(number: int) -> tuple[dict[str, object], dict[str, object]]:
    """Return a call that was given up, and what the carrier's books say of it."""
    one, phone = UUID(int=number), f"+1202555{number:04}"
    row = {"id": one, "ucn": "49000001", "address": phone, "round": 1}
    entry = {"kind": "call", "callback": f"/twilio/call/{one}/status", "at": "now"}
    return {**row, "rides": None, "method": "call", "outcome": "lost"}, entry


@pytest.mark.parametrize(
    ("unlearnt", "amiss"),
    [
        (0, {"lost_though_placed": 200}),
        (1, {"lost_though_placed": 199}),
        (200, {"unlearnt": 200}),
    ],
    ids=["none", "one", "all"],
)
def test_what_is_given_up_must_not_be_at_the_carrier(
    unlearnt: int, amiss: dict[str, float]
) -> None:
    """That nothing could be learnt of it is another thing to say, and excuses a few only."""
    rows, entries = zip(*map(lost, range(200)), strict=True)
    figures, unasked = Figures(1), {str(one["id"]) for one in rows[:unlearnt]}
    judge_requests(entries, rows, figures, unasked)
    assert (figures.amiss, figures.unlearnt) == (amiss, unlearnt)


@pytest.mark.parametrize(("round_", "doubled"), [(1, 1), (2, 0)])
def test_two_calls_to_one_person_in_a_round_are_a_double(round_: int, doubled: int) -> None:
    figures, rows, entries = Figures(1), [], []
    for number, turn in enumerate((1, round_)):
        one = UUID(int=number)
        to = {"ucn": "49000001", "address": "+12025550001", "round": turn}
        rows.append({**to, "id": one, "rides": None, "method": "call", "outcome": None})
        entries.append({"kind": "call", "callback": f"/twilio/call/{one}/status"})
    judge_requests(entries, rows, figures)
    assert figures.doubled == doubled


LED = {"ucn": "49000001", "state": "open", "jobs": "exhausted"}


@pytest.mark.parametrize(
    ("words", "untold"),
    [
        ("Account 7001, UCN 49000001: nobody left to try in this round; please help.", 0),
        ("Account 7001, UCN 49000001: still exhausted after 15 minutes; please help.", 0),
        ("Account 7001, UCN 49000001: gap of 2 minutes without dispatch.", 1),
        ("Account 7001, UCN 49000002: nobody left to try in this round; please help.", 1),
    ],
    ids=["told", "reminded", "told of something else", "told of another"],
)
def test_a_lead_who_has_a_message_has_heard_of_it(words: str, untold: int) -> None:
    figures = Figures(1)
    judge_leads([LED], [words], figures)
    assert figures.never_told == untold
