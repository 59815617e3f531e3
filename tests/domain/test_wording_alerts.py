"""What leads are told: one line, account number and UCN, no details."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.wording import alerts
from gateway.domain.wording.alerts import About, Reached

ABOUT = About("7001", "49000001")
ANN = Reached("Ann Ames", "+12025550101")
DAY = date(2026, 2, 2)


def test_the_limit_is_reported_with_account_number_and_ucn() -> None:
    assert alerts.limit_reached(ABOUT, timedelta(hours=2)) == (
        "Account 7001, UCN 49000001: active dispatch limit reached after 2 h without delivery; "
        "no further attempts until a lead decides."
    )


def test_a_gap_is_reported_and_dispatching_goes_on() -> None:
    assert alerts.gap(ABOUT, timedelta(minutes=45)) == (
        "Account 7001, UCN 49000001: gap of 45 min without dispatch; dispatching continues."
    )


def test_an_exhausted_round_names_the_next_try() -> None:
    assert "next try at 6:15 PM EST" in alerts.exhausted(ABOUT, "6:15 PM EST, Mon Feb 2")
    assert "next try" not in alerts.exhausted(ABOUT)


def test_a_held_job_says_why_in_words() -> None:
    assert alerts.held(ABOUT, "requires_human") == (
        "Account 7001, UCN 49000001: job held: requires human; please help."
    )


def test_a_blank_schedule_is_reported_for_its_account_and_day() -> None:
    assert alerts.blank_schedule(About("7001"), "OnCall", DAY) == (
        "Account 7001: schedule OnCall is blank on 2026-02-02; the permanent list is used."
    )
    assert "the schedule is blank" in alerts.blank_schedule(About("7001"), "", DAY)
    assert "permanent list is empty" in alerts.nobody_at_all(ABOUT, "OnCall", DAY)
    assert "the schedule is blank" in alerts.nobody_at_all(ABOUT, "", DAY)


def test_an_opt_out_names_the_person_and_only_the_end_of_the_number() -> None:
    assert alerts.opted_out(ABOUT, ANN, "STOP") == (
        "Account 7001, UCN 49000001: Ann Ames (+1******0101) opted out of texts (STOP); "
        "texts to that number are suspended."
    )


def test_a_refusing_carrier_is_quoted_with_its_code_and_masked_numbers() -> None:
    assert alerts.carrier_refuses(ABOUT, 21612, "no route to +12025550101") == (
        "Account 7001, UCN 49000001: the carrier refuses: error 21612, no route to +1******0101."
    )
    assert "no error code" in alerts.carrier_refuses(About("7001"), None, "bad gateway")


def test_a_reminder_says_how_long_a_job_waits() -> None:
    assert "still limit reached after 1 h 15 min" in alerts.still_waiting(
        ABOUT, "limit_reached", timedelta(minutes=75)
    )


@given(st.text(), st.text())
def test_every_alert_is_one_line_with_account_ucn_and_no_whole_number(
    name: str, words: str
) -> None:
    who = Reached(name, "+12025550101")
    for said in (
        alerts.held(ABOUT, words),
        alerts.opted_out(ABOUT, who, "STOP"),
        alerts.wrong_person(ABOUT, who),
        alerts.suspended(ABOUT, who, words),
        alerts.link_unopened(ABOUT, who, timedelta(minutes=15)),
        alerts.rate_limited(ABOUT, who),
        alerts.carrier_refuses(ABOUT, 30034, words),
    ):
        assert said.startswith("Account 7001, UCN 49000001: ")
        assert len(said.splitlines()) == 1
        assert "+12025550101" not in said
