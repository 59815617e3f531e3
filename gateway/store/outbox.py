"""What leaves once at most: room in a lane, the intent before the wire, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from gateway.domain.change import Change, MailOut, TextOut
from gateway.domain.messages import Key
from gateway.domain.months import month_of
from gateway.store.claims import Claims
from gateway.store.pool import Connection
from gateway.store.queries import load
from gateway.store.rates import Rates
from gateway.store.verdicts import Stale, Verdict, Written

# Handoffs, answers and letters take every third text that may be sent and digests every sixth, each
# in a lane of their own, so that no flood of digests delays a handoff; messages come first, always.
_EVERY: Final = {"handoff": 3, "digest": 6, "reply": 3, "letter": 3}
_queries = load("outbox")


class Outbox(NamedTuple):
    """The statements of one kind of what leaves.

    `lock` ($1 id): hold it while nobody has tried to send it. `intend` ($1 id, $2 method, $3
    sender). `settle` ($1 id, $2 state, $3 sid, $4 reason): one that is settled stays as it is;
    answers the id otherwise.
    """

    lock: str
    intend: str
    settle: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of it, the carrier's or mail server's name for it, and why in words."""

    state: str
    sid: str | None = None
    reason: str | None = None


async def slots(
    conn: Connection, lane: str, count: int, now: datetime, rates: Rates
) -> list[datetime]:
    """Reserve so many places of sending in a lane; return when each comes."""
    step = (rates.interval("text") or timedelta()) * _EVERY[lane]
    step /= max(len(rates.numbers.get("text", ())), 1)
    since: datetime = await conn.fetchval(_queries.reserve_slots, now, step * count, lane)
    return [since + step * n for n in range(count)]


async def intend(
    conn: Connection, box: Outbox, wire: TextOut | MailOut, now: datetime, rates: Rates
) -> Verdict:
    """Claim what waits for the wire: `wire.attempt` is its id.

    Written: it may be sent now, once, by this process. NoToken: later. Stale: somebody else has
    it, or the number opted out meanwhile.
    """
    change = Change(Key("", month_of(now), ""), 0, now, wire=wire)
    async with conn.transaction():
        if await conn.fetchval(box.lock, wire.attempt) is None:
            return Stale()
        verdict = (await Claims(conn, now, rates).take({0: change}))[0]
        if isinstance(verdict, Written):
            method = "text" if isinstance(wire, TextOut) else "email"
            await conn.execute(box.intend, wire.attempt, method, verdict.sender)
    return verdict


async def settle(conn: Connection, box: Outbox, one: UUID, what: Settled) -> bool:
    """Record what became of it; False, and nothing recorded, when that is settled already."""
    return await conn.fetchval(box.settle, one, what.state, what.sid, what.reason) is not None
