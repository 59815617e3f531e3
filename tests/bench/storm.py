"""`python -m tests.bench.storm`: a regional outage, when everybody calls at once.

So many messages are taken within so many seconds, half of them of a few accounts, while each
sending number may place one call a second. It prints how long each priority waited for its first
attempt, how the worst account fared beside the median one, how many messages shared calls, what
memory was used, and how the API answered meanwhile. Nobody answers: each call rings out.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import uvloop
from rich.console import Console
from rich.table import Table

from adapters.alerts import Alerts
from gateway.chance import SeededChance
from gateway.clock import SystemClock
from gateway.compose import House, Outside, build_engine, open_house
from gateway.daemon.engine import Engine
from gateway.daemon.loop import EngineLoop
from gateway.domain.content import Content
from gateway.domain.documents import compile_account, document_from
from gateway.domain.events import Progress
from gateway.domain.messages import Priority
from gateway.domain.taking import Intake, take
from gateway.log import set_up
from gateway.metrics import build_metrics
from gateway.settings import Settings, load_settings
from gateway.store import accounts, messages
from gateway.store.embedded import shared
from gateway.store.migrate import migrate
from gateway.store.parties import tell
from gateway.store.pool import Connection, connect
from tests.bench.street import Clocked, stub_process

ADMIN: Final = "storm-admin"
NUMBERS: Final = 20
_PEOPLE = 5  # contacts of an account
_OFTEN = 0.1  # seconds between two groups of messages
_GROUP = 200  # messages taken at once at most
_ASKED = 0.2  # seconds between two requests to the API
# One account in twenty has half of all messages: those in the middle of the storm.
_STRUCK = 20
_PRIORITIES = (
    *([Priority.ROUTINE] * 10),
    *([Priority.URGENT] * 9),
    Priority.EMERGENCY,
)
_WAITS = """
select j.priority, j.account, extract(epoch from coalesce(a.at, $1) - j.created_at)::float as wait,
    a.at is not null as begun
from jobs as j
left join (select job, min(started_at) as at from attempts group by job) as a on a.job = j.id
"""
_RUNG_OUT = """
select id, sid from attempts
where method = 'call' and sid is not null and outcome is null and started_at <= $1
    and (rides is null or rides = id)
