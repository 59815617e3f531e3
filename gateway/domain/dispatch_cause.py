"""The record of what failed in dispatching, within its case."""

from dataclasses import dataclass
from typing import Literal

Cause = Literal["limit_reached", "exhausted", "gap", "resend"]


@dataclass(frozen=True, slots=True)
class DispatchCause:
    """Why a dispatch case was opened: for which message of which account, by which history item."""

    cause: Cause
    account: str
    ucn: str
    seq: int
