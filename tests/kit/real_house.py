"""The whole house as real processes: `dispatchd run`, the simulated carrier, and a real Postgres.

Whatever they print goes to files, so that a test may read what was said, and what was not.
"""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
import orjson

from tests.kit.desk import northside
from tests.kit.ear import Ear
from tests.kit.nursery import Nursery
from tests.kit.programs import ADMIN, ANN, BOB, CHO, WORDS, Carrier, Daemon, Process, free_port

NUMBER: Final = "+15005550006"
TOKEN: Final = "simulated"  # noqa: S105 - the simulator's own, good for nothing else
_WHOLE_NUMBER: Final = re.compile(r"(?:\+|%2B)[1-9][0-9]{6,}")
_LINK: Final = re.compile(r"/m/[A-Za-z0-9_-]{16,}")
# Presses 1 until it is heard, however slow the host.
ACCEPTS: Final[dict[str, object]] = {
    "answer_after": "0s",
    "keys": [{"after": f"{n}s", "press": "1"} for n in (0.5, 2.6, 4.7, 6.8, 9, 12, 20)],
}


def account(
    number: str = "7001", *, ring: str = "5s", by: str = "status", **first: str
) -> dict[str, object]:
    """Return Northside's document: Ann first, Bob behind her, Cho permanent.

    `by` and `first` (such as `wait`) say how Ann is reached; Bob and Cho are called.
    """
    always = {"weekly": "Mon-Sun 00:00-24:00", "status": "call"}
    shifts = [{"contact": "ann", **always}, {"contact": "bob", "role": "backup", **always}]
    protocol = {
        "name": "urgent",
        "ring": ring,
        "voicemail": "hang_up",
        "steps": [{"reach": "oncall", "by": by, **first}, {"reach": "backup"}],
    }
    contacts = {
        "ann": {"name": "Ann Ames", "phone": ANN, "email": "ann@northside.example"},
        "bob": {"name": "Bob Bell", "phone": BOB},
        "cho": {"name": "Cho Cole", "phone": CHO},
    }
    schedules = [{"name": "OnCall", "shifts": shifts}]
    return northside(number, contacts=contacts, schedules=schedules, protocols=[protocol])


@dataclass(slots=True)
class RealHouse:
    """Database, carrier, an ear for alerts, and any number of daemons."""

    database: str
    folder: Path
    nursery: Nursery
    carrier: Carrier
    ear: Ear
    daemons: list[Daemon] = field(default_factory=list)

    def daemon(self, port: int | None = None, *, role: str = "all", **env: str) -> Daemon:
        """Make a daemon, not started yet; `env` holds further settings by name."""
        port = port or free_port()
        log = self.folder / f"daemon-{len(self.daemons)}.log"
        words = ["gateway", "run", f"--role={role}"]
        process = Process(self.nursery, words, log, self.environment(port, env))
        self.daemons.append(Daemon(process, port))
        return self.daemons[-1]

    def environment(self, port: int, env: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a daemon on that port."""
        settings = {
            "DATABASE_URL": self.database,
            "HTTP_PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "ADMIN_TOKEN": ADMIN,
            "CARRIER": "simulator",
            "TWILIO_BASE_URL": self.carrier.url,
            "TWILIO_FROM": NUMBER,
            "CALLS_PER_SECOND": "50",
            "TEXTS_PER_SECOND": "50",
            "ALERTS_LEAD": self.ear.url,
            "ALERTS_DISPATCH": self.ear.url,
            **env,
        }
        return _environment(settings)

    def sql(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Ask the database beside all daemons."""

        async def ask() -> list[dict[str, Any]]:
            conn = await asyncpg.connect(self.database)
            try:
                return [dict(row) for row in await conn.fetch(query, *values)]
            finally:
                await conn.close()

        return asyncio.run(ask())

    def tables(self) -> dict[str, bytes]:
        """Return every row of every table, for comparing before and after.

        All but duties: they come round by the clock, whatever else happens.
        """
        names = self.sql("select tablename from pg_tables where schemaname = 'public'")
        tables = {str(row["tablename"]) for row in names} - {"duties"}
        return {name: self._rows(name) for name in sorted(tables)}

    def _rows(self, table: str) -> bytes:
        query = f'select to_jsonb(t)::text as row from "{table}" as t order by 1'  # noqa: S608 - ours
        return orjson.dumps([row["row"] for row in self.sql(query)])

    def time_passes(self, seconds: int) -> None:
        """Move everything written so far into the past; only while no daemon runs."""
        ago = f"- interval '{seconds} seconds'"
        moved = {
            "attempts": ("started_at", "check_at", "holds_until", "answered_at", "stage_at"),
            "jobs": ("created_at", "due_at", "next_at", "cue_at", "lease_until"),
            "errands": ("next_at", "lease_until"),
            "open_calls": ("expires_at",),
        }
        for table, columns in moved.items():
            sets = ", ".join(f"{name} = {name} {ago}" for name in columns)
            self.sql(f"update {table} set {sets}")  # noqa: S608 - our own words

    def close(self) -> None:
        """End everything."""
        for one in (*self.daemons, self.carrier):
            one.process.over()
            one.web.close()
        self.ear.close()


@contextlib.contextmanager
def standing(database: str, folder: Path, nursery: Nursery, *options: str) -> Iterator[RealHouse]:
    """Give a house whose carrier runs, as `options` say; its daemons are the test's to start."""
    port = free_port()
    words = ["adapters.simulator", f"--port={port}", f"--number={NUMBER}", "--seed=0", *options]
    process = Process(nursery, words, folder / "carrier.log", _environment({}))
    house = RealHouse(database, folder, nursery, Carrier(process, port), Ear())
    try:
        house.carrier.start()
        yield house
    finally:
        house.close()


def told_too_much(said: str) -> list[str]:
    """Return the secrets, details, whole numbers and links that stand in what was printed."""
    secrets = (ADMIN, WORDS, "Bearer", "Basic ", "X-Twilio-Signature")
    shapes = (found for shape in (_WHOLE_NUMBER, _LINK) for found in shape.findall(said))
    return [*(one for one in secrets if one in said), *shapes]


def assert_discreet(house: RealHouse) -> None:
    """Nothing that a daemon printed holds a secret, a detail, a whole number or a traceback."""
    for one in house.daemons:
        said = one.process.said()
        assert told_too_much(said) == []
        assert "Traceback" not in said, said[said.index("Traceback") - 2000 :][:6000]


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return a process's environment: nothing of our own settings, no proxy before its ears."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCHD_")}
    ours = {f"DISPATCHD_{name}": value for name, value in settings.items()}
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, **ours, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONPATH": path}
