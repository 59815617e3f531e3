"""`python -m tests.bench.slow_carrier`: a carrier that answers after half a minute, and 10,000 due.

All is as an operator would run it: a daemon, the simulated carrier (whose people accept however
they are reached) and Postgres with fsync, each a process of its own. Three worlds, one after the
other: calls alone are slow; all is slow, until the carrier recovers; all is slow, and there is a
second carrier. A world ends when nothing is worked any more, or when its seconds are over. It
prints what was asked of the slow carrier, how soon people were reached, who went first, and what
the lead heard; it exits 1 if anything was doubled or told, if memory grew with what is due, if an
emergency was not delivered by then, or if others went before it.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from gateway.clock import SystemClock
from gateway.domain.content import Content
from gateway.domain.documents import compile_account, document_from
from gateway.domain.messages import Priority
from gateway.domain.taking import Intake, take
from gateway.store import accounts, messages
from gateway.store.embedded import shared
from gateway.store.migrate import migrate
from gateway.store.pool import connect
from tests.bench.slow_table import Fared, judged
from tests.kit.desk import Dice
from tests.kit.nursery import Nursery
from tests.kit.programs import Carrier, Daemon, Process, free_port
from tests.kit.real_house import ACCEPTS, RealHouse, standing

WORLDS: Final = ("calls", "all", "second")
SLOWNESS: Final = "30s"
# How long all is slow in the world in which the carrier recovers.
OUTAGE: Final = 90.0
_BATCH, _LOOKS = 500, 0.5
_TEXTED: Final = {"delivered_after": "0.5s", "reply_after": "3s", "reply": "{code} ok"}
_WORKED: Final = """
select count(*) from messages as m where m.state = 'open' and not exists (
    select 1 from jobs as j
    where j.ucn = m.ucn and j.state in ('limit_reached', 'held', 'exhausted')
)
"""
_SECOND_KEYS: Final = ("5b8c0a1e-1f1e-4f4e-9b1e-0d0f1a2b3c4d", "a-signing-key", "+15005550007")


@dataclass(frozen=True, slots=True)
class Play:
    """What is played: which world, how many are due, and for how many seconds at most.

    `rate`: how many calls, and as many texts, a sending number may begin in a second.
    """

    world: str
    due: int
    rate: float
    seconds: float


def document(number: int) -> dict[str, Any]:
    """Return an account whose Ann is called, and Bob behind her."""
    always = {"weekly": "Mon-Sun 00:00-24:00", "status": "call"}
    shifts = [{"contact": "ann", **always}, {"contact": "bob", "role": "backup", **always}]
    phones = {"ann": phone(number, 0), "bob": phone(number, 1)}
    return {
        "account": f"{10000 + number}",
        "name": f"Client {number}",
        "timezone": "America/New_York",
        "contacts": {key: {"name": key.title(), "phone": to} for key, to in phones.items()},
        "schedules": [{"name": "OnCall", "shifts": shifts}],
    }


def phone(number: int, place: int) -> str:
    """Return the phone of an account's person."""
    return f"+1{202 + place}{5000000 + number:07d}"


def priority(number: int) -> Priority:
    """Return how urgent a message is: one in twenty is an emergency, half are routine."""
    if number % 20 == 0:
        return Priority.EMERGENCY
    return Priority.ROUTINE if number % 2 else Priority.URGENT


async def prepare(server: str, play: Play) -> str:
    """Make the world's database, with an account and a due message for each place."""
    clock = SystemClock()
    conn = await connect(server, clock)
    await conn.execute(f"create database slow_{play.world}")
    await conn.close()
    url = server.replace("/postgres?", f"/slow_{play.world}?")
    conn = await connect(url, clock)
    await migrate(conn, clock.now())
    documents = [document_from(document(n), "slow") for n in range(play.due)]
    now = clock.now()
    for start in range(0, play.due, _BATCH):
        some = documents[start : start + _BATCH]
        await accounts.put_all(conn, some, "admin:slow", now)
        content = Content("No heat, two children in the house", None, None, {})
        taken = [
            take(
                Intake(one.account, priority(start + n), content, "agent:1204", now),
                f"S{start + n:09d}",
                compile_account(one),
                now,
                Dice(start + n),
            )
            for n, one in enumerate(some)
        ]
        await messages.take_all(conn, taken)
    await conn.close()
    return url


