"""Secrets in files of their own: by `DISPATCHD_…_FILE`, by systemd, and what is refused."""

import os
from pathlib import Path

import pytest

from gateway.settings import SettingsError, load_settings, secret_names

TOKEN = "DISPATCHD_ADMIN_TOKEN"  # noqa: S105 - the name of a setting


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DISPATCHD_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def admin_token(env_file: Path | None = None) -> str | None:
    found = load_settings(env_file).admin_token
    return found.get_secret_value() if found else None


def refusal(env_file: Path | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file)
    assert "tiger" not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_secret_stands_in_a_file_that_the_environment_names(
    env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env.setenv(f"{TOKEN}_FILE", str(written(tmp_path, "token", "tiger\n")))
    assert admin_token() == "tiger"


def test_a_secret_stands_in_a_file_that_the_env_file_names(tmp_path: Path) -> None:
    secret = written(tmp_path, "token", "tiger\n")
    assert admin_token(written(tmp_path, "a.env", f"{TOKEN}_FILE={secret}\n")) == "tiger"


def test_systemd_hands_a_secret_over(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written(tmp_path, "admin_token", "tiger")
    env.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert admin_token() == "tiger"
    assert admin_token(written(tmp_path, "a.env", f"{TOKEN}=of the file\n")) == "tiger"
    env.setenv(TOKEN, "of the environment")
    assert admin_token() == "of the environment"


def test_the_environment_goes_before_a_file_that_the_env_file_names(
    env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env.setenv(TOKEN, "of the environment")
    env_file = written(tmp_path, "a.env", f"{TOKEN}_FILE={tmp_path / 'none'}\n")
    assert admin_token(env_file) == "of the environment"


def test_a_list_may_have_a_line_for_each_item(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = written(tmp_path, "tokens", "first\nsecond\n")
    env.setenv("DISPATCHD_TWILIO_AUTH_TOKENS_FILE", str(path))
    tokens = load_settings().twilio_auth_tokens
    assert [one.get_secret_value() for one in tokens] == ["first", "second"]


def test_every_secret_and_nothing_else_may_stand_in_a_file(tmp_path: Path) -> None:
    assert {"database_url", "smtp_password", "alerts_lead"} <= set(secret_names())
    env_file = written(tmp_path, "a.env", "DISPATCHD_HTTP_PORT_FILE=/x\n")
    assert "DISPATCHD_HTTP_PORT_FILE is not a setting" in refusal(env_file)


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "No such file"), ("\n", "is empty"), ("tiger\ntiger\n", "holds more than one line")],
)
def test_a_file_that_holds_no_secret_is_named(
    env: pytest.MonkeyPatch, tmp_path: Path, text: str | None, words: str
) -> None:
    path = tmp_path / "token"
    if text is not None:
        path.write_text(text)
    env.setenv(f"{TOKEN}_FILE", str(path))
    assert refusal().startswith(f"{TOKEN}_FILE: {path}: {words}")


def test_a_bad_value_in_a_file_is_told_by_its_setting(
    env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env.setenv("DISPATCHD_DATABASE_URL_FILE", str(written(tmp_path, "url", "mysql://tiger@h/x")))
    assert refusal().startswith("DISPATCHD_DATABASE_URL: must be a postgresql:// URL")


def test_a_setting_is_given_once(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env.setenv(TOKEN, "tiger")
    env.setenv(f"{TOKEN}_FILE", str(tmp_path))
    assert refusal() == f"{TOKEN}: set it or {TOKEN}_FILE, not both"


def test_rehearsals_read_no_file(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env.setenv(f"{TOKEN}_FILE", str(tmp_path / "none"))
    assert load_settings(isolated=True).admin_token is None
