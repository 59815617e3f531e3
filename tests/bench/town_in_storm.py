"""The town in a storm: whose people are called, and what is said of whom."""

from typing import Any, Final

_PEOPLE: Final = 5  # contacts of an account
# One account in twenty has half of all messages: those in the middle of the storm.
_STRUCK: Final = 20
_PRIORITIES: Final = (*["routine"] * 10, *["urgent"] * 9, "emergency")


def document(number: int) -> dict[str, Any]:
    """Return an account whose five people are all called, one after the other."""
    keys = [f"p{n}" for n in range(_PEOPLE)]
    phones = {key: f"+1{202 + n}{number:07d}" for n, key in enumerate(keys)}
    return {
        "account": account(number),
        "name": f"Client {number}",
        "timezone": "America/New_York",
        "contacts": {key: {"name": key, "phone": phone} for key, phone in phones.items()},
        "permanent": [{"contact": key, "status": "call"} for key in keys],
    }


def account(number: int) -> str:
    """Return the account's number."""
    return f"{10000 + number}"


def whose(number: int, many: int) -> int:
    """Say which account a message is of: every other one is of one that was struck."""
    struck = max(1, many // _STRUCK)
    return (number // 2) % struck if number % 2 else (number // 2) % many


def message(number: int, accounts: int) -> dict[str, Any]:
    """Return a message as an agent posts it."""
    return {
        "account": account(whose(number, accounts)),
        "priority": _PRIORITIES[number // 2 % len(_PRIORITIES)],
        "text": "No power, two children in the house",
        "taken_by": f"agent:{number % 90}",
        "caller": {"name": "Jo Dole", "phone": f"+1646{number % 10_000_000:07d}"},
        "fields": {"address": f"{number % 900} Main Street"},
    }
