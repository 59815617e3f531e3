"""Explaining from the store: messages with all that their histories name."""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.explaining import Explained
from gateway.domain.messages import Key
from gateway.domain.replay import differences
from gateway.domain.retrace import documents_named, retrace
from gateway.store import messages
from gateway.store.pool import Connection
from gateway.store.states import States


async def explain(conn: Connection, states: States, key: Key, now: datetime) -> Explained:
    """Retrace and replay a message by the very functions that decided it; KeyError without one."""
    return (await explain_all(conn, states, [key], now))[key]


async def explain_all(
    conn: Connection, states: States, keys: Sequence[Key], now: datetime
) -> dict[Key, Explained]:
    """Explain messages, all as of one instant; those that are not there are left out."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        found = await states.to_plan(conn, keys, now)
        told = await messages.histories(conn, [*found])
        named = {key: documents_named(history.items) for key, history in told.items()}
        wanted = [(key.account, version) for key, ones in named.items() for version in ones]
        compiled = await states.accounts.compiled(conn, wanted)
    explained: dict[Key, Explained] = {}
    for key, (items, broken) in told.items():
        state = found[key]
        versions = {n: compiled[one] for n in named[key] if (one := (key.account, n)) in compiled}
        differs = differences(items, state.message, state.jobs)
        rounds = retrace(state, items, versions)
        explained[key] = Explained(state, items, rounds, broken, differs)
    return explained
