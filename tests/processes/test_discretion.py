"""A full run tells no secret and no detail: no log, error, metric, statement or process does."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.store.embedded import shared
from tests.kit.mailbox import Mailbox, served
from tests.kit.nursery import Nursery
from tests.kit.own_postgres import Server
from tests.kit.programs import ADMIN, ANN, WORDS, Carrier, Daemon, Process, free_port, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account, standing

PROJECT, SECOND = "5b8c0a1e-1f1e-4f4e-9b1e-0d0f1a2b3c4d", "+15005550007"
KEY = f"SK{0:032}"
SECRETS = {
    "TWILIO_AUTH_TOKENS": "simulated,hush-auth",
    "TWILIO_API_KEY": KEY,
    "TWILIO_API_SECRET": "hush-api",
    "SECOND_ACCOUNT": PROJECT,
    "SECOND_API_TOKEN": "hush-second",
    "SECOND_SIGNING_KEYS": "hush-sign,hush-second",
    "SECOND_FROM": SECOND,
    "SMTP_HOST": "127.0.0.1",
    "SMTP_TLS": "none",
    "SMTP_USERNAME": "night",
    "SMTP_PASSWORD": "hush-mail",
    "MAIL_FROM": "desk@dispatch.example",
    "ALERTS_SPECIALS": "json://127.0.0.1:9/hush-alert",
    "HEARTBEAT_URL": "http://127.0.0.1:9/hush-beat",
    "LOG_LEVEL": "debug",
}
DANS = [f"+1202557{n:04}" for n in range(6)]
HUSH = (ADMIN, "hush-", WORDS, ANN[1:], DANS[0][1:-1], "ann@northside", "47114711", "/m/")


@dataclass(frozen=True, slots=True)
class Night:
    """A daemon that was started as a user does, and all that it speaks to."""

    daemon: Daemon
    pid: int
    house: RealHouse
    second: Carrier
    mailbox: Mailbox


def found_in(words: str, *more: str) -> list[str]:
    return [one for one in (*HUSH, *more) if one in words]


def family(pid: int) -> list[Path]:
    """Return the `/proc` folders of a process and of all that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{pid}"), *(one for child in children for one in family(int(child)))]


def shown(folder: Path) -> str:
    """Return what a list of processes shows of one."""
    return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


@pytest.fixture
def postgres() -> Iterator[Server]:
    """Start a Postgres of one's own, in whose log is nothing of other tests."""
    made = Server(Path(tempfile.mkdtemp(prefix="dispatchd-test-", dir="/tmp")))
    yield made
    made.close()


@pytest.fixture
def house(postgres: Server, tmp_path: Path, nursery: Nursery) -> Iterator[RealHouse]:
    """Give a house on that server, at whose carrier an API key is good."""
    with standing(postgres.url, tmp_path, nursery, f"--key={KEY}:hush-api") as made:
        yield made


@pytest.fixture
def second(house: RealHouse) -> Iterator[Carrier]:
    """Give a second carrier, of another vendor."""
    port = free_port()
    words = ["adapters.simulator", f"--port={port}", f"--number={SECOND}", "--compat"]
    words += [f"--account-sid={PROJECT}", "--auth-token=hush-second"]
    log = house.folder / "second.log"
    made = Carrier(Process(house.nursery, words, log, house.environment(port, {})), port)
    made.start()
    made.ask("people", {phone: {"calls": [ACCEPTS]} for phone in DANS})
    yield made
    made.process.over()
    made.web.close()


@pytest.fixture
def night(house: RealHouse, second: Carrier) -> Iterator[Night]:
    """Start a daemon as a user does, with secrets in every setting that takes one."""
    database = house.database.replace("postgres@", "postgres:hush-base@")
    mailbox, port = Mailbox(), free_port()
    far = {"SECOND_BASE_URL": f"{second.url}/api/laml", "SMTP_PORT": str(port)}
    daemon = house.daemon(**SECRETS, **far, DATABASE_URL=database)
    with daemon.process.log.open("wb") as log:
        command = [sys.executable, "-m", "gateway", "run"]
        child = subprocess.Popen(command, env=daemon.process.env, stdout=log, stderr=log)  # noqa: S603 - ours
    try:
        with served(mailbox, port):
            assert in_time(daemon.ready), daemon.process.said()
            for carrier in (house.carrier, second):
                carrier.ask("public", {"url": daemon.url})
            yield Night(daemon, child.pid, house, second, mailbox)
    finally:
        child.terminate()
        assert child.wait(20) == 0


