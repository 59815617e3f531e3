"""What Postgres makes of a statement of ours, prepared as by the driver."""

from datetime import datetime
from typing import Any

import orjson

from gateway.store.pool import Connection
from gateway.store.queries import load, narrowed

# What `changes.write_changes` is given for nothing, before and after the months of its attempts.
WRITTEN: tuple[object, ...] = ([], "", [], [], [])
UNCLAIMED: tuple[object, ...] = ([], [], [], [], "", "", None, True)


async def planned(conn: Connection, query: str, given: tuple[object, ...], how: str = "") -> Any:  # noqa: ANN401 - JSON
    """Return the plan of a named query (`noun.name`) for these values; `how`: "analyze" runs it."""
    noun, _, name = query.partition(".")
    await conn.execute(f"prepare asked as {narrowed(load(noun)[name], given)}")
    options = ", ".join(filter(None, (how, "format json")))
    values = f" ({', '.join(map(_literal, given))})" if given else ""
    text = await conn.fetchval(f"explain ({options}) execute asked{values}")
    await conn.execute("deallocate asked")
    return orjson.loads(text)[0]["Plan"]


def _literal(value: object) -> str:
    """Write a value into a statement."""
    if value is None or isinstance(value, bool | int):
        return "null" if value is None else str(value)
    if isinstance(value, list):
        return f"'{{{','.join(map(str, value))}}}'"
    return f"'{value.isoformat() if isinstance(value, datetime) else value}'"
