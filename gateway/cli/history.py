"""`history`: a message's items, and whether their chain holds."""

from typing import Any
from zoneinfo import ZoneInfo

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED, Mistake
from gateway.cli.output import complain, say_json
from gateway.cli.timeline import say_item
from gateway.clock import SystemClock
from gateway.domain.history import Broken
from gateway.domain.messages import Key
from gateway.store import accounts, messages
from gateway.store.pool import Connection
from gateway.store.states import States


async def key_of(conn: Connection, ucn: str) -> Key:
    """Find a message; Mistake when there is none."""
    key = await States("").key_of_ucn(conn, ucn)
    if key is None:
        raise Mistake(f"there is no message {ucn}")
    return key


async def zone_of(conn: Connection, account: str) -> ZoneInfo:
    """Return the account's zone, UTC where the account is gone."""
    document = (await accounts.in_force(conn, [account])).get(account)
    return ZoneInfo(document.timezone if document else "UTC")


def show(ucn: str, *, as_json: bool) -> int:
    """Print the items and return the exit code: 1 when the chain is broken."""

    async def read(
        conn: Connection, _clock: SystemClock
    ) -> tuple[list[dict[str, Any]], Broken | None, ZoneInfo]:
        key = await key_of(conn, ucn)
        _, broken = await messages.check(conn, key)
        return await messages.history(conn, key), broken, await zone_of(conn, key.account)

    items, broken, zone = with_database(chosen_settings(), read)
    for item in items:
        if as_json:
            say_json(item)
        else:
            say_item(item, zone)
    if broken is None:
        return 0
    complain(f"the history of {ucn} is broken at item {broken.seq}: {broken.why}")
    return FAILED
