"""The doorkeeper: whose tokens these are, looked up many at a time.

Nothing is remembered: a token that was revoked before a request came opens nothing for it.
"""

from gateway.store import tokens
from gateway.store.lookups import Lookups
from gateway.store.pool import Pool
from gateway.store.tokens import Holder


class Doorkeeper:
    """Tells who holds a token."""

    def __init__(self, pool: Pool) -> None:
        self._lookups: Lookups[str, Holder] = Lookups(pool, tokens.find_all)

    async def holder(self, token: str) -> Holder | None:
        """Return whose token it is; None when it is unknown or revoked."""
        return await self._lookups.find(tokens.fingerprint(token))
