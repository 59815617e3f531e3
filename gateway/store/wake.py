"""Being woken: LISTEN on a connection of its own; a notification only re-arms a timer."""

from collections.abc import Callable

from gateway.store.pool import Connection

CHANNEL = "dispatchd_due"
# What is told of duties, which a turn does not look for otherwise; anything else is of jobs.
_DUTY = "duty"


async def listen(conn: Connection, woken: Callable[[bool], None]) -> None:
    """Call `woken` whenever something became due, on any host; with True where it is a duty."""

    def heard(*told: object) -> None:
        woken(told[-1] == _DUTY)

    await conn.add_listener(CHANNEL, heard)
