"""`python -m tests.bench.storm`: a regional outage, when everybody calls at once.

So many messages are posted within so many seconds, half of them for a few accounts, while each
sending number may place one call a second. All is as an operator would run it: the web side, the
engine, the simulated carrier (whose people let every call ring out and whose webhooks are signed),
Postgres with fsync, and those who post, each in processes of their own, on this one machine. It
prints how the API answered, how long each priority waited for its first attempt, how the worst
account fared beside the median one, how many messages shared calls, and what it took.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from gateway.clock import SystemClock
from gateway.domain.documents import document_from
from gateway.leash import leashed
from gateway.store import accounts, tokens
from gateway.store.embedded import shared
from gateway.store.migrate import migrate
from gateway.store.pool import Connection, connect
from tests.bench.burned import of_postgres, of_process
from tests.bench.callers import Calling
from tests.bench.storm_table import Fared, rows, waits
from tests.bench.town_in_storm import document, message
from tests.kit.programs import free_port

NUMBERS: Final = 20
_ADMIN: Final = "storm-admin"
# Requests a second while the storm is worked off.
_AFTER: Final = 5
_LOOKS, _BETWEEN_LOOKS = 600, 0.1


# The first message was dispatched, and what each account needs once a day was done.
_AT_REST: Final = """
select
    exists(select 1 from attempts where sid is not null)
    and not exists(select 1 from duties where next_at <= $1)
"""


class Storm(NamedTuple):
    """How many messages of how many accounts in how many seconds, and how long it is watched."""

    messages: int
    accounts: int
    seconds: float
    watch: float


class Town(NamedTuple):
    """What runs: its database, where it listens, its processes by name, and an agent's token."""

    conn: Connection
    clock: SystemClock
    port: int
    pids: dict[str, int]
    token: str

    def burned(self) -> dict[str, float]:
        """Return the seconds of processor time each of the processes has used so far."""
        ours = {name: of_process(pid) for name, pid in self.pids.items()}
        return {**ours, "Postgres": of_postgres(self.conn.get_server_pid())}


async def _prepared(server: str, storm: Storm, clock: SystemClock) -> tuple[str, Connection, str]:
    """Make a database with all accounts; return where it is, a connection and a token."""
    conn = await connect(server, clock)
    await conn.execute("create database storm")
    await conn.close()
    url = server.replace("/postgres?", "/storm?")
    conn = await connect(url, clock)
    await migrate(conn, clock.now())
    documents = [document_from(document(n), "storm") for n in range(storm.accounts + 1)]
    for start in range(0, len(documents), 500):
        some = documents[start : start + 500]
        await accounts.put_all(conn, some, "admin:storm", clock.now())
    return url, conn, await tokens.create(conn, "agents", "agent", clock.now())


@contextmanager
def _daemons(url: str, port: int, folder: Path) -> Iterator[dict[str, int]]:
    """Run the web side and the engine on the database; what they log goes to a file each."""
    set_here = {
        "DATABASE_URL": url,
        "HTTP_PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ADMIN_TOKEN": _ADMIN,
        "TWILIO_FROM": ",".join(f"+1500555{n:04d}" for n in range(NUMBERS)),
        "COVERAGE_HOURS": "0",
    }
    env = {**os.environ, **{f"DISPATCHD_{name}": value for name, value in set_here.items()}}
    with ExitStack() as stack:
        pids = {}
        for role in ("web", "engine"):
            log = stack.enter_context((folder / f"{role}.log").open("wb"))
            run = leashed("gateway", ["run", "--role", role], env=env, errors=log)
            pids[role] = stack.enter_context(run).pid
        yield pids


async def _warm(town: Town, storm: Storm) -> None:
    """Wait until the web side answers and the engine has dispatched a message."""
    one = {**message(0, 1), "account": document(storm.accounts)["account"]}
    headers = {"Authorization": f"Bearer {town.token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{town.port}") as web:
        for _ in range(_LOOKS):
            try:
                answer = await web.post("/v1/messages", json=one, headers=headers)
            except httpx.TransportError:
                await town.clock.sleep(_BETWEEN_LOOKS)
                continue
            assert answer.status_code == 201, answer.text
            break
        for _ in range(_LOOKS):
            if await town.conn.fetchval(_AT_REST, town.clock.now()):
                return
            await town.clock.sleep(_BETWEEN_LOOKS)
    raise RuntimeError("the daemons do not dispatch")


async def _call(town: Town, calling: Calling) -> dict[str, Any]:
    """Have a process of its own post messages; return what it heard, and what it used."""
    arguments = ["127.0.0.1", str(town.port), orjson.dumps([*calling]).decode()]
    with leashed("tests.bench.callers", arguments) as child:
        assert child.stdout is not None
        line = await asyncio.to_thread(child.stdout.readline)
    heard: dict[str, Any] = orjson.loads(line)
    return heard


async def _play(town: Town, storm: Storm) -> Fared:
    """Play the storm and watch what becomes of it."""
    await _warm(town, storm)
    before, load = town.burned(), os.getloadavg()[0]
    began = town.clock.now()
    calling = Calling(0, storm.messages, storm.accounts, storm.seconds, town.token)
    heard = await _call(town, calling)
    burned = {name: used - before[name] for name, used in town.burned().items()}
    burned["those who post"] = heard["burned"]
    load = max(load, os.getloadavg()[0])
    later = max(1, int(storm.watch * _AFTER))
    after = await _call(
        town, Calling(storm.messages, later, storm.accounts, storm.watch, town.token)
    )
    memory = {name: _most_memory(pid) for name, pid in town.pids.items()}
    waited = await waits(town.conn, began, town.clock.now())
    return Fared(storm.messages, heard, after, burned, memory, waited, load)


def _most_memory(pid: int) -> float:
    """Return the most memory a process has had so far, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


async def _measure(storm: Storm) -> list[tuple[str, str]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatchd-storm-")))
        folder.chmod(0o755)
        clock = SystemClock()
        server = stack.enter_context(shared(folder / "data"))
        url, conn, token = await _prepared(server, storm, clock)
        port = free_port()
        pids = stack.enter_context(_daemons(url, port, folder))
        fared = await _play(Town(conn, clock, port, pids, token), storm)
        await conn.close()
        return [*rows(fared)]


def _asked() -> tuple[Storm, Path | None]:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.storm", description=__doc__)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--accounts", type=int, default=1_000, help="with five contacts each")
    parser.add_argument("--seconds", type=float, default=60, help="within which they are posted")
    parser.add_argument("--watch", type=float, default=60, help="seconds it goes on after that")
    parser.add_argument("--into", type=Path, help="a file to append the table to, as Markdown")
    asked = parser.parse_args()
    return Storm(asked.messages, asked.accounts, asked.seconds, asked.watch), asked.into


def main() -> None:
    """Play a storm and print what it did."""
    storm, into = _asked()
    title = f"{storm.messages:,} messages in {storm.seconds:g} s, {NUMBERS} numbers"
    table = Table(title=title)
    table.add_column("figure")
    table.add_column("value", justify="right")
    began = time.perf_counter()
    measured = uvloop.run(_measure(storm))
    for name, value in measured:
        table.add_row(name, value)
    Console().print(table, f"{time.perf_counter() - began:.0f} s in all")
    if into is not None:
        lines = [f"\n{title}:\n", "| figure | value |", "|---|---|"]
        lines += [f"| {name} | {value} |" for name, value in measured]
        with into.open("a", encoding="utf-8") as written:
            written.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
