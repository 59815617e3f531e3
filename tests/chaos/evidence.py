"""Evidence: all that may explain what came of a chaos run, put into a folder."""

import asyncio
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
    rows: dict[str, Iterable[object]] = {
        "troubles": troubles,
        "ledger": (await world.carrier("ledger"))["entries"],
        "items": [dict(row) for row in await world.sql(_ITEMS)],
    }
    for table, order in _TABLES.items():
        query = f"select to_jsonb(t)::text as row from {table} as t order by {order}"  # noqa: S608 - ours
        rows[table] = [orjson.Fragment(row["row"]) for row in await world.sql(query)]
    await asyncio.to_thread(_write_all, folder, rows, [*world.house.folder.glob("*.log")])
    await asyncio.to_thread((folder / "postgres.log").write_text, world.server.said())


def _write_all(folder: Path, rows: Mapping[str, Iterable[object]], logs: Iterable[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, some in rows.items():
        lines = [orjson.dumps(one, _plain, orjson.OPT_APPEND_NEWLINE) for one in some]
        (folder / f"{name}.jsonl").write_bytes(b"".join(lines))
    for log in logs:
        shutil.copy(log, folder)


def _plain(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
