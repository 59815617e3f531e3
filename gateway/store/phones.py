"""Phones in the store: a lead lifts a suspension, and the open messages hear of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.messages import Key
from gateway.domain.restoring import on_record, tell
from gateway.domain.state import State
from gateway.store import accounts, specials
from gateway.store.desk import ContentionError, Desk, UnknownMessageError
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rows import key_of
from gateway.store.specials import Author

_TOLD_AT_ONCE: Final = 100
_log = structlog.get_logger(__name__)
_queries = load("phones")


@dataclass(frozen=True, slots=True)
class Restored:
    """A number that may be used again: why it was suspended, and whose it is, by account."""

    reason: str
    contacts: Mapping[str, Sequence[str]]


async def restore(conn: Connection, phone: str, by: Author) -> Restored | None:
    """Lift a number's suspension, on record in each account that has it; None: it has none."""
    async with conn.transaction():
        reason = await conn.fetchval(_queries.restore_phone, phone)
        if reason is None:
            return None
        owners: dict[str, list[str]] = {}
        for account, contact in await accounts.contact_of_phone(conn, phone):
            owners.setdefault(account, []).append(contact)
        for account, contacts in owners.items():
            notes = [on_record(contact, by.actor) for contact in contacts]
            await specials.add_items(conn, account, notes, by)
    return Restored(reason, owners)


async def tell_open(desk: Desk, restored: Restored, actor: str, chance: Chance) -> None:
    """Put on each open message's record whose number may be used again, after that was committed.

    Plans look at the number itself, so that one which is not told goes by it all the same.
    """
    async with desk.pool.acquire() as conn:
        rows = await conn.fetch(_queries.open_messages_of_accounts, list(restored.contacts))
    keys = [key_of(row) for row in rows]
    for begin in range(0, len(keys), _TOLD_AT_ONCE):
        some = keys[begin : begin + _TOLD_AT_ONCE]
        heard = (_told(desk, key, restored.contacts[key.account], actor, chance) for key in some)
        await asyncio.gather(*heard)


async def _told(desk: Desk, key: Key, contacts: Sequence[str], actor: str, chance: Chance) -> None:
    def decide(state: State) -> tuple[Change | None, None]:
        return tell(state, contacts, actor, desk.clock.now(), chance), None

    try:
        await desk.decide(key, decide)
    except (ContentionError, UnknownMessageError):
        _log.info("message not told", action="phone.untold", account=key.account, ucn=key.ucn)
