"""The doorkeeper: whose tokens these are, looked up many at a time.

Requests that arrive while a look-up is under way share the next one, as at the reception. Nothing
is remembered: a token that was revoked before a request came opens nothing for it.
"""

import asyncio

from gateway.store import tokens
from gateway.store.pool import Pool
from gateway.store.tokens import Holder


class Doorkeeper:
    """Tells who holds a token."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[str, asyncio.Future[Holder | None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def holder(self, token: str) -> Holder | None:
        """Return whose token it is; None when it is unknown or revoked."""
        fingerprint = tokens.fingerprint(token)
        answer = self._waiting.get(fingerprint)
        if answer is None:
            answer = self._waiting[fingerprint] = asyncio.get_running_loop().create_future()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_up())
        # Others may wait for the same answer: who goes away takes nothing from them.
        return await asyncio.shield(answer)

    async def _look_up(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                async with self._pool.acquire() as conn:
                    found = await tokens.find_all(conn, [*asked])
            except Exception as fault:  # noqa: BLE001 - each waiter must hear of it
                for answer in asked.values():
                    answer.set_exception(fault)
                continue
            for fingerprint, answer in asked.items():
                answer.set_result(found.get(fingerprint))
