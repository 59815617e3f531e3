"""Form fields as carriers send them: ordered pairs, names may repeat."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlencode

Pairs = list[tuple[str, str]]
FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Form:
    """Decoded fields in the order they came; empty values are kept."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, raw: str | bytes) -> Self:
        """Decode a query string or an urlencoded body (UTF-8; bad bytes become U+FFFD)."""
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
        return cls(tuple(parse_qsl(text, keep_blank_values=True)))

    def get(self, name: str, default: str = "") -> str:
        """Give the first value of that name."""
        return next((value for key, value in self.pairs if key == name), default)

    def every(self, name: str) -> list[str]:
        """Give all values of that name, in order."""
        return [value for key, value in self.pairs if key == name]

    def has(self, name: str) -> bool:
        """Tell whether that name was sent at all, be it empty."""
        return any(key == name for key, _ in self.pairs)


def encode(pairs: Pairs) -> bytes:
    """Encode fields as a form body."""
    return urlencode(pairs).encode()
