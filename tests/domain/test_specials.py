"""Specials: which one governs, whom it puts in whose place, what it holds, and when it is over."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.accounts import Account
from gateway.domain.documents import DocumentError, document_from
from gateway.domain.heeding import roster_at
from gateway.domain.specials import Special, active, governing, over_at, plain
from gateway.domain.wording import alerts
from tests.domain.documents import least
from tests.kit.desk import NOON, later
from tests.kit.street import compiled, roster, shift

PEOPLE = {"ann", "bob", "cho"}


def special(name: str = "s1", start: float = -60, end: float = 60, **changes: object) -> Special:
    """Return one that lasts from `start` to `end` minutes after NOON."""
    one = Special(name, "the office", later(minutes=start), later(minutes=end))
    return replace(one, **changes)  # type: ignore[arg-type]


def names(account: Account, *posted: Special, at: datetime = NOON) -> list[str]:
    """Return the roster as `contact source`, with `!` where somebody is passed over."""
    found = roster_at(account, "OnCall", at, posted)
    return [f"{one.contact} {one.source}{'!' * bool(one.skipped)}" for one in found.lines]


def test_a_special_lasts_from_its_start_and_not_to_its_end() -> None:
    one = special(start=0, end=10)
    assert [len(active([one], later(minutes=at))) for at in (-1, 0, 9.99, 10)] == [0, 1, 1, 0]


def test_of_several_the_one_posted_last_governs_and_words_alone_never_do() -> None:
    first, second = special("s1", replace="ann"), special("s2", hold=True)
    assert governing([first, second, special("s3")], PEOPLE, NOON) is second
    assert governing([second, first], PEOPLE, NOON) is first
    assert governing([special("s3")], PEOPLE, NOON) is None
    assert governing([first, special("s4", start=1, hold=True)], PEOPLE, NOON) is first


def test_a_contact_who_is_gone_replaces_nobody() -> None:
    assert governing([special(replace="zed")], PEOPLE, NOON) is None
    account = compiled(**roster(shift("ann")), permanent=[])
    assert names(account, special(replace="zed")) == ["ann shift"]


def test_a_special_is_over_when_a_later_one_begins() -> None:
    one, words = special(hold=True), special("s2", start=5)
    assert over_at([one, words], PEOPLE, one, one.start) == one.end
    other = special("s3", start=20, replace="ann")
    assert over_at([one, words, other], PEOPLE, one, one.start) == other.start
    assert over_at([other, one], PEOPLE, one, one.start) == one.end
    assert over_at([one, special("s4", start=90, hold=True)], PEOPLE, one, one.start) == one.end


def test_its_contact_stands_in_place_of_on_call_and_backup_and_the_list_follows() -> None:
    account = compiled(**roster(shift("ann"), shift("bob", "backup")))
    found = roster_at(account, "OnCall", NOON, [special("s7", replace="bob")])
    assert [(one.contact, one.role, one.source, one.skipped) for one in found.lines] == [
        ("bob", "oncall", "special", None),
        ("ann", "oncall", "shift", "overridden"),
        ("bob", "backup", "shift", "overridden"),
        ("cho", "permanent", "permanent", None),
    ]
    assert not found.blank
    assert {one.reason for one in found.lines[:1]} == {"special s7 until 2026-02-02 19:00"}
    assert "special s7" in found.lines[1].reason


def test_it_fills_a_blank_schedule() -> None:
    account = compiled(schedules=[{"name": "OnCall", "shifts": []}])
    assert account.roster("OnCall", NOON).blank
    assert names(account, special(replace="bob")) == ["bob special", "cho permanent"]


def test_it_goes_before_a_temporary_schedule_and_overrides() -> None:
    span = {"start": "2026-02-02T00:00", "end": "2026-02-03T00:00"}
    override = {**span, "replace": "ann", "with": "bob"}
    stand_in = {**span, "shifts": [{"contact": "cho"}]}
    changed = compiled(**roster(shift("ann"), overrides=[override]), permanent=[])
    assert names(changed, special(replace="cho"))[0] == "cho special"
    temporary = compiled(**roster(shift("ann"), temporary=[stand_in]), permanent=[])
    assert names(temporary, special(replace="bob")) == ["bob special", "cho temporary!"]


def test_its_contact_is_reached_by_their_own_status_else_by_call() -> None:
    account = compiled(**roster(shift("ann", status="sms"), shift("bob", status="secure")))
    found = roster_at(account, "OnCall", NOON, [special(replace="bob")])
    assert found.lines[0].status == "secure"
    listed = compiled(**roster(shift("ann", status="sms")), permanent=[])
    assert roster_at(listed, "OnCall", NOON, [special(replace="bob")]).lines[0].status == "call"


def test_its_contact_may_be_away_too() -> None:
    away = {"contact": "bob", "start": "2026-02-02T17:00", "end": "2026-02-02T19:00"}
    account = compiled(**roster(shift("ann")), unavailable=[away])
    found = names(account, special(replace="bob"))
    assert found == ["bob special!", "ann shift!", "cho permanent"]


@given(
    spans=st.lists(
        st.tuples(st.integers(-50, 50), st.integers(1, 60), st.sampled_from(["hold", "who", ""])),
        max_size=6,
    ),
    at=st.integers(-60, 120),
)
def test_what_governs_does_so_until_it_is_over_and_no_longer(
    spans: list[tuple[int, int, str]], at: int
) -> None:
    posted = [
        special(
            f"s{number}",
            start,
            start + length,
            hold=what == "hold",
            replace="ann" if what == "who" else None,
        )
        for number, (start, length, what) in enumerate(spans)
    ]
    one = governing(posted, PEOPLE, later(minutes=at))
    if one is None:
        return
    until = over_at(posted, PEOPLE, one, later(minutes=at))
    assert until > later(minutes=at)
    minute = at
    while later(minutes=minute) < until:
        assert governing(posted, PEOPLE, later(minutes=minute)) is one
        minute += 1
    assert governing(posted, PEOPLE, until) is not one


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("//call Bo//  first", "call Bo first"),
        ("**EMERGENCY TICKETS** only", "EMERGENCY TICKETS only"),
        ("see https://x.example/a", "see https://x.example/a"),
        ("a//b", "a b"),
        (" // ** ", ""),
    ],
)
def test_marks_around_an_instruction_are_taken_away(text: str, said: str) -> None:
    """S3-54."""
    assert plain(text) == said


@pytest.mark.parametrize("end", ["", "."])
def test_the_line_for_the_channel_is_word_for_word(end: str) -> None:
    """S3-80."""
    assert alerts.special("7360661", f"the office being closed until 1/5/2026{end}") == (
        "📣Specials 7360661 - Please see special in regards to the office being closed until"
        " 1/5/2026."
    )


def test_a_document_may_hold_specials_in_local_time() -> None:
    entry = {"text": "**closed**", "start": "2026-11-01T01:30", "end": "2026-11-02"}
    (one,) = compiled(specials=[{**entry, "effect": {"hold": True}}]).specials
    assert (one.text, one.effect) == ("closed", "hold")
    assert one.start == datetime.fromisoformat("2026-11-01T01:30-04:00")
    assert one.end == datetime.fromisoformat("2026-11-02T00:00-05:00")
    (other,) = compiled(specials=[entry]).specials
    assert (other.effect, other.id != one.id) == ("text", True)
    assert compiled(specials=[entry]).specials[0].id == other.id


def test_an_end_in_a_doubled_hour_is_its_last() -> None:
    entry = {"text": "x", "start": "2026-11-01", "end": "2026-11-01T01:30"}
    (one,) = compiled(specials=[entry]).specials
    assert one.end == datetime.fromisoformat("2026-11-01T01:30-05:00")


SPAN = {"text": "x", "start": "2026-02-02", "end": "2026-02-03"}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({**SPAN, "end": "2026-02-02"}, "specials[0]: the end is not after the start"),
        ({**SPAN, "text": "//"}, "specials[0]: text must say something besides marks"),
        ({**SPAN, "effect": {}}, "specials[0].effect: needs either replace or hold"),
        (
            {**SPAN, "effect": {"replace": "zed"}},
            "specials[0].effect.replace: unknown contact 'zed'",
        ),
        ({**SPAN, "effect": {"hold": False}}, "specials[0].effect.hold: must be True"),
    ],
)
def test_a_faulty_special_in_a_document_says_what_is_wrong(
    entry: dict[str, object], words: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        document_from({**least(), "specials": [entry]}, "")
    assert words in str(caught.value)
