"""`history` and `why`: what happened, and whether it had to."""

import asyncio
import json

import pytest

from gateway.clock import SystemClock
from gateway.store.pool import connect
from tests.cli.conftest import UCN, Dispatchd


def spoil(database: str, statement: str) -> None:
    """Change what is stored behind the program's back."""

    async def change() -> None:
        conn = await connect(database, SystemClock(), tries=1)
        try:
            await conn.execute("alter table history disable trigger all")
            await conn.execute(statement)
        finally:
            await conn.close()

    asyncio.run(change())


def test_history_is_told_in_local_time_and_as_json_lines(night: Dispatchd) -> None:
    words = night("history", UCN)
    assert words.code == 0
    assert words.out.splitlines()[0].startswith("18:00:00  49000001  message.taken")
    items = [json.loads(line) for line in night("history", UCN, "--json").out.splitlines()]
    assert [item["seq"] for item in items] == list(range(1, len(items) + 1))
    assert items[-1]["kind"] == "job.completed"


def test_a_changed_history_is_shown_and_called_broken(night: Dispatchd, database: str) -> None:
    spoil(database, """update history set item = replace(item, '"seq":6,', '"seq":6,"x":1,')""")
    ran = night("history", UCN)
    assert ran.code == 1
    assert ran.err == f"the history of {UCN} is broken at item 6: its text was changed\n"
    assert "message.taken" in ran.out
    assert night("why", UCN).code == 1


def test_why_recomputes_every_round_from_the_document_it_names(night: Dispatchd) -> None:
    ran = night("why", UCN)
    assert (ran.code, ran.err) == (0, "")
    assert "Round 2, Mon 2026-02-02 18:15:00 EST" in ran.out
    assert "because: step 2, backup, shift: weekly Mon-Sun 17:00-08:00" in ran.out
    assert (
        "because: the first that fits (urgent, after hours); cue 15 min, limit 120 min" in ran.out
    )
    assert "because: one cue (15 min) after the round's start, or a multiple" in ran.out
    assert "because: the protocol urgent takes key press for delivery" in ran.out
    assert "Delivered to ann at 18:15:18 by key press." in ran.out
    rounds = json.loads(night("why", UCN, "--json").out)["rounds"]
    assert [one["round"] for one in rounds] == [0, 1, 2]
    assert all(one["mismatches"] == [] for one in rounds)


def respell(database: str, path: str, value: str) -> None:
    """Change the document in force as nobody may."""
    change = "update account_versions set document = jsonb_set(document, '{}', '{}')"
    spoil(database, change.format(path, value))


def flagged(night: Dispatchd) -> str:
    """Return what `why` finds wrong."""
    ran = night("why", UCN)
    assert ran.code == 1
    return ran.err


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("{schedules,0,shifts,1,contact}", '"ann"', "on call should be ann, not ann, bob"),
        ("{schedules,0,shifts,0,weekly}", '"Mon 08:00-09:00"', "on call should be bob, not ann, "),
        ("{protocols,0,name}", '"other"', "the protocol should be other, not urgent"),
        ("{contacts,ann,active}", "false", "ann should be inactive, not tried"),
    ],
)
def test_a_record_that_does_not_follow_from_its_document_is_flagged(
    night: Dispatchd, database: str, path: str, value: str, words: str
) -> None:
    respell(database, path, value)
    assert words in flagged(night)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("update jobs set active_seconds = 7", "active_seconds of job"),
        ("update jobs set state = 'held'", "is held, not completed as the history says"),
        ("update messages set evidence = 'human'", "evidence of the message is human, not"),
    ],
)
def test_rows_that_stand_otherwise_than_the_history_replayed_are_flagged(
    night: Dispatchd, database: str, change: str, words: str
) -> None:
    spoil(database, change)
    assert words in flagged(night)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("{protocols,0,cue}", '"20m"', "the next round is due 23:20:00 UTC"),
        ("{protocols,0,evidence}", '["reply_code"]', "key_press does not deliver"),
    ],
)
def test_a_rule_that_the_record_breaks_is_named(
    night: Dispatchd, database: str, path: str, value: str, words: str
) -> None:
    respell(database, path, value)
    assert words in flagged(night)


def test_a_message_that_is_not_there_is_one_line(here: Dispatchd) -> None:
    for command in ("history", "why"):
        ran = here(command, "12345678")
        assert (ran.code, ran.err) == (2, "there is no message 12345678\n")
