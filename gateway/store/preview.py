"""Previews: what is stored that a document is compared with; nothing is written."""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.accounts import Account
from gateway.domain.document_changes import edits_between
from gateway.domain.documents import AccountDocument, DocumentError, compile_account
from gateway.domain.flags import Flags
from gateway.domain.outlook import Known
from gateway.domain.preview import Ground
from gateway.domain.shown import restored
from gateway.store import accounts, specials
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.states import States

_queries = load("preview")


async def ground(
    conn: Connection,
    states: States,
    document: AccountDocument,
    now: datetime,
    guard: accounts.Guard | None = None,
) -> Ground:
    """Return what a preview of the document needs, as one look at the database.

    Raises DocumentError when its parts do not fit together, and whatever the guard raises.
    """
    number = document.account
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        stored = (await accounts.in_force(conn, [number])).get(number)
        whole = restored(document, stored)
        new, old = compile_account(whole), _compiled(stored)
        if guard is not None:
            guard(stored, whole)
        opened = await states.to_plan(conn, await specials.open_messages(conn, number), now)
        posted = await specials.standing(conn, number, now)
        flags = await _flags(conn, [one for one in (old, new) if one])
        return Ground(
            old=old,
            new=new,
            version=await accounts.version_of(conn, number),
            edits=edits_between(stored, whole),
            opened=tuple(opened.values()),
            known=Known(flags, specials=tuple(one.special for one in posted)),
            now=now,
        )


def _compiled(stored: AccountDocument | None) -> Account | None:
    """Compile the document in force; one that no longer fits is as good as missing."""
    try:
        return compile_account(stored) if stored else None
    except DocumentError:
        return None


async def _flags(conn: Connection, both: Sequence[Account]) -> dict[str, Flags]:
    people = [person for account in both for person in account.contacts.values()]
    phones = {phone for one in people for phone in (one.phone, one.sms) if phone}
    phones |= {one.office.phone for one in both if one.office and one.office.phone}
    rows = await conn.fetch(_queries.flags_of_phones, sorted(phones))
    return {r["phone"]: Flags(r["opted_out"], r["suspended"], r["reason"]) for r in rows}
