"""An attempt's id names its month, and from ids and messages follows where attempts stand."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from hypothesis import given
from hypothesis import strategies as st

from gateway.chance import SystemChance
from gateway.domain.messages import Key
from gateway.domain.months import attempt_id, begun, first_month, month_of, named, span
from tests.kit.desk import NOON, Dice
from tests.kit.people import waiting

FEBRUARY = date(2026, 2, 1)
KEY = Key("7001", FEBRUARY, "49000001")
INSTANTS = st.datetimes(datetime(2001, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
ATTEMPT = waiting().attempts[0]


def test_an_id_names_the_month_in_which_its_attempt_was_begun() -> None:
    assert named(attempt_id(Dice(), KEY, NOON)) == FEBRUARY
    assert named(attempt_id(Dice(), KEY, NOON + timedelta(days=30))) == date(2026, 3, 1)


def test_an_attempt_is_never_older_than_its_message_however_the_clock_is_set() -> None:
    before = datetime(2026, 1, 31, 23, 58, tzinfo=UTC)
    assert named(attempt_id(Dice(), KEY, before)) == FEBRUARY


def test_an_id_can_be_told_from_others_and_is_not_to_be_guessed() -> None:
    ids = [attempt_id(SystemChance(), KEY, NOON) for _ in range(200)]
    assert {(one.version, one.variant) for one in ids} == {(8, "specified in RFC 4122")}
    drawn = [bit for bit in range(128) if len({one.int >> bit & 1 for one in ids}) > 1]
    assert len(drawn) == 106
    for other in (uuid4(), uuid5(uuid4(), "a call to us"), UUID(int=7)):
        assert named(other) is None


def test_where_an_id_says_nothing_the_attempt_itself_does() -> None:
    assert begun(ATTEMPT) == FEBRUARY
    assert begun(ATTEMPT._replace(started_at=NOON + timedelta(days=70))) == date(2026, 4, 1)
    assert begun(ATTEMPT._replace(started_at=NOON - timedelta(days=70))) == FEBRUARY


def test_of_an_instant_that_no_id_can_name_the_id_says_nothing() -> None:
    old = KEY._replace(month=date(1999, 12, 1))
    assert named(attempt_id(Dice(), old, datetime(1999, 12, 31, tzinfo=UTC))) is None
    assert named(UUID(int=0xFFFF << 112 | 8 << 76 | 2 << 62)) is None


@given(st.lists(st.tuples(INSTANTS, INSTANTS, st.booleans()), min_size=1, max_size=5))
def test_attempts_stand_where_their_ids_and_their_messages_say(
    cases: list[tuple[datetime, datetime, bool]],
) -> None:
    attempts = []
    for taken, at, old in cases:
        key = KEY._replace(month=month_of(taken))
        id_ = uuid4() if old else attempt_id(Dice(), key, at)
        attempts.append(ATTEMPT._replace(id=id_, key=key, started_at=at))
    first, last = (at.date() for at in span(one.id for one in attempts))
    earliest = first_month(one.key for one in attempts).date()
    for one in attempts:
        assert first <= begun(one) <= last
        assert begun(one) >= max(earliest, one.key.month, month_of(one.started_at))
