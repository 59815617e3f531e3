"""Places: the URLs of ours that travel with each request to the carrier."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Places:
    """Builds callback URLs; every one carries the attempt's id (TWILIO section 4).

    The fragment asks the carrier to try a webhook again; it is neither sent nor signed.
    """

    public_url: str

    def answer(self, attempt: UUID | str) -> str:
        """Where the call asks what to say."""
        return f"{self.public_url}/twilio/call/{attempt}/answer#ct=2000&rc=2&rp=all"

    def call_status(self, attempt: UUID | str) -> str:
        """Where a call's progress is told."""
        return f"{self.public_url}/twilio/call/{attempt}/status#rc=5&rp=all"

    def machine(self, attempt: UUID | str) -> str:
        """Where the verdict of answering machine detection is told."""
        return f"{self.public_url}/twilio/call/{attempt}/machine#rc=5&rp=all"

    def text_status(self, attempt: UUID | str) -> str:
        """Where a text's progress is told."""
        return f"{self.public_url}/twilio/text/{attempt}/status#rc=5&rp=all"

    def message_id(self, attempt: UUID) -> str:
        """Name an e-mail as RFC 5322 wants it: the attempt, at our own host."""
        host = urlsplit(self.public_url).hostname or "localhost"
        return f"{attempt}@{host if ':' not in host else 'localhost'}"
