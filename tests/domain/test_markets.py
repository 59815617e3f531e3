"""Markets: every cut-off by the second in the market's own zone, on changing clocks too.

Shows S2-16, S2-17, S2-20, S2-21 and S2-31.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from gateway.domain.deeds import RefusedError
from gateway.domain.market_defaults import SHIPPED
from gateway.domain.market_documents import MarketDocument
from gateway.domain.markets import (
    Market,
    compiled,
    contact_due,
    found,
    in_force,
    next_business_morning,
    next_morning,
    pickup_at,
    place_of,
    too_late_to_go_back,
)


@cache
def texas(place: str | None = None, **changes: str) -> Market:
    """Return Texas; not at import, for public holidays take a while to count out."""
    return compiled(SHIPPED["TX"].model_copy(update=changes), place)


# Both clock changes of 2026: the day before, the Sunday itself, the Monday after.
CHANGES = ["2026-03-06", "2026-03-09", "2026-10-30", "2026-11-02"]
ORDINARY = ["2026-02-03", "2026-07-15"]


def at(market: Market, text: str) -> datetime:
    """Read a local time of the market; `+` behind it is the second pass of a doubled hour."""
    return datetime.fromisoformat(text.rstrip("+")).replace(
        tzinfo=market.zone, fold=text.endswith("+")
    )


def shown(market: Market, instant: datetime) -> str:
    local = instant.astimezone(market.zone)
    return f"{local:%Y-%m-%dT%H:%M:%S}{'+' * local.fold}"


@pytest.mark.parametrize("place", [None, "El Paso"])
@pytest.mark.parametrize(
    ("saved", "picked_up"),
    [
        ("2026-02-02T20:00:00", "now"),
        ("2026-02-02T20:00:01", "2026-02-03T09:00:00"),
        ("2026-02-05T20:00:01", "2026-02-06T09:00:00"),
        ("2026-02-05T23:59:59", "2026-02-06T09:00:00"),
        ("2026-02-06T00:00:00", "now"),
        ("2026-02-06T20:00:00", "now"),
        ("2026-02-06T20:00:01", "2026-02-09T09:00:00"),
        ("2026-02-07T17:00:00", "now"),
        ("2026-02-07T17:00:01", "2026-02-09T09:00:00"),
        ("2026-02-08T00:00:01", "2026-02-09T09:00:00"),
        ("2026-02-08T12:00:00", "2026-02-09T09:00:00"),
        ("2026-02-08T23:59:59", "2026-02-09T09:00:00"),
        # Clocks go forward, and back, on these Sundays.
        ("2026-03-06T20:00:01", "2026-03-09T09:00:00"),
        ("2026-03-07T17:00:00", "now"),
        ("2026-03-08T01:59:59", "2026-03-09T09:00:00"),
        ("2026-03-08T03:00:00", "2026-03-09T09:00:00"),
        ("2026-03-09T20:00:00", "now"),
        ("2026-11-01T01:30:00", "2026-11-02T09:00:00"),
        ("2026-11-01T01:30:00+", "2026-11-02T09:00:00"),
        ("2026-11-02T20:00:01", "2026-11-03T09:00:00"),
        # Presidents' Day is a Monday; the Fourth of July a Saturday, kept on Friday.
        ("2026-02-13T20:00:01", "2026-02-17T09:00:00"),
        ("2026-02-16T12:00:00", "2026-02-17T09:00:00"),
        ("2026-07-02T20:00:01", "2026-07-06T09:00:00"),
    ],
)
def test_texas_is_picked_up_until_eight_and_on_saturdays_until_five(
    place: str | None, saved: str, picked_up: str
) -> None:
    """S2-16, S2-17: the last second is in, the next one waits for the business morning (A13)."""
    market = texas(place)
    expected = saved if picked_up == "now" else picked_up
    assert shown(market, pickup_at(market, at(market, saved))) == expected


@pytest.mark.parametrize(
    ("saved", "picked_up"),
    [
        ("2026-02-02T20:00:00", "2026-02-02T20:00:00"),
        ("2026-02-02T20:00:01", "2026-02-09T09:00:00"),
        ("2026-02-05T23:00:00", "2026-02-09T09:00:00"),
        ("2026-02-07T18:00:00", "2026-02-09T09:00:00"),
        ("2026-02-10T20:00:01", "2026-02-17T09:00:00"),  # that Monday is a holiday
        ("2026-11-26T12:00:00", "2026-11-27T09:00:00"),  # Thanksgiving is no night
    ],
)
def test_monday_morning_may_be_meant_literally(saved: str, picked_up: str) -> None:
    """S2-16: `weeknight_rollover: monday_literal` (A13)."""
    market = texas(weeknight_rollover="monday_literal")
    assert shown(market, pickup_at(market, at(market, saved))) == picked_up


# A market for each zone that there is.
ZONES = {one.timezone: code for code, one in sorted(SHIPPED.items())}


@pytest.mark.parametrize("code", sorted({*ZONES.values(), "TX", "CA", "OR", "WA"}))
def test_every_market_promises_half_an_hour_until_its_close(code: str) -> None:
    """S2-20, S2-31: by the second, in each zone, on ordinary days and beside clock changes."""
    market, close = compiled(SHIPPED[code]), 20 if code == "TX" else 17
    for day in (*ORDINARY, *CHANGES):
        last = at(market, f"{day}T{close - 1}:30:00")
        assert shown(market, contact_due(market, last)) == f"{day}T{close}:00:00"
        assert shown(market, pickup_at(market, last)) == f"{day}T{close - 1}:30:00"
        for late in (last + timedelta(seconds=1), last + timedelta(hours=1)):
            due = contact_due(market, late)
            assert due == next_business_morning(market, late)
            assert shown(market, due).endswith("T09:00:00")
            assert timedelta(hours=12) < due - late < timedelta(days=3)


@pytest.mark.parametrize(
    ("saved", "due"),
    [
        ("2026-02-03T12:00:00", "2026-02-03T12:30:00"),
        ("2026-02-03T16:30:00.999999", "2026-02-03T17:00:00"),
        ("2026-02-03T03:00:00", "2026-02-03T09:00:00"),
        ("2026-02-03T08:45:00", "2026-02-03T09:15:00"),
        ("2026-02-06T16:30:01", "2026-02-09T09:00:00"),
        ("2026-02-07T10:00:00", "2026-02-09T09:00:00"),
        ("2026-02-16T10:00:00", "2026-02-17T09:00:00"),  # Presidents' Day
        ("2026-12-24T16:30:01", "2026-12-28T09:00:00"),
    ],
)
def test_outside_of_business_the_next_business_morning_is_promised(saved: str, due: str) -> None:
    """S2-20: nobody is called at night, on Saturdays or holidays (A14)."""
    market = compiled(SHIPPED["FL"])
    assert shown(market, contact_due(market, at(market, saved))) == due


def test_a_combination_waits_for_the_next_business_day_whenever_it_is_saved() -> None:
    """S2-21."""
    market = compiled(SHIPPED["WA"])
    for saved in ("2026-03-06T00:00:00", "2026-03-06T08:59:59", "2026-03-08T12:00:00"):
        assert shown(market, next_business_morning(market, at(market, saved))) == (
            "2026-03-09T09:00:00"
        )


@cache
def nights() -> Market:
    return compiled(
        MarketDocument(
            market="NY",
            name="New York",
            timezone="America/New_York",
            business="Mon-Sun 00:00-24:00",
            pickup="Sat 20:00-Sun 02:30; Sun 12:00-13:00",
            tech_go_back_until="01:30",
            morning="00:00",
        )
    )


@pytest.mark.parametrize(
    ("saved", "due"),
    [
        ("2026-03-08T01:45:00", "2026-03-08T03:15:00"),
        ("2026-11-01T01:45:00", "2026-11-01T01:15:00+"),
        ("2026-11-01T01:45:00+", "2026-11-01T02:15:00"),
    ],
)
def test_half_an_hour_passes_also_while_the_clocks_change(saved: str, due: str) -> None:
    """S2-31: a promise is counted in time that passes."""
    assert shown(nights(), contact_due(nights(), at(nights(), saved))) == due


@pytest.mark.parametrize(
    ("saved", "picked_up"),
    [
        ("2026-03-08T01:59:59", "2026-03-08T01:59:59"),
        ("2026-03-08T03:00:00", "2026-03-08T03:00:00"),  # 02:30 is not; its first instant after
        ("2026-03-08T03:00:01", "2026-03-09T00:00:00"),
        ("2026-11-01T02:30:00", "2026-11-01T02:30:00"),
        ("2026-11-01T02:30:01", "2026-11-02T00:00:00"),
    ],
)
def test_a_cut_off_in_the_hour_that_is_skipped_or_doubled(saved: str, picked_up: str) -> None:
    """S2-31: as every other local time (CONTRACT, clock changes)."""
    assert shown(nights(), pickup_at(nights(), at(nights(), saved))) == picked_up


@pytest.mark.parametrize("place", [None, "El Paso"])
@pytest.mark.parametrize("day", [*ORDINARY, *CHANGES, "2026-03-08", "2026-11-01"])
def test_texas_sends_nobody_back_after_three(place: str | None, day: str) -> None:
    """S2-18 and S2-17: 15:00:00 is in time, 15:00:01 is not, in the zone of the place."""
    market = texas(place)
    last = at(market, f"{day}T15:00:00.999999")
    assert not too_late_to_go_back(market, last)
    assert too_late_to_go_back(market, last + timedelta(microseconds=1))
    assert not too_late_to_go_back(compiled(SHIPPED["CA"]), last + timedelta(hours=5))


def test_el_paso_keeps_its_own_time() -> None:
    """S2-31: three in Dallas is two in El Paso."""
    three = datetime(2026, 2, 3, 21, 0, 1, tzinfo=UTC)
    assert too_late_to_go_back(texas(), three)
    assert not too_late_to_go_back(texas("El Paso"), three)


def test_the_next_day_is_any_day_unless_the_table_says_a_business_day() -> None:
    """S2-28."""
    any_day, business = texas(), texas(left_behind="next_business_day")
    friday = at(any_day, "2026-02-06T19:00:00")
    assert shown(any_day, next_morning(any_day, friday)) == "2026-02-07T09:00:00"
    assert shown(business, next_morning(business, friday)) == "2026-02-09T09:00:00"


@pytest.mark.parametrize(
    ("asked", "code", "place"),
    [
        ("TX", "TX", None),
        ("texas", "TX", None),
        ("New York", "NY", None),
        ("TX-El Paso", "TX", "El Paso"),
        ("el paso", "TX", "El Paso"),
        ("Texas/El_Paso", "TX", "El Paso"),
    ],
)
def test_a_market_is_known_by_code_name_or_place(asked: str, code: str, place: str | None) -> None:
    """S2-31."""
    table, named = found(iter(SHIPPED.values()), asked)
    assert (table.market, named) == (code, place)


@pytest.mark.parametrize("asked", ["", "-", "ZZ", "Paso"])
def test_an_unknown_market_is_refused(asked: str) -> None:
    with pytest.raises(RefusedError) as refused:
        found(SHIPPED.values(), asked)
    assert refused.value.code == "unknown_market"


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("12 Mesa St, El Paso, TX 79901", "El Paso"),
        ("12 Mesa St; EL PASO Texas 79901", "El Paso"),
        ("12 El Paso St, Houston, TX", None),
        ("El Paso County Rd 5, Houston", None),
        ("", None),
    ],
)
def test_an_address_tells_the_place(address: str, place: str | None) -> None:
    """S2-31: an address in El Paso is judged by El Paso's clocks."""
    assert place_of(SHIPPED["TX"], address) == place


def test_a_table_of_an_operator_stands_in_for_the_shipped_one() -> None:
    """S2-20: hours and holidays are tables, not code (A14)."""
    own = SHIPPED["FL"].model_copy(update={"business": "Mon-Fri 08:00-18:00", "morning": "08:30"})
    tables = {one.market: one for one in in_force(SHIPPED, {"FL": own, "XX": NEW})}
    market = compiled(tables["FL"])
    assert shown(market, contact_due(market, at(market, "2026-02-03T17:30:00"))) == (
        "2026-02-03T18:00:00"
    )
    assert shown(market, contact_due(market, at(market, "2026-02-03T17:30:01"))) == (
        "2026-02-04T08:30:00"
    )
    assert len(tables) == len(SHIPPED) + 1


NEW = MarketDocument(market="XX", name="Elsewhere", timezone="Europe/London")
