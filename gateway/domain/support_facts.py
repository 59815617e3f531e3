"""The record of a homeowner's or installer's case within its case (S4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Support:
    """What somebody asked for; the rules are in `support`.

    `parent` is what the case stands under: `contract`, `account` or `contact`. `confirmed_by`:
    who meant it although the contract is cancelled or about to be (S4-07). The people of the
    parent organization are those of the day on which the case was opened (S4-13).
    """

    contact_name: str
    request_type: str
    subtype: str
    description: str
    source: str
    parent: str
    contract: str | None = None
    contract_state: str | None = None
    confirmed_by: str | None = None
    homeowner: str | None = None
    installer: str | None = None
    installer_contact: str | None = None
    organization: str | None = None
    account_manager: str | None = None
    sales_manager: str | None = None