@contextmanager
def another(house: RealHouse) -> Iterator[Carrier]:
    """Run a second carrier of another vendor."""
    project, key, number = _SECOND_KEYS
    port = free_port()
    words = ["adapters.simulator", f"--port={port}", f"--number={number}", "--compat"]
    words += [f"--account-sid={project}", f"--auth-token={key}"]
    log = house.folder / "second.log"
    made = Carrier(Process(house.nursery, words, log, house.environment(port, {})), port)
    made.start()
    try:
        yield made
    finally:
        made.process.over()
        made.web.close()


def daemon_of(house: RealHouse, second: Carrier | None, rate: float) -> Daemon:
    """Make the daemon, on one carrier or two; it has not been started."""
    env = {f"{name}_PER_SECOND": f"{rate:g}" for name in ("CALLS", "TEXTS")}
    env |= {"COVERAGE_HOURS": "0"}
    if second is not None:
        project, key, number = _SECOND_KEYS
        env |= {"SECOND_BASE_URL": f"{second.url}/api/laml", "SECOND_ACCOUNT": project}
        env |= {"SECOND_API_TOKEN": key, "SECOND_SIGNING_KEYS": key, "SECOND_FROM": number}
    made = house.daemon(**env)
    for carrier in filter(None, (house.carrier, second)):
        carrier.ask("public", {"url": made.url})
    return made


def tell_people(carrier: Carrier, due: int) -> None:
    """Have everybody accept, by key or by code."""
    script = {"calls": [ACCEPTS], "texts": [_TEXTED]}
    for start in range(0, due, _BATCH):
        some = range(start, min(due, start + _BATCH))
        carrier.ask("people", {phone(n, place): script for n in some for place in (0, 1)})


def play(server: str, one: Play, folder: Path, nursery: Nursery) -> Fared:
    """Play a world and say how it fared."""
    url = asyncio.run(prepare(server, one))
    with ExitStack() as stack:
        house = stack.enter_context(standing(url, folder, nursery))
        second = stack.enter_context(another(house)) if one.world == "second" else None
        for carrier in filter(None, (house.carrier, second)):
            tell_people(carrier, one.due)
        calls_only = one.world == "calls"
        faults = {"latency": SLOWNESS, "slow_calls_only": calls_only}
        house.carrier.ask("faults", faults)
        daemon = daemon_of(house, second, one.rate)
        daemon.start()
        recovered = watch(house, one)
        return judged(house, daemon, second, one.world, recovered)


def watch(house: RealHouse, one: Play) -> datetime | None:
    """Wait until all is done; return when the carrier recovered, if it did."""
    clock, recovered = SystemClock(), None
    began = clock.monotonic()
    while clock.monotonic() - began < one.seconds:
        passed = clock.monotonic() - began
        if one.world == "all" and recovered is None and passed > OUTAGE:
            house.carrier.ask("faults", {"clear": True})
            recovered = clock.now()
        (left,) = house.sql(_WORKED)
        if not left["count"]:
            break
        asyncio.run(clock.sleep(_LOOKS))
    return recovered


def main() -> int:
    """Play the worlds and print how they fared; 1 if anything was amiss."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.slow_carrier", description=__doc__)
    parser.add_argument("--due", type=int, default=10_000, help="messages due at once")
    parser.add_argument("--world", choices=WORLDS, action="append", help="again for several")
    parser.add_argument("--rate", type=float, default=40, help="calls, and texts, a second")
    parser.add_argument("--seconds", type=float, default=240, help="of each world, at most")
    asked = parser.parse_args()
    fared: list[Fared] = []
    with ExitStack() as stack:
        nursery = Nursery()
        stack.callback(nursery.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatchd-slow-")))
        folder.chmod(0o755)
        server = stack.enter_context(shared(folder / "data"))
        for world in asked.world or WORLDS:
            logs = folder / world
            logs.mkdir()
            one = Play(world, asked.due, asked.rate, asked.seconds)
            fared.append(play(server, one, logs, nursery))
            sys.stderr.write(f"{world}: amiss {fared[-1].amiss or 'nothing'}\n")
    table = Table("", *(one.world for one in fared))
    for name in fared[0].rows:
        table.add_row(name, *(one.rows[name] for one in fared))
    Console(width=110).print(table)
    return 1 if any(one.amiss for one in fared) else 0


if __name__ == "__main__":
    sys.exit(main())
