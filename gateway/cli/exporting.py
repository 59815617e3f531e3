"""`export` and `verify`: all that stands about an account in files, and whether chains hold."""

import hashlib
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED, Mistake
from gateway.cli.output import complain, say
from gateway.clock import SystemClock
from gateway.domain.history import stamp
from gateway.store import accounts, matters
from gateway.store.exporting import FILES, broken, pages
from gateway.store.months import away
from gateway.store.pool import Connection

FORMAT: Final = "dispatchd-export/1"


@dataclass(slots=True)
class _File:
    """A file that is being written, and what the manifest will say of it."""

    out: BinaryIO
    lines: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, value: object) -> None:
        """Write one JSON line."""
        line = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        self.out.write(line)
        self.digest.update(line)
        self.lines, self.size = self.lines + 1, self.size + len(line)

    def told(self) -> dict[str, object]:
        """Return what the manifest says of it."""
        return {"lines": self.lines, "bytes": self.size, "sha256": self.digest.hexdigest()}


def export(account: str, folder: Path | None) -> None:
    """Write an account's export into a new folder and say where; Mistake without the account."""

    async def work(conn: Connection, clock: SystemClock) -> tuple[Path, dict[str, _File]]:
        if account not in {one.account for one in await accounts.list_all(conn)}:
            raise Mistake(f"there is no account {account}")
        now = clock.now()
        place = folder or Path(f"export-{account}-{now:%Y%m%dT%H%M%SZ}")
        return place, await _write(conn, account, place, stamp(now))

    place, files = with_database(chosen_settings(), work)
    counted = ", ".join(f"{files[name].lines} {name}" for name in FILES)
    say(f"{place}: {counted}")


async def _write(conn: Connection, account: str, place: Path, at: str) -> dict[str, _File]:
    """Write all files, readable by their owner alone, and the manifest last."""
    _make(place)
    with ExitStack() as stack:
        files = {
            name: _File(stack.enter_context(_private(place / f"{name}.jsonl"))) for name in FILES
        }
        async for page in pages(conn, account):
            for line in page.lines:
                files[page.file].write(line)
    manifest = {
        "format": FORMAT,
        "account": account,
        "exported_at": at,
        "program": metadata.version("dispatchd"),
        "files": {f"{name}.jsonl": one.told() for name, one in files.items()},
    }
    with _private(place / "manifest.json") as out:
        out.write(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return files


def _make(place: Path) -> None:
    try:
        place.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise Mistake(f"{place}: {error.strerror}") from None


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def verify(named: Sequence[str] | None) -> int:
    """Check every chain, say how many hold and which do not; return the exit code."""

    async def work(conn: Connection, _clock: SystemClock) -> tuple[int, int, list[str], list[date]]:
        messages, items, faults = 0, 0, []
        async for key, count, fault in broken(conn, named):
            messages, items = messages + 1, items + count
            if fault is not None:
                words = f"broken at item {fault.seq}: {fault.why}"
                faults.append(f"the history of {key.ucn} (account {key.account}) is {words}")
        async for matter, kind, _ in matters.ids(conn, named):
            count, fault = await matters.check(conn, matter)
            messages, items = messages + 1, items + count
            if fault is not None:
                words = f"broken at item {fault.seq}: {fault.why}"
                faults.append(f"the history of {kind} {matter} is {words}")
        return messages, items, faults, await away(conn)

    messages, items, faults, gone = with_database(chosen_settings(), work)
    for words in faults:
        complain(words)
    say(f"{messages - len(faults)} of {messages} histories hold, {items} items")
    if gone:
        say(f"not looked at, as they were put away: {', '.join(f'{one:%Y-%m}' for one in gone)}")
    return FAILED if faults else 0
