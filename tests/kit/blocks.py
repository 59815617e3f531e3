"""How much a statement of the store reads, by the plan for nobody's values."""

import orjson

from gateway.store.pool import Connection
from gateway.store.queries import load, narrowed


async def blocks(conn: Connection, query: str, *given: str | int | None) -> tuple[int, str]:
    """Return how many blocks of 8 KiB a statement reads (it is executed), and its plan."""
    noun, _, name = query.partition(".")
    await conn.execute("set plan_cache_mode = force_generic_plan")
    await conn.execute(f"prepare asked as {narrowed(load(noun)[name], given)}")
    values = ", ".join("null" if one is None else f"'{one}'" for one in given)
    text = await conn.fetchval(f"explain (analyze, buffers, format json) execute asked ({values})")
    await conn.execute("deallocate asked")
    await conn.execute("reset plan_cache_mode")
    (plan,) = orjson.loads(text)
    return sum(plan["Plan"][f"Shared {where} Blocks"] for where in ("Hit", "Read")), text
