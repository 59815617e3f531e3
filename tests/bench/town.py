"""A town of accounts with due messages: what every measurement starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.chance import SeededChance
from gateway.domain.content import Content
from gateway.domain.documents import compile_account, document_from
from gateway.domain.messages import Priority
from gateway.domain.taking import Intake, Taken, take
from gateway.store import accounts, messages
from gateway.store.pool import Pool

_BATCH = 500
_MESSAGES_AN_ACCOUNT = 1


def document(number: int, status: str = "sms") -> dict[str, Any]:
    """Return an account as real ones are: shifts, backups, permanent list, an own protocol.

    Who is on call is reached by `status`.
    """
    digits = f"{number:07d}"
    return {
        "account": f"{10000 + number}",
        "name": f"Client {number}",
        "timezone": "America/New_York",
        "contacts": {
            "ann": {"name": "Ann Ames", "phone": f"+1202{digits}"},
            "bob": {"name": "Bob Bell", "phone": f"+1303{digits}"},
            "cho": {"name": "Cho Cole", "phone": f"+1404{digits}"},
        },
        "schedules": [
            {
                "name": "OnCall",
                "shifts": [
                    {"contact": "ann", "role": "oncall", "status": status, "weekly": "Mon-Sun"},
                    {"contact": "bob", "role": "backup", "status": "call", "weekly": "Mon-Sun"},
                ],
            }
        ],
        "permanent": [{"contact": "cho", "status": "call"}],
        "protocols": [
            {"name": "urgent", "when": {"priority": ["emergency", "urgent"]}, "cue": "15m"}
        ],
    }


@dataclass(slots=True)
class Town:
    """Accounts in a database, and messages taken for them."""

    pool: Pool
    chance: SeededChance
    accounts: Mapping[str, Any]
    count: int = 0

    async def taken(self, many: int, now: datetime, spread: timedelta = timedelta()) -> list[Taken]:
        """Take `many` urgent messages, due now or evenly over `spread` from now on."""
        names = list(self.accounts)
        fresh = []
        for n in range(many):
            name = names[(self.count + n) % len(names)]
            at = now + spread * n / many
            content = Content("No heat, two children in the house", None, None, {})
            intake = Intake(name, Priority.URGENT, content, "agent:1204", at)
            ucn = f"B{self.count + n:09d}"
            fresh.append(take(intake, ucn, self.accounts[name], at, self.chance))
        self.count += many
        async with self.pool.acquire() as conn:
            for start in range(0, many, _BATCH):
                await messages.take_all(conn, fresh[start : start + _BATCH])
        return fresh


async def build_town(pool: Pool, messages_wanted: int, now: datetime, status: str = "sms") -> Town:
    """Put enough accounts into the database for that many messages."""
    many = max(10, messages_wanted // _MESSAGES_AN_ACCOUNT)
    documents = [document_from(document(n, status), "bench") for n in range(many)]
    async with pool.acquire() as conn:
        for start in range(0, many, _BATCH):
            await accounts.put_all(conn, documents[start : start + _BATCH], "admin:bench", now)
    return Town(pool, SeededChance(11), {one.account: compile_account(one) for one in documents})
