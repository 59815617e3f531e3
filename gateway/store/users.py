"""Users: who may still do anything, and whom they are in account documents (S1-32).

Somebody who is deactivated has no valid token and stands as inactive in every document that names
them, so that no roster has them; histories keep them. Reactivating gives back exactly that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.domain.leaving import apart, set_active
from gateway.store import accounts
from gateway.store.pool import Connection, Record
from gateway.store.queries import load, narrowed
from gateway.store.specials import Author

_queries = load("users")
Contacts = Sequence[str] | None


class UnknownContactError(LookupError):
    """A document has no such contact."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with tokens. `contacts`: whom they are, such as `7001:ann`.

    `spared`: those of them that were inactive before this user was; they stay so after.
    """

    name: str
    active: bool
    contacts: tuple[str, ...]
    spared: tuple[str, ...]
    changed_at: datetime
    changed_by: str


async def listed(conn: Connection, name: str | None = None) -> list[User]:
    """Return everybody of whom more is known than their tokens, by name; or that one."""
    given = (name,)
    rows = await conn.fetch(narrowed(_queries.find_users, given), *given)
    return [_user(row) for row in rows]


async def inactive(conn: Connection, names: Iterable[str]) -> frozenset[str]:
    """Return which of these names are of people who were deactivated."""
    rows = await conn.fetch(_queries.inactive_of, list(names))
    return frozenset(row["name"] for row in rows)


async def change(
    conn: Connection,
    name: str,
    by: Author,
    *,
    active: bool | None = None,
    contacts: Contacts = None,
) -> User:
    """Deactivate or reactivate somebody, or say whom they are; the documents follow at once.

    From then on no token of theirs is good and no roster has them, or both are as they were. None
    leaves a part as it is. UnknownContactError for a contact that no document has.
    """
    async with conn.transaction():
        was = _user(await conn.fetchrow(_queries.lock_user, name, by.now, by.actor))
        stays = was.active if active is None else active
        known = await _known(conn, {name, *was.contacts, *(contacts or ())})
        theirs = _theirs(was, contacts, known)
        if (stays, theirs) == (was.active, was.contacts):
            return was
        if not was.active:
            await _set(conn, set(was.contacts) - set(was.spared), by, active=True)
            known = await _known(conn, theirs)
        if not stays:
            await _set(conn, theirs, by, active=False)
            await conn.execute(_queries.code_no_more, name, by.now, by.actor)
        off = () if stays else tuple(one for one in theirs if not known.get(one, True))
        row = (stays, list(theirs), list(off), by.now, by.actor)
        await conn.execute(_queries.save_user, name, *row)
        return User(name, stays, theirs, off, by.now, by.actor)


async def _known(conn: Connection, places: Iterable[str]) -> dict[str, bool]:
    """Return which of such places as `7001:ann` documents have, and whether they are active."""
    wanted = {one for one in places if ":" in one}
    documents = await accounts.in_force(conn, [*apart(wanted)])
    return {
        place: each.active
        for number, document in documents.items()
        for key, each in document.contacts.items()
        if (place := f"{number}:{key}") in wanted
    }


def _theirs(was: User, contacts: Contacts, known: Mapping[str, bool]) -> tuple[str, ...]:
    """Return whom somebody is: as is said, as before, or the contact whose place is their name."""
    if contacts is None:
        return was.contacts or tuple(one for one in (was.name,) if one in known)
    for one in contacts:
        if one not in known:
            raise UnknownContactError(one)
    return tuple(sorted(set(contacts)))


async def _set(conn: Connection, contacts: Iterable[str], by: Author, *, active: bool) -> None:
    """Make contacts active or inactive, an account after the other."""
    for number, keys in sorted(apart(contacts).items()):
        put = partial(set_active, keys=keys, active=active)
        await accounts.amend(conn, number, put, by.actor, by.now)


def _user(row: Record | None) -> User:
    assert row is not None  # noqa: S101 - asked for with its row made
    return User(
        row["name"],
        row["active"],
        tuple(row["contacts"]),
        tuple(row["spared"]),
        row["changed_at"],
        row["changed_by"],
    )
