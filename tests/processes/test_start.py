"""Starting: what refuses to start says why in one line, and what is missing is said."""

import re
import subprocess
import sys
from pathlib import Path

from tests.kit.programs import Daemon, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account


def test_a_database_that_was_never_migrated_is_refused(
    house: RealHouse, empty_database: str
) -> None:
    daemon = house.daemon(DATABASE_URL=empty_database)
    daemon.process.start()

    assert daemon.process.wait() == 1
    assert daemon.process.said().splitlines()[-1].startswith("the database is behind: run ")


def test_a_database_that_does_not_exist_is_refused_at_once(house: RealHouse) -> None:
    daemon = house.daemon(DATABASE_URL=house.database.replace("/test_", "/absent_"))
    daemon.process.start()

    assert daemon.process.wait() == 1
    assert "does not exist" in daemon.process.said().splitlines()[-1]


def test_a_port_that_is_taken_is_one_line(house: RealHouse, daemon: Daemon) -> None:
    second = house.daemon(daemon.port)
    second.process.start()

    assert second.process.wait() == 1
    assert f"cannot listen on 127.0.0.1:{daemon.port}" in second.process.said().splitlines()[-1]


def test_nobody_to_alert_is_a_warning(house: RealHouse) -> None:
    daemon = house.daemon(ALERTS_LEAD="")
    daemon.start()

    assert [line["level"] for line in daemon.process.lines("daemon.no_lead")] == ["warning"]


def test_the_command_itself_serves_ends_at_a_signal_and_stays_small(house: RealHouse) -> None:
    daemon = house.daemon()
    command = [sys.executable, "-m", "gateway", "run"]
    env = house.environment(daemon.port, {"ALERTS_LEAD": "", "ALERTS_DISPATCH": ""})
    with daemon.process.log.open("wb") as log:
        child = subprocess.Popen(command, env=env, stdout=log, stderr=log)  # noqa: S603 - ours
    try:
        assert in_time(daemon.ready)
        assert resident(child.pid) <= 116  # MiB; sinks of alerts take some 14 more
        house.carrier.ask("public", {"url": daemon.url})
        house.carrier.people(ann={"calls": [ACCEPTS]})
        daemon.put(account())
        assert daemon.delivered(daemon.take())
        assert resident(child.pid) <= 120  # with all that is loaded at the first use
    finally:
        child.terminate()
        assert child.wait(20) == 0


def resident(pid: int) -> int:
    """Return the resident memory of a process in MiB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) // 1024
