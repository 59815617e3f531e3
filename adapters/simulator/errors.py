"""The REST errors of the carrier, as the vendor words and numbers them."""

from typing import Any

DOCS = "https://www.twilio.com/docs/errors/"


class RestError(Exception):
    """A refused request: vendor `code`, plain `words`, HTTP `status` (TWILIO.md section 2)."""

    def __init__(self, code: int, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.status = status

    def shape(self) -> dict[str, Any]:
        """Give the vendor's JSON error body."""
        return {
            "code": self.code,
            "message": self.words,
            "more_info": f"{DOCS}{self.code}",
            "status": self.status,
        }


def unknown_resource(path: str) -> RestError:
    """Give the vendor's 404 for a path that leads nowhere."""
    return RestError(20404, f"The requested resource {path} was not found", 404)
