"""What tests about messages and jobs share: accounts, messages just taken, a repeatable chance."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gateway.domain.content import Content
from gateway.domain.documents import AccountDocument, compile_account, document_from
from gateway.domain.messages import Priority
from gateway.domain.taking import Forced, Intake, Taken, take

NOON = datetime(2026, 2, 2, 23, 0, tzinfo=UTC)  # 18:00 in New York, a Monday
TEXT = "No heat since Sunday"


class Dice:
    """Chance that repeats itself for a seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - tests want it to repeat

    def uuid(self) -> UUID:
        """Return the next id."""
        return UUID(bytes=self.raw(16), version=4)

    def raw(self, count: int) -> bytes:
        """Return the next bytes."""
        return self._random.randbytes(count)

    def below(self, limit: int) -> int:
        """Return the next number below the limit."""
        return self._random.randrange(limit)


def northside(account: str = "7001", **changes: object) -> dict[str, object]:
    """Return the example account as a document in JSON values; `changes` replace its keys."""
    return {
        "account": account,
        "name": "Northside HVAC",
        "timezone": "America/New_York",
        "contacts": {
            "ann": {"name": "Ann Ames", "phone": "+12025550101", "pin": "4711"},
            "bob": {"name": "Bob Bell", "phone": "+12025550102", "sms": "+12025550112"},
            "cho": {"name": "Cho Cole", "phone": "+12025550103"},
        },
        "schedules": [
            {
                "name": "OnCall",
                "shifts": [
                    {"contact": "ann", "status": "call", "weekly": "Mon-Sun 17:00-08:00"},
                    {"contact": "bob", "role": "backup", "weekly": "Mon-Sun 17:00-08:00"},
                ],
            }
        ],
        "permanent": [{"contact": "cho", "status": "call"}],
        **changes,
    }


def document(account: str = "7001", **changes: object) -> AccountDocument:
    """Return the example account's document."""
    return document_from(northside(account, **changes), "test")


def intake(account: str = "7001", *, forced: Forced | None = None) -> Intake:
    """Return an urgent message as an agent hands it in at NOON."""
    content = Content(TEXT, "Jo Dole", "+12025550142", {"address": "1 Main St"})
    return Intake(account, Priority.URGENT, content, "agent:1204", NOON, "hvac", forced)


def taken(ucn: str = "49000001", account: str = "7001", *, forced: Forced | None = None) -> Taken:
    """Return that message taken at NOON under a UCN."""
    compiled = compile_account(document(account))
    return take(intake(account, forced=forced), ucn, compiled, NOON, Dice(int(ucn)))


def later(**span: float) -> datetime:
    """Return an instant after NOON."""
    return NOON + timedelta(**span)
