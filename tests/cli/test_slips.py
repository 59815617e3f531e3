"""What was typed amiss: one line that says what is wrong, and where help is."""

import pytest

from tests.cli.conftest import Dispatchd


@pytest.mark.parametrize(
    ("typed", "command", "told"),
    [
        ("load", " load", "missing argument 'FILE…'"),
        ("frob", "", "no such command 'frob'. Did you mean 'probe'?"),
        ("token", " token", "missing command"),
        ("feeds frob", " feeds", "no such command 'frob'"),
        (
            "schema nope",
            " schema",
            "invalid value for 'WHAT': 'nope' is not one of 'account', 'scenario', 'openapi'",
        ),
        ("load --foo x", " load", "no such option: --foo"),
        (
            "coverage 7001 --days 0",
            " coverage",
            "invalid value for '--days': should be greater than or equal to 1",
        ),
    ],
)
def test_a_slip_is_one_line_and_exit_2(
    dispatchd: Dispatchd, typed: str, command: str, told: str
) -> None:
    ran = dispatchd(*typed.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"dispatchd{command}: {told} (see `dispatchd{command} -h`)\n"


def test_whoever_types_nothing_is_shown_what_there_is(dispatchd: Dispatchd) -> None:
    ran = dispatchd()
    assert ran.code == 2
    assert "rehearse" in ran.err


def test_help_and_version_are_no_slips(dispatchd: Dispatchd) -> None:
    for typed in ("--version", "-h", "token -h"):
        ran = dispatchd(*typed.split())
        assert (ran.code, ran.err) == (0, "")
        assert ran.out


def test_each_point_of_a_check_is_one_line(here: Dispatchd) -> None:
    _heads, *lines = here("check").out.splitlines()
    assert {line.split()[0] for line in lines} == {"ok", "warn", "fail"}
    (lead,) = [line for line in lines if "DISPATCHD_ALERTS_LEAD" in line]
    assert "→ set it to whatever wakes a lead" in lead
