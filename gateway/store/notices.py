"""Notices in the store: written with what asks for them, on the wire once at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.domain.notices import Notice, NoticeKind
from gateway.domain.wording.mail import Letter
from gateway.store import outbox
from gateway.store.outbox import Outbox, Settled, slots
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rates import Rates

KEPT: Final = timedelta(days=30)
_LANES: Final = {NoticeKind.DIGEST: "digest", NoticeKind.REPLY: "reply"}
_queries = load("notices")
OUTBOX: Final = Outbox(_queries.lock_notice, _queries.intend_notice, _queries.settle_notice)


@dataclass(frozen=True, slots=True)
class Found:
    """A notice, and how it stands: waiting, intended, sent, failed, unsure or dropped."""

    notice: Notice
    state: str


async def add(conn: Connection, notices: Sequence[Notice], now: datetime, rates: Rates) -> None:
    """Have notices (of handoffs, or of a digest) sent, one after the other.

    One that stands there already is left alone.
    """
    if not notices:
        return
    lane = _LANES.get(notices[0].kind, "handoff")
    due = await slots(conn, lane, len(notices), now, rates)
    rows = [
        (*one[:3], one.kind.value, *one[4:7], one.words.subject, one.words.body, slot)
        for one, slot in zip(notices, due, strict=True)
    ]
    await conn.execute(_queries.add_notices, *(list(column) for column in zip(*rows, strict=True)))


async def forget_old(conn: Connection, account: str, now: datetime) -> None:
    """Delete an account's notices of a month ago."""
    await conn.execute(_queries.forget_notices, account, now - KEPT)


async def find(conn: Connection, notice: UUID) -> Found | None:
    """Look a notice up."""
    row = await conn.fetchrow(_queries.find_notice, notice)
    if row is None:
        return None
    one = Notice(
        row["id"],
        row["account"],
        row["contact"],
        NoticeKind(row["kind"]),
        row["schedule"],
        row["at"],
        row["until"],
        Letter(row["subject"], row["words"]),
    )
    return Found(one, row["state"])


async def settle(conn: Connection, notice: UUID, what: Settled) -> None:
    """Record what became of a notice; one that is settled stays as it is."""
    await outbox.settle(conn, OUTBOX, notice, what)
