"""Settings: what is read, what is refused, and that no secret is ever shown."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.settings import Settings, SettingsError, load_settings

SID = "AC" + "0" * 32
OURS = "+12025550100"
SERVICE = "MG" + "0" * 32


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DISPATCHD_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def refusal(**overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)  # type: ignore[arg-type] # overrides are of any kind
    return str(caught.value)


def test_without_any_setting_the_embedded_database_and_the_simulator_are_used() -> None:
    settings = load_settings()
    assert settings.database_url is None
    assert settings.carrier == "simulator"
    assert settings.public_url == "http://127.0.0.1:8080"


def test_every_setting_has_help() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_lists_are_split_at_commas(env: pytest.MonkeyPatch) -> None:
    env.setenv("DISPATCHD_TWILIO_FROM", f"+12025550100, {SERVICE},")
    env.setenv("DISPATCHD_TWILIO_AUTH_TOKENS", "first,second")
    settings = load_settings()
    assert settings.calling_numbers == ("+12025550100",)
    assert settings.text_senders == (SERVICE,)
    assert [one.get_secret_value() for one in settings.twilio_auth_tokens] == ["first", "second"]


def test_without_a_messaging_service_texts_come_from_the_numbers() -> None:
    settings = load_settings(twilio_from="+12025550100,+12025550101")
    assert settings.text_senders == ("+12025550100", "+12025550101")


def test_the_environment_wins_over_the_file(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "house.env"
    file.write_text("DISPATCHD_HTTP_PORT=9001\nDISPATCHD_HTTP_HOST=::1\nOTHER=1\n")
    env.setenv("DISPATCHD_HTTP_PORT", "9002")
    settings = load_settings(file)
    assert (settings.http_host, settings.http_port) == ("::1", 9002)


def test_an_empty_setting_keeps_its_default(env: pytest.MonkeyPatch) -> None:
    env.setenv("DISPATCHD_HTTP_PORT", "")
    env.setenv("DISPATCHD_DATABASE_URL", "")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTP_PORT", "many", "should be a valid integer"),
        ("HTTP_PORT", "65536", "should be less than or equal to 65535"),
        ("PUBLIC_URL", "ftp://x", "must be an http:// or https:// URL"),
        ("DATABASE_URL", "mysql://ann:tiger@h/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://ann:tiger@h:notaport/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://ann:tiger@h:99999/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://ann:ti/tiger@h/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://ann:12/tiger@h/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://ann:12?tiger@h/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://ann:ti#tiger@h/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://ann:[tiger@h/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql://tiger..h/x", "must be a postgresql:// URL"),
        ("DATABASE_URL", "postgresql:///x?host=/run&port=tiger", "must be a postgresql:// URL"),
        ("PUBLIC_URL", "https://ann:[tiger@h", "must be an http:// or https:// URL"),
        ("CALLS_PER_SECOND", "0", "should be greater than 0"),
        ("TEXTS_PER_SECOND", "inf", "should be a finite number"),
        ("CARRIER", "pigeon", "should be 'simulator' or 'twilio'"),
        ("TWILIO_FROM", "2025550100", "must list phone numbers such as +12025550100"),
        ("TWILIO_ACCOUNT_SID", "tiger", "should match pattern"),
        ("ALERTS_LEAD", "tiger", "must list notification URLs"),
        ("MAIL_FROM", "ann", "must be a mail address"),
        ("LOG_LEVEL", "loud", "should be 'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_not_the_value(
    env: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    env.setenv(f"DISPATCHD_{name}", value)
    line = refusal()
    assert line.startswith(f"DISPATCHD_{name}: ")
    assert words in line
    assert "\n" not in line
    assert "tiger" not in line


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:ti%2Fger@db.example:5433/x?sslmode=require",
        "postgres://ann:ti@ger@[::1]/x",
        "postgresql://postgres@/x?host=/run/a%20b&port=5433",
        "postgresql:///",
    ],
)
def test_a_database_is_reached_by_tcp_or_socket(url: str) -> None:
    settings = load_settings(database_url=url)
    assert settings.database_url
    assert settings.database_url.get_secret_value() == url


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ({"carrier": "twilio", "twilio_account_sid": SID}, "DISPATCHD_TWILIO_AUTH_TOKENS: needed"),
        ({"smtp_host": "mail.example"}, "DISPATCHD_MAIL_FROM: needed"),
        ({"smtp_username": "ann"}, "DISPATCHD_SMTP_PASSWORD: needed"),
        ({"twilio_api_key": "SK1"}, "DISPATCHD_TWILIO_API_SECRET: needed"),
        ({"second_account": "a-project-id"}, "DISPATCHD_SECOND_SIGNING_KEYS: needed"),
        ({"second_from": "+12025550150"}, "DISPATCHD_SECOND_ACCOUNT: needed"),
        (
            {"second_account": "a-project-id", "second_from": OURS, "twilio_from": OURS},
            "DISPATCHD_SECOND_FROM (other numbers than TWILIO_FROM): needed",
        ),
    ],
)
def test_what_one_setting_makes_another_need_is_named(given: dict[str, str], needed: str) -> None:
    assert needed in refusal(**given)


def test_a_slip_of_the_pen_in_the_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "house.env"
    file.write_text("DISPATCHD_HTPP_PORT=1\n")
    assert "did you mean DISPATCHD_HTTP_PORT?" in refusal(env_file=file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "none.env: No such file" in refusal(env_file=tmp_path / "none.env")


def test_secrets_are_never_shown() -> None:
    settings = load_settings(
        database_url="postgresql://ann:tiger@h/x",
        admin_token="tiger",  # noqa: S106 - an example
        twilio_auth_tokens="tiger",
        smtp_password="tiger",  # noqa: S106 - an example
        alerts_lead="slack://tiger",
    )
    assert "tiger" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_rehearsals_never_read_the_outside_world(env: pytest.MonkeyPatch) -> None:
    clean = load_settings(isolated=True)
    assert clean.model_dump() == Settings().model_dump()
    for name in Settings.model_fields:
        env.setenv(f"DISPATCHD_{name.upper()}", "-1 nonsense")
    assert load_settings(isolated=True) == clean
    assert load_settings(isolated=True, calls_per_second=7).calls_per_second == 7


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings().http_port = 1  # type: ignore[misc] # that is the point
