"""A full run tells no secret and no detail: no log, error, metric, statement or process does."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.embedded import shared
from tests.kit.programs import ADMIN, ANN, WORDS, Daemon, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account

SECRETS = {
    "TWILIO_AUTH_TOKENS": "simulated,hush-auth",
    "SMTP_USERNAME": "night",
    "SMTP_PASSWORD": "hush-mail",
    "ALERTS_SPECIALS": "json://127.0.0.1:9/hush-alert",
    "LOG_LEVEL": "debug",
}
HUSH = (ADMIN, "hush-", WORDS, ANN[1:], "47114711")


def found_in(words: str) -> list[str]:
    return [one for one in HUSH if one in words]


def family(pid: int) -> list[Path]:
    """Return the `/proc` folders of a process and of all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{pid}"), *(one for child in children for one in family(int(child)))]


def shown(folder: Path) -> str:
    """Return what a list of processes shows of one."""
    return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


@pytest.fixture
def spoken(house: RealHouse) -> Iterator[tuple[Daemon, int]]:
    """Start a daemon as a user does, with secrets in every setting that takes one."""
    database = house.database.replace("postgres@", "postgres:hush-base@")
    daemon = house.daemon(**SECRETS, DATABASE_URL=database)
    with daemon.process.log.open("wb") as log:
        command = [sys.executable, "-m", "gateway", "run"]
        child = subprocess.Popen(command, env=daemon.process.env, stdout=log, stderr=log)  # noqa: S603 - ours
    try:
        assert in_time(daemon.ready), daemon.process.said()
        house.carrier.ask("public", {"url": daemon.url})
        yield daemon, child.pid
    finally:
        child.terminate()
        assert child.wait(20) == 0


def test_nothing_that_is_secret_shows_anywhere_while_a_message_is_dispatched(
    house: RealHouse, spoken: tuple[Daemon, int]
) -> None:
    daemon, pid = spoken
    house.carrier.people(ann={"calls": [ACCEPTS]})
    document = account()
    document["contacts"]["ann"]["pin"] = "47114711"  # type: ignore[index] # JSON
    daemon.put(document)
    assert daemon.delivered(daemon.take())
    errors = [
        daemon.web.get(f"{daemon.url}/v1/messages", headers={"Authorization": "Bearer hush-guess"}),
        daemon.web.get(f"{daemon.url}/nowhere?token=hush-guess"),
        daemon.web.post(f"{daemon.url}/twilio/sms", data={"From": ANN, "Body": WORDS}),
        daemon.request("POST /v1/messages", {"text": WORDS, "caller": {"phone": ANN}}),
        daemon.request("GET /v1/accounts/7001"),
    ]
    assert [one.status_code for one in errors] == [401, 404, 403, 422, 200]

    assert found_in("".join(one.text for one in errors[:4])) == []
    assert found_in(errors[4].text) == [ANN[1:]]  # a document has phones, but neither PIN
    assert found_in(daemon.web.get(f"{daemon.url}/metrics").text) == []
    assert found_in(daemon.process.said()) == []
    assert daemon.process.said().count("\n") > 5
    assert found_in(" ".join(shown(one) for one in family(pid))) == []
    asked = house.sql("select string_agg(query, ' ') as all from pg_stat_activity")
    assert found_in(str(asked[0]["all"])) == []


def test_the_embedded_server_is_told_none_of_our_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISPATCHD_ADMIN_TOKEN", ADMIN)
    folder = Path(tempfile.mkdtemp(prefix="dispatchd-test-"))
    folder.chmod(0o755)
    try:
        with shared(folder):
            pid = int((folder / "postgres/postmaster.pid").read_text().split()[0])
            processes = family(pid)
            assert len(processes) > 3
            for one in processes:
                assert found_in(shown(one)) == []
                assert ADMIN.encode() not in (one / "environ").read_bytes()
    finally:
        shutil.rmtree(folder)