limit 200
"""
_RING: Final = timedelta(seconds=10)


class Waited(NamedTuple):
    """One message: how urgent, whose, how long until its first attempt, and whether it had one."""

    priority: int
    account: str
    seconds: float
    begun: bool


class Storm(NamedTuple):
    """How many messages of how many accounts in how many seconds, and how long it is watched."""

    messages: int
    accounts: int
    seconds: float
    watch: float


def document(number: int) -> dict[str, Any]:
    """Return an account whose five people are all called, one after the other."""
    keys = [f"p{n}" for n in range(_PEOPLE)]
    phones = {key: f"+1{202 + n}{number:07d}" for n, key in enumerate(keys)}
    return {
        "account": f"{10000 + number}",
        "name": f"Client {number}",
        "timezone": "America/New_York",
        "contacts": {key: {"name": key, "phone": phone} for key, phone in phones.items()},
        "permanent": [{"contact": key, "status": "call"} for key in keys],
    }


def whose(number: int, many: int) -> int:
    """Say which account a message is of: every other one is of one that was struck."""
    struck = max(1, many // _STRUCK)
    return (number // 2) % struck if number % 2 else (number // 2) % many


async def weather(house: House, storm: Storm, clock: SystemClock) -> None:
    """Take the messages, evenly over the storm's length."""
    documents = [document_from(document(n), "storm") for n in range(storm.accounts)]
    known = [compile_account(one) for one in documents]
    chance, began, done = SeededChance(3), time.perf_counter(), 0
    content = Content("No power, two children in the house", None, None, {})
    while done < storm.messages:
        share = min(1.0, (time.perf_counter() - began + _OFTEN) / storm.seconds)
        until, now = min(int(storm.messages * share), done + _GROUP), clock.now()
        fresh = []
        for n in range(done, until):
            account = known[whose(n, storm.accounts)]
            priority = _PRIORITIES[n // 2 % len(_PRIORITIES)]
            intake = Intake(account.account, priority, content, "agent:1204", now)
            fresh.append(take(intake, f"S{n:09d}", account, now, chance))
        if fresh:
            async with house.pool.acquire() as conn:
                await messages.take_all(conn, fresh)
        done = until
        await clock.sleep(_OFTEN)


async def ask(house: House, over: asyncio.Event, clock: SystemClock) -> list[float]:
    """Post and read messages as agents do, until it is over; return how long each took."""
    took: list[float] = []
    transport = httpx.ASGITransport(app=house.app)
    headers = {"Authorization": f"Bearer {ADMIN}"}
    body = {"account": "10000", "priority": "routine", "text": "One more", "taken_by": "agent:7"}
    async with httpx.AsyncClient(transport=transport, base_url="http://storm") as web:
        for number in range(1_000_000):
            if over.is_set():
                break
            began = time.perf_counter()
            posted = await web.post("/v1/messages", json=body, headers=headers)
            took.append(time.perf_counter() - began)
            began = time.perf_counter()
            await web.get(f"/v1/messages/{posted.json()['ucn']}", headers=headers)
            took.append(time.perf_counter() - began)
            assert posted.status_code == 201, (number, posted.text)
            await clock.sleep(_ASKED)
    return sorted(took)


async def ring_out(house: House, clock: SystemClock) -> None:
    """End each call after a while, as the carrier tells it of one that nobody answers."""
    chance = SeededChance(9)
    while True:
        async with house.pool.acquire() as conn:
            ended = await conn.fetch(_RUNG_OUT, clock.now() - _RING)
        for attempt, sid in ended:
            await tell(house.desk, chance, attempt, Progress(attempt, sid, "no_answer"), sid)
        await clock.sleep(_OFTEN)


def memory() -> float:
    """Return the most memory this process has had so far, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


async def prepared(url: str, settings: Settings, storm: Storm, clock: SystemClock) -> House:
    """Migrate, put the accounts and open the house."""
    conn = await connect(url, clock)
    await migrate(conn, clock.now())
    documents = [document_from(document(n), "storm") for n in range(storm.accounts)]
    for start in range(0, len(documents), 500):
        some = documents[start : start + 500]
        await accounts.put_all(conn, some, "admin:storm", clock.now())
    await conn.close()
    ways = Clocked(), None, Alerts((), (), ())
    return await open_house(settings, url, Outside(*ways, clock, SeededChance(5), build_metrics()))


async def play(url: str, storm: Storm) -> tuple[list[Waited], list[float], int]:
    """Play the storm; return what waited, what the API took, and how many calls were placed."""
    clock = SystemClock()
    async with stub_process() as stub:
        numbers = tuple(f"+1500555{n:04d}" for n in range(NUMBERS))
        chosen = {"twilio_base_url": stub.url, "twilio_from": numbers, "admin_token": ADMIN}
        settings = load_settings(isolated=True, log_level="error", coverage_hours=0, **chosen)
        house = await prepared(url, settings, storm, clock)

        async def build() -> tuple[Engine, Connection, Connection]:
            conn, ears = await connect(url, clock), await connect(url, clock)
            return await build_engine(settings, house.outside, house.desk, conn), conn, ears

        loop, over = EngineLoop(build, clock), asyncio.Event()
        running = asyncio.create_task(loop.run())
        asking = asyncio.create_task(ask(house, over, clock))
        ringing = asyncio.create_task(ring_out(house, clock))
        await weather(house, storm, clock)
        await clock.sleep(storm.watch)
        over.set()
        took = await asking
        waited = await waits(house, clock.now())
        ringing.cancel()
        loop.stop()
        await running
        transport = house.outside.transport
        calls = len(transport.arrivals) if isinstance(transport, Clocked) else 0
        await house.close()
        return waited, took, calls


async def waits(house: House, now: datetime) -> list[Waited]:
    """Read how long each message waited, or has waited so far."""
    async with house.pool.acquire() as conn:
        return [Waited(*row) for row in await conn.fetch(_WAITS, now)]


def rows(waited: Sequence[Waited], took: Sequence[float], calls: int) -> Iterator[tuple[str, str]]:
    """Say what was measured, a line each."""
    for priority in Priority:
        ours = [one for one in waited if one.priority == priority]
        begun = sorted(one.seconds for one in ours if one.begun)
        yield f"{priority.word}: messages, begun", f"{len(ours):,}, {len(begun):,}"
        if begun:
            words = f"{statistics.median(begun):.1f}, {begun[-1]:.1f}"
            yield f"{priority.word}: wait of those begun, median and most, s", words
    yield from _fairness(waited)
    shared = sum(one.begun for one in waited)
    yield "calls placed, messages begun by them", f"{calls:,}, {shared:,}"
    yield "API p50 and p99, ms", f"{_at(took, 0.5):.0f}, {_at(took, 0.99):.0f}"
    yield "most memory of engine and web, MB", f"{memory():.0f}"


def _fairness(waited: Sequence[Waited]) -> Iterator[tuple[str, str]]:
    """Compare accounts within a priority: what is not begun has waited until now."""
    for priority in Priority:
        by_account: dict[str, list[float]] = {}
        for one in waited:
            if one.priority == priority:
                by_account.setdefault(one.account, []).append(one.seconds)
        first = sorted(min(times) for times in by_account.values())
        if first:
            middle = max(statistics.median(first), 0.1)
            label = f"{priority.word}: wait for an account's first, median, most, ratio"
            yield label, f"{middle:.1f}, {first[-1]:.1f}, {first[-1] / middle:.1f}"


def _at(took: Sequence[float], share: float) -> float:
    return took[int(len(took) * share)] * 1000 if took else 0.0


async def _fresh(server: str) -> str:
    conn = await connect(server, SystemClock())
    await conn.execute("create database storm")
    await conn.close()
    return server.replace("/postgres?", "/storm?")


async def _measure(storm: Storm) -> list[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="dispatchd-storm-") as folder:
        Path(folder).chmod(0o755)
        with shared(Path(folder)) as server:
            return [*rows(*await play(await _fresh(server), storm))]


def main() -> None:
    """Play a storm and print what it did."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.storm", description=__doc__)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--accounts", type=int, default=1_000, help="with five contacts each")
    parser.add_argument("--seconds", type=float, default=60, help="within which they are taken")
    parser.add_argument("--watch", type=float, default=60, help="seconds it goes on after that")
    options = parser.parse_args()
    storm = Storm(options.messages, options.accounts, options.seconds, options.watch)
    table = Table(title=f"{storm.messages:,} messages in {storm.seconds:g} s, {NUMBERS} numbers")
    table.add_column("figure")
    table.add_column("value", justify="right")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        set_up("json", "info", SystemClock().now, nowhere)
        for name, value in uvloop.run(_measure(storm)):
            table.add_row(name, value)
    Console().print(table)


if __name__ == "__main__":
    main()
