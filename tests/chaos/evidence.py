"""Evidence: all that may explain what came of a chaos run, put into a folder."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from tests.chaos.world import World

_TABLES: Final = {
    "messages": "taken_at, ucn",
    "jobs": "created_at, id",
    "attempts": "started_at, id",
    "open_calls": "phone",
    "errands": "next_at",
    "phones": "phone",
}
_ITEMS: Final = "select ucn, seq, item from history_items order by ucn, seq"


async def keep_all(world: World, troubles: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write the tables, the carrier's books, the troubles as they were, and what was printed."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "troubles.jsonl", troubles)
    _write(folder / "ledger.jsonl", (await world.carrier("ledger"))["entries"])
    for table, order in _TABLES.items():
        query = f"select to_jsonb(t) as row from {table} as t order by {order}"  # noqa: S608 - ours
        (folder / f"{table}.jsonl").write_text("".join(f"{r[0]}\n" for r in await world.sql(query)))
    _write(folder / "items.jsonl", map(dict, await world.sql(_ITEMS)))
    for log in world.house.folder.glob("*.log"):
        shutil.copy(log, folder)


def _write(path: Path, rows: Iterable[object]) -> None:
    lines = (orjson.dumps(row, default=_plain, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    path.write_bytes(b"".join(lines))


def _plain(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
