"""Which statements of the hot path stay within one account's shard, by their plans.

With a claimer beside each shard all that it claims is of its shard's accounts. What it then says
names the account, or a row by the id it has read; what does neither would ask every shard.
"""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from gateway.store.pool import Connection
from gateway.store.queries import load
from tests.kit.desk import NOON
from tests.kit.shelf import Shelf

# Kept with their account; everything else the hot path touches is small and known to all shards.
OF_ACCOUNTS = {
    *("accounts", "account_versions", "blank_days", "messages", "message_words", "jobs"),
    *("attempts", "history", "asides", "specials"),
}
PARTITION = re.compile(r"_(default|\d{4}_\d\d)$")
# What is not asked by the account: by the id of a row that was read, by the phone, or not at all.
NOT_BY_ACCOUNT = {
    "jobs.claim_jobs": {"jobs": {"id", "due"}},
    "jobs.note_placed": {"attempts": {"id"}},
    "jobs.postpone_jobs": {"jobs": {"id"}},
    "changes.lock_messages": {},
    "changes.lock_jobs": {"jobs": {"id"}},
    "changes.write_changes": {"jobs": {"id"}, "attempts": {"id"}},
    "states.load_messages": {"attempts": {"id"}},
    "states.load_documents": {},
    "states.load_surroundings": {"attempts": {"phone"}},
    "parties.places_of_attempts": {"attempts": {"id"}},
}
TYPES = "select parameter_types::text[] from pg_prepared_statements where name = 'asked'"
# Without an instant no month can matter, and nothing would be read.
VALUES = {"timestamp with time zone": f"'{NOON}'"}
SAID = (("account", "account"), ("phone", "address"), ("id", r"\bid\b"), ("due", "next_at"))


async def planned(conn: Connection, query: str) -> dict[str, Any]:
    noun, _, name = query.partition(".")
    await conn.execute(f"prepare asked as {load(noun)[name]}")
    types = await conn.fetchval(TYPES)
    values = ", ".join(VALUES.get(one, "'{}'" if one.endswith("[]") else "null") for one in types)
    text = await conn.fetchval(f"explain (format json) execute asked ({values})")
    await conn.execute("deallocate asked")
    (found,) = orjson.loads(text)
    top: dict[str, Any] = found["Plan"]
    return top


def reads(node: dict[str, Any], joined: str = "") -> Iterator[tuple[str, str]]:
    """Yield each table of accounts that a plan reads, and by what, be it only when joined."""
    table = PARTITION.sub("", node.get("Relation Name", ""))
    if "Scan" in node["Node Type"] and table in OF_ACCOUNTS:
        own = " ".join(str(node.get(one, "")) for one in ("Index Cond", "Recheck Cond", "Filter"))
        yield table, named(own) or named(joined) or "nothing"
    joined = node.get("Join Filter", joined)
    for one in node.get("Plans", ()):
        yield from reads(one, joined)


def named(condition: str) -> str | None:
    return next((how for how, word in SAID if re.search(word, condition)), None)


async def test_the_hot_path_names_the_account_or_a_row_it_has_read(shelf: Shelf) -> None:
    for query, known in NOT_BY_ACCOUNT.items():
        found: dict[str, set[str]] = {}
        for table, how in reads(await planned(shelf.conn, query)):
            if how != "account":
                found.setdefault(table, set()).add(how)
        assert found == known, query
