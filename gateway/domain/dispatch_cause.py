"""The record of what failed in dispatching, within its case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Cause = Literal["limit_reached", "exhausted", "gap", "resend"]


@dataclass(frozen=True, slots=True)
class DispatchCause:
    """Why a dispatch case was opened: for which message of which account, by which history item.

    `seq` is that item's place in the message's history; `times` how often it happened while the
    case was open, the last time at `last_at`.
    """

    cause: Cause
    account: str
    ucn: str
    seq: int
    job: UUID | None = None
    times: int = 1
    last_at: datetime | None = None
