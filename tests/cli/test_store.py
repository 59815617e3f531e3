"""`migrate`, `token`, `check`, and what every command does when it cannot do its work."""

import asyncio
import json
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.store.pool import connect
from gateway.store.tokens import Holder, find
from tests.cli.conftest import Dispatchd
from tests.cli.test_accounts import EXAMPLES

SECRETS = {
    "DISPATCHD_ADMIN_TOKEN": "hush-admin",
    "DISPATCHD_TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
    "DISPATCHD_TWILIO_AUTH_TOKENS": "hush-token",
    "DISPATCHD_TWILIO_API_KEY": "SK" + "b" * 32,
    "DISPATCHD_TWILIO_API_SECRET": "hush-secret",
    "DISPATCHD_TWILIO_BASE_URL": "http://127.0.0.1:9",
    "DISPATCHD_SMTP_HOST": "mail.example",
    "DISPATCHD_SMTP_PASSWORD": "hush-mail",
    "DISPATCHD_MAIL_FROM": "night@example.com",
    "DISPATCHD_ALERTS_LEAD": "json://127.0.0.1:9/hush-path",
}


def test_migrate_looks_first_and_then_does(
    dispatchd: Dispatchd, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", empty_database)
    behind = dispatchd("migrate", "--check")
    assert behind.code == 1
    assert behind.err.startswith("the database is behind: run `dispatchd migrate` for 0001_")
    assert dispatchd("dump").code == 1, "a database that is behind is not worked with"
    assert dispatchd("migrate").out.startswith("applied 0001_")
    assert dispatchd("migrate", "--check").out.startswith("up to date: ")
    assert dispatchd("migrate").out == "nothing to do: the database is up to date\n"


def test_a_token_is_shown_once_and_stored_as_its_hash(here: Dispatchd, database: str) -> None:
    ran = here("token", "create", "L-7", "--role", "lead")
    token = ran.out.strip()
    assert token not in ran.err

    async def look() -> tuple[object, str]:
        conn = await connect(database, SystemClock(), tries=1)
        try:
            stored = await conn.fetchval("select string_agg(t::text, ' ') from tokens as t")
            return await find(conn, token), stored
        finally:
            await conn.close()

    found, stored = asyncio.run(look())
    assert found == Holder("L-7", "lead", None)
    assert token not in stored


def test_a_role_that_does_not_exist_is_refused(here: Dispatchd) -> None:
    ran = here("token", "create", "L-7", "--role", "king")
    assert ran.code == 2
    assert "there are agent, dispatcher, lead" in ran.err


@pytest.mark.parametrize("name", ["", " ", "L 7", "L-7\n", "L-7\nx", "é", "x" * 81])
def test_a_token_is_for_a_name_that_the_api_takes(dispatchd: Dispatchd, name: str) -> None:
    ran = dispatchd("token", "create", name, "--role", "lead")
    assert ran.code == 2
    assert ran.err.startswith("NAME: must be 1 to 80 letters, digits and _ . @ : -")
    assert ran.err.count("\n") == 1


def test_check_fails_without_a_lead_to_alert_and_holds_with_one(
    here: Dispatchd, monkeypatch: pytest.MonkeyPatch
) -> None:
    here("load", EXAMPLES / "northside.yaml", EXAMPLES / "lakeside.yaml")
    ran = here("check")
    assert ran.code == 1
    assert "fail  alerts" in ran.out
    monkeypatch.setenv("DISPATCHD_ALERTS_LEAD", "json://127.0.0.1:9")
    answer = here("check", "--json")
    points = json.loads(answer.out)
    assert (answer.code, points["ok"]) == (0, True)
    assert {"settings", "database", "clock", "accounts", "carrier", "public url", "alerts"} <= {
        point["name"] for point in points["points"]
    }


def test_check_finds_hours_without_anybody_and_people_without_an_address(
    here: Dispatchd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_ALERTS_LEAD", "json://127.0.0.1:9")
    text = (EXAMPLES / "lakeside.yaml").read_text()
    text = text.replace("Mon-Sun 00:00-24:00", "Mon-Sun 17:00-08:00")
    bad = tmp_path / "bad.yaml"
    bad.write_text(text.replace('{name: Dot Dahl, phone: "+13125550104"}', "{name: Dot Dahl}"))
    here("load", bad)
    ran = here("check")
    assert ran.code == 1
    assert "schedule South: dot has no address for sms" in ran.out
    assert "schedule North: nobody can be reached for 63 h of the next 7 days" in ran.out


def test_check_shows_no_secret(
    here: Dispatchd, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPATCHD_DATABASE_URL", database.replace("postgres@", "postgres:hush@"))
    monkeypatch.setenv("DISPATCHD_CARRIER", "twilio")
    monkeypatch.setenv("DISPATCHD_TWILIO_FROM", "+12025550199")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    ran = here("check")
    assert ran.code == 1
    assert "hush" not in ran.out + ran.err
    assert "fail  carrier" in ran.out


def test_settings_that_make_no_sense_fail_the_check_and_stop_other_commands(
    dispatchd: Dispatchd, tmp_path: Path
) -> None:
    env = tmp_path / "bad.env"
    env.write_text("DISPATCHD_HTTP_PRT=1\n")
    ran = dispatchd("check", "--env-file", env)
    assert ran.code == 1
    assert "did you mean DISPATCHD_HTTP_PORT" in ran.out
    ran = dispatchd("dump", "--env-file", env)
    assert ran.code == 2
    assert ran.err.startswith(f"{env}: DISPATCHD_HTTP_PRT is not a setting")


@pytest.mark.parametrize("host", ["nosuch.invalid", "a..b", "203.0.113.1"])
def test_an_address_that_cannot_be_listened_on_is_one_line(
    dispatchd: Dispatchd, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("DISPATCHD_HTTP_HOST", host)
    ran = dispatchd("run")
    assert ran.code == 1
    assert ran.err.startswith(f"cannot listen on {host}:8080: ")
    assert ran.err.count("\n") == 1


def test_schemas_are_json(dispatchd: Dispatchd) -> None:
    for what, key in [("account", "properties"), ("scenario", "properties"), ("openapi", "paths")]:
        assert json.loads(dispatchd("schema", what).out)[key]


def test_the_version_and_the_help_are_said(dispatchd: Dispatchd) -> None:
    assert "rehearse" in dispatchd("--help").out
    assert dispatchd("rehearse").code == 2
    assert dispatchd("nonsense").code == 2
