"""A store with messages on it: accounts loaded, messages taken, changes planned from what is there.

For tests of the store: `Shelf` speaks over one connection, as one process would.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gateway.domain.absorb import absorb
from gateway.domain.change import Change
from gateway.domain.content import Content
from gateway.domain.dispatch import next_step
from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.events import Event
from gateway.domain.messages import Key, Priority
from gateway.domain.months import month_of
from gateway.domain.state import State
from gateway.domain.taking import Intake, Taken, take
from gateway.store import accounts, jobs, messages
from gateway.store.changes import write
from gateway.store.pool import Connection
from gateway.store.rates import Rates
from gateway.store.states import States
from gateway.store.verdicts import CodeTaken, PhoneTaken, Verdict
from tests.kit.desk import NOON, TEXT, Dice, document

OURS = "+15005550006"
FREE = Rates({"call": [OURS], "text": [OURS]})
_BY = "lead:L-7"
_QUEUE = """
insert into jobs (id, account, month, ucn, priority, source, state, created_at, due_at, next_at)
select gen_random_uuid(), '7001', '2026-02-01', $1::text || n, $2, 'new', 'pending', $3, $3,
    $3::timestamptz + n * interval '1 millisecond'
from generate_series(1, $4) as n
"""


def slow(per_second: float = 1.0, *numbers: str) -> Rates:
    """Return rates of so many calls and texts a second for each number."""
    ours = numbers or (OURS,)
    return Rates({"call": ours, "text": ours}, {"call": per_second, "text": per_second})


@dataclass
class Shelf:
    """One connection to the store, and what a process would do over it."""

    conn: Connection
    boot: int = 1
    rates: Rates = FREE
    now: datetime = NOON
    taken_at: datetime = NOON  # the month of it is that of all messages
    chance: Dice = field(default_factory=Dice)
    states: States = field(default_factory=lambda: States("https://dispatch.example"))
    busy: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw other ids than the other processes do."""
        self.chance = Dice(1000 + self.boot)

    async def load(self, *documents: AccountDocument) -> None:
        """Put account documents in force."""
        await accounts.put_all(self.conn, documents or [document()], _BY, self.now)

    async def take(
        self, ucn: str, account: str = "7001", priority: Priority = Priority.URGENT
    ) -> Taken:
        """Take one message now."""
        return (await self.take_all([ucn], account, priority))[0]

    async def take_all(
        self, ucns: Sequence[str], account: str = "7001", priority: Priority = Priority.URGENT
    ) -> list[Taken]:
        """Take messages now, in one statement."""
        compiled = compile_account(document(account))
        content = Content(TEXT, "Jo Dole", "+12025550142", {})
        whole = Intake(account, priority, content, "agent:1204", self.now)
        many = [take(whole, ucn, compiled, self.now, Dice(int(ucn))) for ucn in ucns]
        assert len(await messages.take_all(self.conn, many)) == len(many)
        return many

    async def queue(self, priority: Priority, many: int) -> None:
        """Put due jobs of one class on the shelf, each a millisecond less overdue."""
        start = self.now - timedelta(minutes=1)
        await self.conn.execute(_QUEUE, f"{priority.word}-", priority.value, start, many)

    async def state(self, ucn: str, account: str = "7001") -> State:
        """Load one message's state."""
        key = Key(account, month_of(self.taken_at), ucn)
        state = (await self.states.to_plan(self.conn, [key], self.now))[key]
        return state._replace(busy=self.busy)

    async def plan(self, ucn: str, account: str = "7001") -> Change:
        """Plan the next step of a message's newest job from what is stored."""
        state = await self.state(ucn, account)
        return next_step(state, state.jobs[-1].id, self.now, self.chance)

    async def hear(self, ucn: str, event: Event, account: str = "7001") -> Change:
        """Decide what an event means for a message, from what is stored."""
        return absorb(await self.state(ucn, account), event, self.now, self.chance)[0]

    async def write(self, *changes: Change) -> list[Verdict]:
        """Write changes in one batch."""
        verdicts = await write(self.conn, changes, self.now, self.rates)
        for one in verdicts:
            if isinstance(one, PhoneTaken):
                self.busy[one.phone] = one.until
        return verdicts

    async def intend(self, ucn: str, account: str = "7001") -> Change:
        """Plan and write until something is asked of the wire or nothing is due any more."""
        for _ in range(20):
            change = await self.plan(ucn, account)
            (verdict,) = await self.write(change)
            if isinstance(verdict, PhoneTaken | CodeTaken):
                continue
            at = change.jobs[-1].next_at if change.jobs else None
            if change.wire is not None or at is None or at > self.now:
                return change
        raise AssertionError("the job does not come to rest")

    async def tell(self, ucn: str, event: Event, account: str = "7001") -> Verdict:
        """Absorb an event and write what it means."""
        (verdict,) = await self.write(await self.hear(ucn, event, account))
        return verdict

    async def claim(self, most: int = 100) -> list[UUID]:
        """Claim what is due."""
        return [one.id for one in await jobs.claim(self.conn, self.boot, self.now, most=most)]

    async def count(self, table: str) -> int:
        """Count a table's rows."""
        return int(await self.conn.fetchval(f"select count(*) from {table}"))  # noqa: S608 - ours

    async def all(self, table: str, order: str) -> list[dict[str, Any]]:
        """Return a table's rows."""
        rows = await self.conn.fetch(f"select * from {table} order by {order}")  # noqa: S608 - ours
        return [dict(row) for row in rows]

    async def whole(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything that a change may write, to be compared before and after."""
        tables = {
            "messages": "ucn",
            "jobs": "id",
            "attempts": "id",
            "history_items": "ucn, seq",
            "history_words": "ucn, seq",
            "errands": "id",
            "links": "fingerprint",
            "phones": "phone",
            "open_calls": "phone",
            "reply_codes": "phone, code",
            "blank_days": "account, day",
        }
        return {table: await self.all(table, order) for table, order in tables.items()}


def key_of(ucn: str, account: str = "7001") -> Key:
    """Return the key of a message taken at NOON."""
    return Key(account, month_of(NOON), ucn)
