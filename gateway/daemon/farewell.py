"""Farewell: a process that is told to end still answers for who is on the line."""

from typing import Final

import structlog

from gateway.clock import Clock
from gateway.store import jobs
from gateway.store.pool import AWAY, Pool

LONGEST: Final = 60.0
_LOOKS: Final = 0.5
_log = structlog.get_logger(__name__)


async def nobody_speaks(pool: Pool, clock: Clock) -> None:
    """Wait until no answered call is unconfirmed; a minute at most, and not for a database."""
    until = clock.monotonic() + LONGEST
    try:
        while clock.monotonic() < until:
            async with pool.acquire() as conn:
                if not await jobs.anybody_speaks(conn, clock.now()):
                    return
            await clock.sleep(_LOOKS)
    except AWAY as fault:
        _log.warning("database away", action="daemon.draining", fault=type(fault).__name__)
