"""`specials`: what is in force of a client's instructions, now or at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Mistake
from gateway.cli.instants import local, read_instant
from gateway.cli.output import say, say_json, say_table
from gateway.clock import SystemClock
from gateway.domain.documents import compile_account
from gateway.domain.history import stamp
from gateway.domain.specials import Special, active
from gateway.store import accounts, specials
from gateway.store.pool import Connection
from gateway.store.specials import Posted

_HEADS = ("id", "until", "effect", "state", "by", "text")


@dataclass(frozen=True, slots=True)
class Found:
    """The specials active at an instant: those of the document, then the posted ones."""

    account: str
    at: datetime
    zone: ZoneInfo
    own: Sequence[Special]
    posted: Sequence[Posted]


def tell(account: str, at: str | None, *, as_json: bool) -> None:
    """Print the specials that are active at an instant (now); Mistake for an unknown account."""

    async def look(conn: Connection, clock: SystemClock) -> Found:
        document = (await accounts.in_force(conn, [account])).get(account)
        if document is None:
            raise Mistake(f"there is no account {account}")
        compiled = compile_account(document)
        when = read_instant(at, compiled.zone, "--at") if at else clock.now()
        posted = await specials.active_at(conn, account, when)
        own = active(compiled.specials, when)
        return Found(account, when, compiled.zone, own, posted)

    found = with_database(chosen_settings(), look)
    listed = [(one, "approved", "document") for one in found.own]
    listed += [(one.special, one.state, one.posted_by) for one in found.posted]
    if as_json:
        say_json([_values(*one) for one in listed])
        return
    if not listed:
        say(f"account {account} has no special at {local(found.at, found.zone)}")
        return
    say_table(_HEADS, [_row(one, state, by, found.zone) for one, state, by in listed])


def _values(one: Special, state: str, by: str) -> dict[str, str | None]:
    return {
        "id": one.id,
        "start": stamp(one.start),
        "end": stamp(one.end),
        "effect": one.effect,
        "contact": one.replace,
        "state": state,
        "posted_by": by,
        "text": one.text,
    }


def _row(one: Special, state: str, by: str, zone: ZoneInfo) -> list[str]:
    effect = f"{one.effect} {one.replace}" if one.replace else one.effect
    return [one.id, local(one.end, zone), effect, state, by, one.text]
