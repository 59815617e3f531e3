"""History: numbered without a gap, chained by hashes anybody can compute again."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.history import (
    START_HASH,
    Broken,
    Item,
    Note,
    Outcome,
    chained,
    stamp,
    verify,
)
from gateway.domain.messages import Key
from tests.kit.desk import NOON, later

KEY = Key("7001", NOON.date().replace(day=1), "49000001")
# Everything a person may type; surrogates cannot be stored in the first place.
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FACTS = st.dictionaries(
    WORDS, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS, max_size=4
)
NOTES = st.builds(
    Note,
    kind=st.sampled_from(["dial.started", "cue.set", "annotation.added"]),
    text=WORDS,
    outcome=st.sampled_from(Outcome),
    facts=FACTS,
    actor=WORDS,
    job=st.none() | st.uuids(),
    attempt=st.none() | st.uuids(),
    words=st.none() | WORDS,
)
CHAINS = st.lists(NOTES, min_size=1, max_size=6)
YEARS = (datetime(1900, 1, 2), datetime(9000, 1, 1))  # noqa: DTZ001 - the zone is drawn


def chain(notes: Sequence[Note]) -> tuple[Item, ...]:
    salted = [(note, "ab" * 16 if note.words is not None else None) for note in notes]
    return chained(KEY, (0, START_HASH), NOON, salted)


def pairs(items: Sequence[Item]) -> list[tuple[str, str]]:
    return [(item.body, item.hash) for item in items]


@given(CHAINS)
def test_the_hashed_text_is_canonical_json_that_any_language_writes_alike(
    notes: list[Note],
) -> None:
    for item in chain(notes):
        read = json.loads(item.body)
        again = json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert again == item.body
        assert hashlib.sha256(item.body.encode()).hexdigest() == item.hash


@given(st.lists(NOTES, min_size=1, max_size=3), st.builds(Key, WORDS, st.just(KEY.month), WORDS))
def test_an_item_put_together_from_pieces_is_the_text_of_the_whole(
    notes: list[Note], key: Key
) -> None:
    odd = [note._replace(kind=note.text, words=None) for note in notes]
    previous = START_HASH
    items = chained(key, (0, START_HASH), NOON, [(note, None) for note in notes + odd])
    for item, note in zip(items, notes + odd, strict=True):
        whole = {
            "account": key.account,
            "ucn": key.ucn,
            "seq": item.seq,
            "prev_hash": previous,
            "at": stamp(NOON),
            "actor": note.actor,
            "kind": note.kind,
            "text": note.text,
            "outcome": note.outcome,
            "job": note.job,
            "attempt": note.attempt,
            "data": note.facts,
        }
        assert item.body.encode() == orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
        previous = item.hash


@given(CHAINS)
def test_items_are_numbered_from_one_and_each_names_the_one_before(notes: list[Note]) -> None:
    previous = START_HASH
    for number, item in enumerate(chain(notes), start=1):
        read = json.loads(item.body)
        assert (item.seq, read["seq"], read["prev_hash"]) == (number, number, previous)
        previous = item.hash


@given(CHAINS)
def test_an_untouched_chain_holds(notes: list[Note]) -> None:
    assert verify(pairs(chain(notes))) is None


@given(CHAINS, st.data())
def test_a_chain_that_is_continued_holds_as_one(notes: list[Note], more: st.DataObject) -> None:
    first = chain(notes)
    added = [(note, None) for note in more.draw(CHAINS)]
    second = chained(KEY, (first[-1].seq, first[-1].hash), later(hours=1), added)
    assert verify(pairs(first) + pairs(second)) is None


@given(CHAINS, st.data())
def test_a_changed_body_is_found_at_its_place(notes: list[Note], which: st.DataObject) -> None:
    items = pairs(chain(notes))
    place = which.draw(st.integers(0, len(items) - 1))
    body, digest = items[place]
    items[place] = body.replace('"actor":', '"actor" :', 1), digest
    broken = verify(items)
    assert broken is not None
    assert broken.seq == place + 1


@given(st.lists(NOTES, min_size=2, max_size=6), st.data())
def test_an_item_that_was_taken_out_or_moved_is_found(
    notes: list[Note], which: st.DataObject
) -> None:
    items = pairs(chain(notes))
    place = which.draw(st.integers(0, len(items) - 2))
    without = items[:place] + items[place + 1 :]
    swapped = [*items[:place], items[place + 1], items[place], *items[place + 2 :]]
    for tampered in (without, swapped):
        broken = verify(tampered)
        assert broken is not None
        assert broken.seq == place + 1


@given(CHAINS, st.data())
def test_an_item_rewritten_with_its_own_new_hash_breaks_the_next(
    notes: list[Note], which: st.DataObject
) -> None:
    items = pairs(chain([*notes, Note("cue.set", "end")]))
    place = which.draw(st.integers(0, len(items) - 2))
    body = items[place][0].replace('"ucn":"49000001"', '"ucn":"49000002"')
    items[place] = body, hashlib.sha256(body.encode()).hexdigest()
    broken = verify(items)
    assert broken is not None
    assert broken.seq == place + 2


def test_words_enter_the_chain_by_their_salted_hash_only() -> None:
    (item,) = chain([Note("annotation.added", "Annotation added.", words="ring the bell")])
    assert "bell" not in item.body
    wanted = hashlib.sha256(b"ab" * 16 + b"ring the bell").hexdigest()
    assert json.loads(item.body)["data"]["content_sha256"] == wanted
    assert (item.words, item.salt) == ("ring the bell", "ab" * 16)


@given(st.datetimes(*YEARS, timezones=st.timezones()))
def test_instants_are_printed_in_utc_with_six_decimals(at: datetime) -> None:
    printed = stamp(at)
    assert len(printed) == len("2026-02-02T23:00:00.000000Z")
    assert datetime.fromisoformat(printed) == at.astimezone(UTC)


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    eastern = timezone(timedelta(hours=-5))
    assert stamp(datetime(2026, 2, 2, 18, tzinfo=eastern)) == "2026-02-02T23:00:00.000000Z"
    assert stamp(datetime(2026, 2, 2, 23, 0, 0, 5, tzinfo=UTC)) == "2026-02-02T23:00:00.000005Z"


@pytest.mark.parametrize("body", ["", "no JSON", "[1]", "{}", '{"seq":"1"}'])
def test_what_is_no_item_any_more_breaks_the_chain_and_nothing_else(body: str) -> None:
    broken = verify([(body, "0" * 64)])
    assert broken == Broken(1, "item 1 is missing")
