"""`init` writes files that work as they stand, and never over anybody's own."""

import re
from pathlib import Path

import pytest

from gateway.settings import Settings, load_settings
from tests.cli.conftest import Dispatchd


def test_what_init_writes_is_taken_as_it_stands(dispatchd: Dispatchd, tmp_path: Path) -> None:
    folder = tmp_path / "a house # of ours"
    ran = dispatchd("init", folder)
    assert ran.code == 0, ran.err
    assert "dispatchd run --env-file" in ran.out
    settings = load_settings(folder / "dispatchd.env")
    assert settings.data_dir == folder / "data"
    assert settings.carrier == "simulator"
    assert settings.admin_token
    assert len(settings.admin_token.get_secret_value()) > 20
    assert (folder / "dispatchd.env").stat().st_mode & 0o077 == 0


def test_the_file_explains_every_setting(dispatchd: Dispatchd, tmp_path: Path) -> None:
    dispatchd("init", tmp_path)
    text = (tmp_path / "dispatchd.env").read_text()
    assert [
        name for name in Settings.model_fields if f"DISPATCHD_{name.upper()}=" not in text
    ] == []


def test_each_house_has_a_token_of_its_own(dispatchd: Dispatchd, tmp_path: Path) -> None:
    for name in ("one", "two"):
        dispatchd("init", tmp_path / name)
    one, two = (load_settings(tmp_path / name / "dispatchd.env") for name in ("one", "two"))
    assert one.admin_token != two.admin_token


def test_a_house_with_a_carrier_says_what_is_needed(dispatchd: Dispatchd, tmp_path: Path) -> None:
    dispatchd("init", tmp_path, "--carrier", "twilio")
    text = (tmp_path / "dispatchd.env").read_text()
    needed = set(re.findall(r"^# Needed: .*\nDISPATCHD_(\w+)=$", text, re.MULTILINE))
    carriers = {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS", "TWILIO_FROM", "PUBLIC_URL"}
    assert needed == {*carriers, "ALERTS_LEAD"}
    ran = dispatchd("check", "--env-file", tmp_path / "dispatchd.env")
    assert ran.code == 1
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    for name, told in [
        ("TWILIO_ACCOUNT_SID", "Twilio account SID, AC and 32 characters."),
        ("TWILIO_FROM (with a phone number for calls)", "Comma list of sending numbers (+1…)"),
    ]:
        asked = f"fail settings DISPATCHD_{name}: needed when DISPATCHD_CARRIER is twilio"
        assert any(line.startswith(f"{asked} → {told}") for line in lines)


@pytest.mark.parametrize("name", ["dispatchd.env", "account.yaml"])
def test_nothing_is_overwritten(dispatchd: Dispatchd, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    ran = dispatchd("init", tmp_path)
    assert (ran.code, ran.err.strip()) == (
        2,
        f"{tmp_path / name} is there already; nothing was written",
    )
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(dispatchd: Dispatchd, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = dispatchd("init", tmp_path / "file")
    assert (ran.code, ran.err.strip()) == (2, f"{tmp_path / 'file'}: File exists")


def test_the_example_account_is_loaded_and_has_no_fault(here: Dispatchd, tmp_path: Path) -> None:
    here("init", tmp_path)
    ran = here("load", tmp_path / "account.yaml")
    assert ran.out == "7001  Example Plumbing: version 1\n"
    points = [line for line in here("check").out.splitlines() if "account" in line]
    assert [line.split() for line in points] == [
        ["ok", "accounts", "1", "in", "force,", "1", "without", "a", "remark"]
    ]
