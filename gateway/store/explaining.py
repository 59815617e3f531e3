"""Explaining from the store: one message with all that its history names."""

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
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        state = (await states.to_plan(conn, [key], now))[key]
        items = await messages.history(conn, key)
        _, broken = await messages.check(conn, key)
        wanted = [(key.account, version) for version in documents_named(items)]
        compiled = await states.accounts.compiled(conn, wanted)
    versions = {version: account for (_, version), account in compiled.items()}
    differs = differences(items, state.message, state.jobs)
    return Explained(state, retrace(state, items, versions), broken, differs)
