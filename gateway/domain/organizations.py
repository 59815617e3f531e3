"""Organizations, their people, and the contracts under them: what cases are looked up by (S4)."""

from dataclasses import dataclass
from typing import Final

from gateway.domain.casebook import folded

ACTIVE: Final = "active"


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of an organization, such as a sales rep; `key` names them within it."""

    key: str
    name: str
    email: str | None = None
    phone: str | None = None

    def goes_by(self, name: str) -> bool:
        """Tell whether that is their key or their name."""
        return folded(name) in {folded(self.key), folded(self.name)}


@dataclass(frozen=True, slots=True)
class Organization:
    """A parent account, with those who look after it on its details page (S4-13)."""

    key: str
    name: str
    account_manager: str | None = None
    sales_manager: str | None = None
    contacts: tuple[Worker, ...] = ()

    def contact(self, name: str) -> Worker | None:
        """Return the contact of that key or name."""
        return next((one for one in self.contacts if one.goes_by(name)), None)


@dataclass(frozen=True, slots=True)
class Contract:
    """A homeowner's contract; `organization` is the key of the one it stands under."""

    id: str
    state: str
    homeowner: str | None = None
    organization: str | None = None


def ends(state: str | None) -> bool:
    """Tell whether a contract in that state is cancelled or about to be, in any words (S4-07)."""
    words = folded(state or "").split()
    return any(one.startswith("cancel") for one in words)


def is_active(contract: Contract) -> bool:
    """Tell whether a contract is in force."""
    return folded(contract.state) == ACTIVE
