"""Flags: what is known against a phone number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flags:
    """What is known against a phone number: opted out of texts, or suspended altogether."""

    opted_out: bool = False
    suspended: bool = False
    reason: str = ""