def reached(night: Night, ucn: str, by: str, evidence: str) -> None:
    """Have Ann reached in some way, and the message delivered."""
    document = account(by=by)
    document["contacts"]["ann"]["pin"] = "47114711"  # type: ignore[index] # JSON
    night.daemon.put(document)
    night.daemon.take(ucn)
    if by == "secure":
        carrier = night.house.carrier
        assert in_time(lambda: "/m/" in carrier.texts(ANN)[-1]["body"])
        assert carrier.ask("link", {"phone": ANN, "tap": True})["status"] == 200
    assert night.daemon.delivered(ucn), night.daemon.kinds(ucn)
    assert night.daemon.message(ucn)["evidence"] == evidence


def reached_by_the_second_carrier(night: Night) -> None:
    """Have six people called while the first carrier takes no calls."""
    night.house.carrier.ask("faults", {"rates": {"limit": 1}})
    for n, phone in enumerate(DANS):
        document = account(f"80{n:02}")
        document["contacts"]["ann"]["phone"] = phone  # type: ignore[index] # JSON
        night.daemon.put(document)
        night.daemon.take(f"4900010{n}", f"80{n:02}")
    assert in_time(lambda: len(night.second.calls()) == len(DANS))
    assert night.daemon.delivered("49000100"), night.daemon.kinds("49000100")


def token_of(night: Night) -> str:
    """Make an API token as a user does, and use it."""
    command = [sys.executable, "-m", "gateway", "token", "create", "L-7", "--role", "lead"]
    env = night.daemon.process.env
    made = subprocess.run(command, env=env, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert found_in(made.stderr) == []
    token = made.stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert night.daemon.web.get(f"{night.daemon.url}/v1/jobs", headers=headers).is_success
    assert night.daemon.web.get(f"{night.daemon.url}/nowhere", headers=headers).is_client_error
    return token


def assert_refused_discreetly(daemon: Daemon) -> None:
    """What is asked for wrongly is refused without a word of it."""
    errors = [
        daemon.web.get(f"{daemon.url}/v1/messages", headers={"Authorization": "Bearer hush-guess"}),
        daemon.web.get(f"{daemon.url}/nowhere?token=hush-guess"),
        daemon.web.post(f"{daemon.url}/twilio/sms", data={"From": ANN, "Body": WORDS}),
        daemon.request("POST /v1/messages", {"text": WORDS, "caller": {"phone": ANN}}),
    ]
    assert [one.status_code for one in errors] == [401, 404, 403, 422]
    assert found_in("".join(one.text for one in errors)) == []


def test_nothing_that_is_secret_shows_anywhere_while_messages_are_dispatched_in_every_way(
    postgres: Server, night: Night
) -> None:
    people = {"texts": [{"reply_after": "0.2s", "reply": "{code} ok"}], "calls": [ACCEPTS]}
    night.house.carrier.people(ann=people, bob={"calls": [ACCEPTS]})
    reached(night, "49000001", "call", "key_press")
    reached(night, "49000002", "sms", "reply_code")
    night.house.carrier.people(ann={"texts": [{"delivered_after": "0.1s"}]})
    reached(night, "49000003", "secure", "read_receipt")
    reached(night, "49000004", "email", "key_press")  # by Bob: a mail is no evidence
    assert in_time(lambda: night.mailbox.taken)
    assert night.mailbox.logins[0] == b"hush-mail"
    token, daemon = token_of(night), night.daemon
    reached_by_the_second_carrier(night)
    assert_refused_discreetly(daemon)

    assert in_time(lambda: daemon.process.lines("heartbeat.failed")), "its address is a secret"

    document = daemon.request("GET /v1/accounts/7001").text  # has addresses, but no PIN
    assert found_in(document) == [ANN[1:], "ann@northside"]
    asked = night.house.sql("select string_agg(query, ' ') as all from pg_stat_activity")
    heard = {
        "log": daemon.process.said(),
        "metrics": daemon.web.get(f"{daemon.url}/metrics").text,
        "processes": " ".join(shown(one) for one in family(night.pid)),
        "statements": str(asked[0]["all"]),
        "postgres": postgres.said(),
        "alerts": " ".join(night.house.ear.heard),
    }
    told = {where: found_in(words, token) for where, words in heard.items()}
    assert not any(told.values()), told
    assert heard["log"].count("\n") > 5
    assert "ready to accept connections" in heard["postgres"]


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
