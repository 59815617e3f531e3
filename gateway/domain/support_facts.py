"""The record of a homeowner's or installer's case within its case (S4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Support:
    """What somebody asked for; the rules are in `casework`."""

    request_type: str
    subtype: str
    contract: str | None = None
