"""Work a lively night, have Prometheus watch it, and draw the dashboard: `make screen`.

A real daemon, a real database, a real Prometheus with our rules and `dispatchd probe`; the carrier
is the simulator, which is away for a while.
"""

import argparse
import contextlib
import random
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.clock import SystemClock, pause
from tests.deploy.watching import DASHBOARD, TOP
from tests.kit.nursery import Nursery
from tests.kit.own_postgres import Server
from tests.kit.programs import Daemon, Process, free_port
from tests.kit.real_house import ACCEPTS, RealHouse, account, standing
from tests.screen.asking import NoPrometheusError, Prometheus, prometheus
from tests.screen.drawing import page

_ACCOUNTS, _PROBED = 60, "+12025550999"
_OUT: Final = TOP / "docs" / "dashboard.svg"
_CALLS: Final[tuple[tuple[int, dict[str, object]], ...]] = (
    (6, ACCEPTS),
    (2, {"no_answer": True}),
    (1, {"busy": True}),
    (1, {"voicemail_after": "2s", "greeting": "1s"}),
)
_TEXTS: Final[tuple[tuple[int, dict[str, object]], ...]] = (
    (6, {"delivered_after": "0.5s", "reply_after": "2s", "reply": "{code} OK"}),
    (1, {"undelivered": "30003"}),
    (1, {"delivered_after": "0.5s"}),
)


def main() -> int:
    """Draw it; 0 when it was drawn and every rule of ours was evaluated."""
    parser = argparse.ArgumentParser(prog="python -m tests.screen", description=__doc__)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--out", type=Path, default=_OUT)
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        base = Path(tempfile.mkdtemp(prefix="dispatchd-screen-", dir="/tmp"))
        nursery = Nursery()
        stack.callback(nursery.close)
        server = Server(base)
        stack.callback(server.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatchd-screen-")))
        house = stack.enter_context(standing(server.url, folder, nursery))
        daemon = house.daemon()
        daemon.start()
        house.carrier.ask("public", {"url": daemon.url})
        probe = _probe(house, daemon, free_port())
        stack.callback(probe[0].over)
        targets = ("dispatchd", daemon.port), ("dispatchd-probe", probe[1])
        try:
            watcher = stack.enter_context(prometheus(folder, *targets))
        except NoPrometheusError as fault:
            sys.stderr.write(f"{fault}\n")
            return 1
        since = SystemClock().now().timestamp()
        _work(house, daemon, asked.seconds)
        return _draw(watcher, since, asked.out)


def _back_up(house: RealHouse, daemon: Daemon) -> None:
    env = house.environment(daemon.port, {})
    words = ["gateway", "backup", str(house.folder / "backups")]
    process = Process(house.nursery, words, house.folder / "backup.log", env)
    process.start()
    if process.wait():
        raise SystemExit(process.said())


def _probe(house: RealHouse, daemon: Daemon, port: int) -> tuple[Process, int]:
    """Make a backup, as every night, and start a probe on a schedule."""
    _back_up(house, daemon)
    arrives = {"answer_after": "0.3s", "hang_up_after": "1s"}, {"delivered_after": "0.2s"}
    house.carrier.ask("people", {_PROBED: {"calls": [arrives[0]], "texts": [arrives[1]]}})
    words = ["gateway", "probe", f"--to={_PROBED}", "--every=20s", f"--port={port}"]
    env = house.environment(daemon.port, {})
    process = Process(house.nursery, words, house.folder / "probe.log", env)
    process.start()
    return process, port


def _work(house: RealHouse, daemon: Daemon, seconds: int) -> None:
    """Have messages taken, one a second, for people who do what people do."""
    chance = random.Random(7)  # noqa: S311 - the same night every time
    people: dict[str, object] = {}
    for number in range(_ACCOUNTS):
        document: dict[str, Any] = dict(_account(number))
        for contact in document["contacts"].values():
            people[contact["phone"]] = {
                "calls": [_one(chance, _CALLS)],
                "texts": [_one(chance, _TEXTS)],
            }
        daemon.put(document)
    house.carrier.ask("people", people)
    for second in range(seconds):
        daemon.take(f"49{second:06}", document_number(chance.randrange(_ACCOUNTS)))
        if second == seconds // 2:
            house.carrier.ask("faults", {"down_for": "8s"})
        pause(1)


def document_number(number: int) -> str:
    """Return an account's number."""
    return str(7000 + number)


def _account(number: int) -> dict[str, object]:
    """Return an account whose people have phones of their own; every third is sent texts."""
    by = {"by": "sms", "wait": "10s"} if number % 3 == 0 else {}
    document = orjson.loads(orjson.dumps(account(document_number(number), **by)))
    for place, contact in enumerate(document["contacts"].values()):
        contact["phone"] = f"+1202556{number:02}{place:02}"
    return dict(document)


def _one(chance: random.Random, some: tuple[tuple[int, dict[str, object]], ...]) -> object:
    return chance.choices([one for _, one in some], [weight for weight, _ in some])[0]


def _draw(watcher: Prometheus, since: float, out: Path) -> int:
    until = SystemClock().now().timestamp()
    panels = orjson.loads(DASHBOARD.read_bytes())["panels"]
    drawn = [(one, watcher.lines(one, since, until)) for one in panels]
    version = watcher.get("status/buildinfo")["version"]
    words = (
        f"The panels' queries, answered by Prometheus {version} on a daemon in a simulated night"
    )
    out.write_text(page(drawn, words), encoding="utf-8")
    rules = [one for group in watcher.get("rules")["groups"] for one in group["rules"]]
    ill = [f"{one['name']}: {one['lastError']}" for one in rules if one["health"] != "ok"]
    firing = sorted({one["name"] for one in rules if one.get("state") in {"firing", "pending"}})
    empty = [one["title"] for one, lines in drawn if "targets" in one and not any(lines.values())]
    sys.stdout.write(f"{out}: {len(drawn)} panels; without values: {', '.join(empty) or 'none'}\n")
    sys.stdout.write(f"{len(rules)} rules; firing or about to: {', '.join(firing) or 'none'}\n")
    sys.stderr.writelines(f"{line}\n" for line in ill)
    return 1 if ill else 0


if __name__ == "__main__":
    sys.exit(main())
