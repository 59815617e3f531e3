"""Recipients of a resend: what a person may write for `to`, and where that leads (S3-15)."""

import re
from typing import Final

from gateway.domain.accounts import Account
from gateway.domain.masking import mask_address
from gateway.domain.walk import OFFICE

CHANNELS: Final = ("sms", "secure", "email")
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_MAIL: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")


def recipient(account: Account, channel: str, to: str) -> tuple[str, str]:
    """Return contact and address that `to` means for a channel.

    It is a contact's key, `office`, or an address itself; one that is nobody's of the account
    stands, masked, in place of the contact. ValueError says what is wrong.
    """
    known = account.contacts.get(to)
    if known is not None:
        return to, _reachable(known.address(channel), to, channel)
    if to == OFFICE and account.office is not None:
        return OFFICE, _reachable(account.office.address(channel), to, channel)
    fits = (_MAIL.fullmatch(to) and channel != "sms") or (
        _PHONE.fullmatch(to) and channel != "email"
    )
    if not fits:
        kinds = {"sms": "an E.164 number", "email": "an e-mail address"}
        kind = kinds.get(channel, "an E.164 number or an e-mail address")
        raise ValueError(f"it is neither a contact of the account nor {kind} to reach by {channel}")
    return _whose(account, channel, to), to


def _reachable(address: str | None, to: str, channel: str) -> str:
    if address is None:
        raise ValueError(f"{to} has no address for {channel}")
    return address


def _whose(account: Account, channel: str, address: str) -> str:
    """Return the contact with that very address, else the office, else the address masked."""
    for key, contact in account.contacts.items():
        if address in {contact.address(channel), contact.email}:
            return key
    office = account.office
    if office is not None and address in {office.phone, office.email}:
        return OFFICE
    return mask_address(address)
