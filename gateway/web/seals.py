"""Seals: which of our carriers signed a webhook, and whether it may speak of what it speaks of.

A carrier is believed about its own numbers and the calls and texts that went from them, and of
nothing else: who has one carrier's key can say nothing about another's.
"""

from dataclasses import dataclass
from uuid import UUID

from adapters.twilio.signature import Verifier, Webhook
from gateway.store.parties import sender_of
from gateway.store.pool import Pool


@dataclass(frozen=True, slots=True)
class Seals:
    """Judges webhooks of the first carrier, and of a second one to which `numbers` belong."""

    first: Verifier
    second: Verifier | None = None
    numbers: frozenset[str] = frozenset()

    async def genuine(
        self, webhook: Webhook, pool: Pool, attempt: UUID | None, number: str
    ) -> bool:
        """Tell whether the carrier signed it to which the attempt, or else our `number`, belongs.

        With one carrier the store is not asked. Raises UnknownAttemptError.
        """
        first = self.first.genuine(webhook)
        if self.second is None:
            return first
        second = self.second.genuine(webhook)
        if not (first or second):
            return False
        if attempt is not None:
            async with pool.acquire() as conn:
                number = await sender_of(conn, attempt) or ""
        return second if number in self.numbers else first
