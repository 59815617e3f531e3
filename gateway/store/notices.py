"""Notices in the store: written with what asks for them, on the wire once at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.domain.change import Change, MailOut, TextOut
from gateway.domain.messages import Key
from gateway.domain.months import month_of
from gateway.domain.notices import Notice, NoticeKind
from gateway.domain.wording.mail import Letter
from gateway.store.claims import Claims, Rates
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.verdicts import Stale, Verdict, Written

KEPT: Final = timedelta(days=30)
# Handoffs take every third text that may be sent and digests every sixth, each in a lane of their
# own, so that no flood of digests delays a handoff; half is left for messages, always.
_EVERY: Final = {"handoff": 3, "digest": 6, "reply": 3}
_LANES: Final = {NoticeKind.DIGEST: "digest", NoticeKind.REPLY: "reply"}
_queries = load("notices")


@dataclass(frozen=True, slots=True)
class Found:
    """A notice, and how it stands: waiting, intended, sent, failed, unsure or dropped."""

    notice: Notice
    state: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a notice, the carrier's or mail server's name for it, and why in words."""

    state: str
    sid: str | None = None
    reason: str | None = None


async def add(conn: Connection, notices: Sequence[Notice], now: datetime, rates: Rates) -> None:
    """Have notices (of handoffs, or of a digest) sent, one after the other.

    One that stands there already is left alone.
    """
    if not notices:
        return
    lane = _LANES.get(notices[0].kind, "handoff")
    step = (rates.interval("text") or timedelta()) * _EVERY[lane]
    step /= max(len(rates.numbers.get("text", ())), 1)
    length = step * len(notices)
    since: datetime = await conn.fetchval(_queries.reserve_slots, now, length, lane)
    rows = [
        (*one[:3], one.kind.value, *one[4:7], one.words.subject, one.words.body, since + step * n)
        for n, one in enumerate(notices)
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


async def intend(
    conn: Connection, wire: TextOut | MailOut, account: str, now: datetime, rates: Rates
) -> Verdict:
    """Claim a waiting notice for the wire: `wire.attempt` is its id.

    Written: it may be sent now, once, by this process. NoToken: later. Stale: somebody else has
    it, or the number opted out meanwhile.
    """
    change = Change(Key(account, month_of(now), ""), 0, now, wire=wire)
    async with conn.transaction():
        if await conn.fetchval(_queries.lock_notice, wire.attempt) is None:
            return Stale()
        verdict = (await Claims(conn, now, rates).take({0: change}))[0]
        if isinstance(verdict, Written):
            method = "text" if isinstance(wire, TextOut) else "email"
            await conn.execute(_queries.intend_notice, wire.attempt, method, verdict.sender)
    return verdict


async def settle(conn: Connection, notice: UUID, what: Settled) -> None:
    """Record what became of a notice; one that is settled stays as it is."""
    await conn.execute(_queries.settle_notice, notice, what.state, what.sid, what.reason)
