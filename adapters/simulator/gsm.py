"""How many parts a text takes on the air."""

import re

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = re.compile(r"[\f^{}\\\[~\]|€]")


def count_segments(body: str) -> int:
    """Count parts: 160 / 153 septets in GSM-7 (extension characters count 2), else 70 / 67."""
    plain = DOUBLE.sub("", body)
    if all(char in BASIC for char in plain):
        return _parts(2 * len(body) - len(plain), 160, 153)
    return _parts(len(body.encode("utf-16-be")) // 2, 70, 67)


def _parts(size: int, single: int, several: int) -> int:
    return 1 if size <= single else -(-size // several)
