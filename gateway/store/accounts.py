"""Accounts in the store: immutable versions of their documents, and whose phone is whose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.accounts import Account
from gateway.domain.contacts import USUAL_LIMIT, Rung
from gateway.domain.documents import AccountDocument, canonical, compile_account
from gateway.domain.feed_addresses import hide_addresses
from gateway.domain.flags import Flags
from gateway.domain.leaving import apart, set_active
from gateway.domain.pins import without_pins
from gateway.domain.post_addresses import hide_posts
from gateway.domain.restored import restored
from gateway.store import duties, feeds
from gateway.store.pool import Connection, Record
from gateway.store.queries import load, narrowed

_queries = load("accounts")
# Looks at the document in force and the one to come, under the lock; raises to refuse the change.
Guard = Callable[[AccountDocument | None, AccountDocument], None]


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as a list shows it."""

    account: str
    name: str
    version: int


async def put(
    conn: Connection,
    document: AccountDocument,
    by: str,
    now: datetime,
    guard: Guard | None = None,
) -> int:
    """Put a document in force and return its version; an unchanged one keeps its version.

    `by` is an actor such as `lead:L-7`. Raises DocumentError when its parts do not fit together,
    and whatever the guard raises.
    """
    return (await put_all(conn, [document], by, now, guard))[document.account]


async def put_all(
    conn: Connection,
    documents: Sequence[AccountDocument],
    by: str,
    now: datetime,
    guard: Guard | None = None,
) -> dict[str, int]:
    """Put documents (each account once) in force, all or nothing; return the versions.

    PINs that a document leaves out are kept, and so is what feeds gave; people who are deactivated
    stay inactive. Raises DocumentError, or
    what the guard raises; then nothing is written.
    """
    names = sorted(document.account for document in documents)
    async with conn.transaction():
        await conn.execute(_queries.take_time)
        await conn.execute(_queries.make_room, names)
        rows = {r["account"]: r for r in await conn.fetch(_queries.lock_accounts, names)}
        gone = apart([r["contact"] for r in await conn.fetch(_queries.contacts_gone)])
        fresh: list[tuple[AccountDocument, int]] = []
        versions: dict[str, int] = {}
        other_specials: list[str] = []
        for document in documents:
            row = rows[document.account]
            stored = _stored(row)
            whole = _whole(document, stored, gone)
            if guard is not None:
                guard(None if row["deleted"] else stored, whole)
            changed = row["deleted"] or canonical(whole, pins=True) != row["document"]
            versions[document.account] = row["version"] + int(changed)
            if changed:
                fresh.append((whole, row["version"] + 1))
            if stored is not None and stored.specials != whole.specials:
                other_specials.append(document.account)
        if fresh:
            await _write(conn, fresh, by, now)
        if other_specials:
            await conn.execute(_queries.look_at_held, other_specials, now)
    return versions


def _whole(
    document: AccountDocument, stored: AccountDocument | None, gone: Mapping[str, set[str]]
) -> AccountDocument:
    """Return a document as it is stored, without those who are deactivated; DocumentError."""
    whole = restored(document, stored)
    if document.account in gone:
        whole = set_active(whole, gone[document.account], active=False)
    compile_account(whole)
    return whole


async def amend(
    conn: Connection,
    account: str,
    change: Callable[[AccountDocument], AccountDocument],
    by: str,
    now: datetime,
) -> int | None:
    """Put in force what `change` makes of an account's document; return the version then in force.

    The account is locked meanwhile; unchanged documents make no version. None: no such account.
    """
    async with conn.transaction():
        rows = await conn.fetch(_queries.lock_accounts, [account])
        stored = _stored(rows[0]) if rows and not rows[0]["deleted"] else None
        if stored is None:
            return None
        changed, version = change(stored), int(rows[0]["version"])
        if changed == stored:
            return version
        compile_account(changed)
        await _write(conn, [(changed, version + 1)], by, now)
    return version + 1


async def _write(
    conn: Connection, fresh: Sequence[tuple[AccountDocument, int]], by: str, now: datetime
) -> None:
    accounts = [document.account for document, _ in fresh]
    numbers = [version for _, version in fresh]
    printed = [canonical(document, pins=True) for document, _ in fresh]
    phones = sorted(row for document, _ in fresh for row in _phones(document))
    await conn.execute(_queries.update_accounts, accounts, [d.name for d, _ in fresh], numbers)
    await conn.execute(_queries.insert_versions, accounts, numbers, printed, now, by)
    await conn.execute(_queries.note_permanent, accounts, numbers, now, by)
    await conn.execute(_queries.forget_phones, accounts)
    if phones:
        columns = [list(column) for column in zip(*phones, strict=True)]
        await conn.execute(_queries.insert_phones, *columns)
    await duties.arm(conn, [document for document, _ in fresh], now)
    await feeds.forget_others(conn, [document for document, _ in fresh])


