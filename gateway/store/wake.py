"""Being woken: LISTEN on a connection of its own; a notification only re-arms a timer."""

from collections.abc import Callable

from gateway.store.pool import Connection

CHANNEL = "dispatchd_due"


async def listen(conn: Connection, woken: Callable[[], None]) -> None:
    """Call `woken` whenever something became due, on any host."""

    def heard(*_: object) -> None:
        woken()

    await conn.add_listener(CHANNEL, heard)
