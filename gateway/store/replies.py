"""Replies in the store: phones, their codes, and the texts that came from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from gateway.domain.flags import Flags
from gateway.domain.inbox import MOST_KEPT, ROW_ENDS, Coded
from gateway.domain.messages import MessageState, Priority
from gateway.store.claims import CODE_RESTS
from gateway.store.pool import AT_ONCE, Connection
from gateway.store.queries import load
from gateway.store.rows import key_of
from gateway.store.states import Accounts

_queries = load("replies")
_AT_IT = timedelta(seconds=30)
_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Phone:
    """What is known of a phone: since when it takes no texts, and whose it is.

    `useless`: how many texts in a row have changed nothing, the last of them at `useless_at`. A
    `suspended` one is not theirs, as somebody there has told us.
    """

    number: str
    opted_out_since: datetime | None
    contacts: tuple[tuple[str, str], ...]
    suspended: bool = False
    useless: int = 0
    useless_at: datetime | None = None

    @property
    def opted_out(self) -> bool:
        """Tell whether it takes no texts."""
        return self.opted_out_since is not None

    def was_opted_out(self, at: datetime | None) -> bool:
        """Tell whether it took no texts at an instant; None: now."""
        since = self.opted_out_since
        return since is not None and (at is None or since <= at)

    def kept(self, now: datetime) -> bool:
        """Tell whether one more text that changes nothing is put on record."""
        at = self.useless_at
        return at is None or now - at > ROW_ENDS or self.useless < MOST_KEPT


class Repeat(NamedTuple):
    """A text that came before: what it was answered, None while somebody is at it."""

    answer: str | None


async def phone(conn: Connection, number: str) -> Phone:
    """Look a phone number up; one that is nobody's has no contacts."""
    row = await conn.fetchrow(_queries.phone, number)
    owners = await conn.fetch(_queries.contacts_of_phone, number)
    contacts = tuple((owner["account"], owner["contact"]) for owner in owners)
    if row is None:
        return Phone(number, None, contacts)
    since, suspended = row["opted_out_since"], row["suspended"]
    return Phone(number, since, contacts, suspended, row["helps"], row["helped_at"])


async def flags(conn: Connection, number: str) -> Flags | None:
    """Return what is known against a phone number, None for nothing."""
    row = await conn.fetchrow(_queries.phone, number)
    return Flags(row["opted_out"], row["suspended"], row["reason"]) if row else None


async def codes_of(
    conn: Connection, accounts: Accounts, number: str, now: datetime
) -> tuple[Coded, ...]:
    """Return the messages for which a phone has a code, open or closed within a day."""
    rows = await conn.fetch(_queries.codes_of_phone, number, now - CODE_RESTS)
    versions = {(row["account"], row["document"]) for row in rows if row["document"]}
    compiled = await accounts.compiled(conn, versions)
    found = []
    for row in rows:
        account = compiled.get((row["account"], row["document"]))
        found.append(
            Coded(
                key=key_of(row),
                code=row["code"],
                contact=row["contact"],
                account=account,
                priority=Priority(row["priority"]).word,
                state=MessageState(row["state"]),
                delivered_to=row["delivered_to"],
                delivered_at=row["delivered_at"],
                sender=row["sender"],
            )
        )
    return tuple(found)


async def opt_out(
    conn: Connection, number: str, now: datetime, said_at: datetime | None = None
) -> bool:
    """Stop texts to a number; False when its owner took that back after they said it.

    Without `said_at` it is said just now, and counts.
    """
    return await conn.fetchval(_queries.opt_out, number, now, said_at) is not None


async def opt_in(
    conn: Connection, number: str, earliest: datetime, latest: datetime | None = None
) -> bool:
    """Allow texts to a number again, said between two instants; False when a newer STOP stays.

    Without `latest` it is said just now, and counts.
    """
    return bool(await conn.fetchval(_queries.opt_in, number, earliest, latest))


async def note_opt_in(conn: Connection, number: str, said_at: datetime) -> None:
    """Note when the carrier had a START that a webhook brought, which tells no time."""
    await conn.execute(_queries.note_opt_in, number, said_at)


async def count_useless(conn: Connection, number: str, now: datetime) -> int:
    """Count one more text that changes nothing; return how many that makes in a row.

    Past those that are kept on record the count stands still.
    """
    most = MOST_KEPT + 1
    return int(await conn.fetchval(_queries.count_useless, number, now, now - ROW_ENDS, most))


async def forget_useless(conn: Connection, number: str) -> None:
    """Start counting texts that change nothing anew."""
    await conn.execute(_queries.forget_useless, number)


async def claim_text(conn: Connection, sid: str, now: datetime) -> bool:
    """Take a text to deal with; False when it was dealt with, ever, or somebody is at it."""
    stale = now - _AT_IT
    return await conn.fetchval(_queries.claim_inbound, sid, now, stale) is not None


async def repeat_of(conn: Connection, sid: str) -> Repeat | None:
    """Return what is known of a text that came before, None when that is forgotten by now."""
    row = await conn.fetchrow(_queries.inbound_answer, sid)
    return Repeat(row["answer"]) if row else None


async def forget_texts(conn: Connection, now: datetime) -> None:
    """Forget texts that came long ago, some at a time, but for that they came."""
    await conn.execute(_queries.forget_inbound, now - _KEPT, AT_ONCE)


async def note_answer(conn: Connection, sid: str, now: datetime, answer: str) -> str:
    """Record the answer to a text; the first one stays and is returned."""
    return str(await conn.fetchval(_queries.note_inbound, sid, now, answer))


async def claim_listing(
    conn: Connection, number: str, now: datetime, again: datetime
) -> datetime | None:
    """Take the turn to list the texts to a number until `again`; return from when on they are new.

    None when the turn is somebody else's. A number never listed before is new from `now` on.
    """
    since: datetime | None = await conn.fetchval(_queries.claim_listing, number, now, again)
    return since


async def keep_turn(conn: Connection, number: str, until: datetime) -> None:
    """Keep the turn to list the texts to a number until an instant."""
    await conn.execute(_queries.keep_turn, number, until)


async def unread_for(conn: Connection, now: datetime, ours: Sequence[str]) -> float:
    """Return for how many seconds texts to a number of ours have not been read, at the most."""
    until: datetime | None = await conn.fetchval(_queries.read_until, ours)
    return max((now - until).total_seconds(), 0.0) if until else 0.0


async def note_listed(conn: Connection, number: str, until: datetime) -> None:
    """Record that the texts to a number were dealt with up to an instant."""
    await conn.execute(_queries.note_listed, number, until)


async def texts_seen(conn: Connection, sids: Sequence[str]) -> set[str]:
    """Return which of these texts were dealt with, lately or long ago."""
    return {row["sid"] for row in await conn.fetch(_queries.texts_seen, sids)}


async def phones_known(conn: Connection, numbers: Collection[str]) -> set[str]:
    """Return which of these phones are not strangers'."""
    return {row["phone"] for row in await conn.fetch(_queries.phones_known, [*set(numbers)])}