def _phones(document: AccountDocument) -> set[tuple[str, str, str]]:
    return {
        (document.account, phone, key)
        for key, contact in document.contacts.items()
        for phone in (contact.phone, contact.sms)
        if phone
    } | _office_phone(document)


def _office_phone(document: AccountDocument) -> set[tuple[str, str, str]]:
    """The office is reached like a contact, so its phone is looked after like one."""
    phone = document.office.phone if document.office else None
    return {(document.account, phone, "office")} if phone else set()


def _stored(row: Record) -> AccountDocument | None:
    return AccountDocument.model_validate(row["document"]) if row["document"] else None


async def get(conn: Connection, account: str) -> dict[str, Any] | None:
    """Return an account's document in force as it may be shown; None when there is no such account.

    It has no PINs and secrets, and of the addresses of feeds and web posts the host only.
    """
    found = await dump(conn, [account])
    return hide_posts(hide_addresses(found[0])) if found else None


async def dump(conn: Connection, accounts: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return the documents in force of these accounts (None: all), by number, without PINs.

    Unknown accounts are left out.
    """
    rows = await conn.fetch(narrowed(_queries.documents_in_force, (accounts,)), accounts)
    return [without_pins(AccountDocument.model_validate(row["document"])) for row in rows]


async def in_force(conn: Connection, accounts: Sequence[str]) -> dict[str, AccountDocument]:
    """Return whole documents, PINs and all, for comparing and compiling; never to be shown."""
    rows = await conn.fetch(narrowed(_queries.documents_in_force, (accounts,)), accounts)
    return {row["account"]: AccountDocument.model_validate(row["document"]) for row in rows}


async def list_all(conn: Connection) -> list[Listed]:
    """Return all accounts, by number."""
    rows = await conn.fetch(_queries.list_accounts)
    return [Listed(row["account"], row["name"], row["version"]) for row in rows]


async def contact_of_phone(conn: Connection, phone: str) -> list[tuple[str, str]]:
    """Return every (account, contact key) that has this E.164 number."""
    rows = await conn.fetch(_queries.contacts_of_phone, phone)
    return [(row["account"], row["contact"]) for row in rows]


async def version_of(conn: Connection, account: str) -> int | None:
    """Return the version in force; None when there is no such account."""
    version: int | None = await conn.fetchval(_queries.version_in_force, account)
    return version


async def flags_of(conn: Connection, account: str) -> dict[str, Flags]:
    """Return what is known against the phones of an account's people."""
    rows = await conn.fetch(_queries.flags_of_account, account)
    return {r["phone"]: Flags(r["opted_out"], r["suspended"], r["reason"]) for r in rows}


async def calls_of(
    conn: Connection, account: Account, at: datetime
) -> tuple[dict[str, tuple[datetime, ...]], dict[str, Rung]]:
    """Return when an account's phones with limits were called, and how often the others were.

    Both up to an instant.
    """
    usual = USUAL_LIMIT.per
    longest = max(account.longest_limit or usual, usual)
    everybody = account.contacts.values()
    phones = {one.phone for one in everybody if one.phone}
    limited = {one.phone for one in everybody if one.phone_limit}
    calls: dict[str, tuple[datetime, ...]] = {}
    lately: dict[str, list[Record]] = {}
    for row in await conn.fetch(_queries.calls_to, list(phones), at - longest, at):
        phone, when = row["address"], row["started_at"]
        if phone in limited:
            calls[phone] = (*calls.get(phone, ()), when)
        if at - when < usual:
            lately.setdefault(phone, []).append(row)
    return calls, {phone: _rung(rows) for phone, rows in lately.items()}


def _rung(rows: Sequence[Record]) -> Rung:
    """Return how a phone was called, oldest first; after an accepted call it need not rest."""
    resting = [row for row in rows if not row["accepted"]]
    ends = [row["ended_at"] for row in resting]
    over = max(ends) if ends and None not in ends else None
    return Rung(len(rows), (resting or rows)[-1]["started_at"], over)
