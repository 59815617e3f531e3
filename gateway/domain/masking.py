"""Addresses as history, alerts and the log may show them (CONTRACT section 7).

Every function leaves alone what is already masked, so masking twice does no harm.
"""

import re
from typing import Final

_SHOWN: Final = 4
_FEW_SHOWN: Final = 2
# Country codes of one and two digits (ITU-T E.164); every other one has three.
_ONE_DIGIT: Final = frozenset("17")
_TWO_DIGITS: Final = frozenset(
    str(code)
    for first, last in (
        (20, 20), (27, 27), (30, 34), (36, 36), (39, 41), (43, 49), (51, 58),
        (60, 66), (81, 82), (84, 84), (86, 86), (90, 95), (98, 98),
    )
    for code in range(first, last + 1)
)  # fmt: skip
_MASKED_PHONE: Final = re.compile(r"\+?[0-9]{0,3}\*+[0-9]{0,4}")
_MASKED_MAIL: Final = re.compile(r"[^@*]?\*+@[^@]*")
_PHONE: Final = re.compile(r"\+[0-9]{4,}")
_MAIL: Final = re.compile(r"[^\s@<>:;,()\"']+@[^\s@<>:;,()\"']+")


def mask(phone: str) -> str:
    """Mask a phone number: country code, stars, the last four digits.

    >>> mask("+12025550101")
    '+1******0101'
    """
    if "*" in phone and _MASKED_PHONE.fullmatch(phone):
        return phone
    prefix = _country(phone)
    rest = phone[len(prefix) :]
    shown = _shown(len(rest))
    return prefix + "*" * (len(rest) - shown) + rest[len(rest) - shown :]


def _country(phone: str) -> str:
    if not phone.startswith("+"):
        return ""
    if phone[1:2] in _ONE_DIGIT:
        return phone[:2]
    return phone[:3] if phone[1:3] in _TWO_DIGITS else phone[:4]


def _shown(length: int) -> int:
    """Half of it stays hidden at least: a short number's last digits are the number."""
    if length >= 2 * _SHOWN:
        return _SHOWN
    return _FEW_SHOWN if length >= 2 * _FEW_SHOWN else 0


def mask_mail(address: str) -> str:
    """Mask an e-mail address: first letter, stars, the whole domain.

    >>> mask_mail("ann@northside.example")
    'a**@northside.example'
    """
    if "*" in address and _MASKED_MAIL.fullmatch(address):
        return address
    name, at, domain = address.rpartition("@")
    if not at:
        return "*" * len(address)
    shown = name[:1] if len(name) > 1 else ""
    return f"{shown}{'*' * (len(name) - len(shown))}@{domain}"


def mask_address(address: str) -> str:
    """Mask whatever it is, a phone number or an e-mail address."""
    return mask_mail(address) if "@" in address else mask(address)


def mask_within(text: str) -> str:
    """Mask every E.164 number and e-mail address that stands inside `text`."""
    mailless = _MAIL.sub(lambda found: mask_mail(found[0]), text)
    return _PHONE.sub(lambda found: mask(found[0]), mailless)
