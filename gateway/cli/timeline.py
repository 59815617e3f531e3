"""History for people: one line an item, in local time."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from gateway.cli.output import say_colored

_STYLES: Final = {"success": "green", "failure": "red", "initiated": "cyan", "info": "bright_black"}
_KIND, _CONTACT = 21, 6
_SHOWN: Final = ("reason", "due_at", "source", "code")


def line_of(item: Mapping[str, Any], zone: tzinfo | None, *, facts: bool = True) -> str:
    """Return `18:00:25  49000001  dial.no_answer  ann  Ann Ames did not answer.`.

    `zone` None is this host's; `facts` adds what the sentence leaves out.
    """
    at = datetime.fromisoformat(item["at"]).astimezone(zone)
    contact = str(item["data"].get("contact") or "")
    words = item["text"] + (_facts(item, zone) if facts else "")
    kind = str(item["kind"]).ljust(_KIND)
    return f"{at:%H:%M:%S}  {item['ucn']}  {kind} {contact.ljust(_CONTACT)} {words}"


def _facts(item: Mapping[str, Any], zone: tzinfo | None) -> str:
    """Add the facts that the sentence leaves out."""
    found = {name: item["data"][name] for name in _SHOWN if item["data"].get(name)}
    if "due_at" in found:
        found["due_at"] = f"{datetime.fromisoformat(found['due_at']).astimezone(zone):%H:%M:%S}"
    said = [
        f"{name}={value}"
        for name, value in found.items()
        if str(value) not in item["text"] and len(str(value)) <= 2 * _KIND
    ]
    return f" ({', '.join(said)})" if said else ""


def say_item(item: Mapping[str, Any], zone: tzinfo | None, *, facts: bool = True) -> None:
    """Print one item, coloured by its outcome on a terminal."""
    say_colored(line_of(item, zone, facts=facts), _STYLES.get(item["outcome"], ""))
