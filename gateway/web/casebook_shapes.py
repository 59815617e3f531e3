"""The casebook, organizations and contracts as the API takes and shows them (S4)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.domain.casebook import Casebook
from gateway.domain.matters import Sink
from gateway.domain.organizations import Contract, Organization
from gateway.store.casebook import BOOK, InForce
from gateway.web.shapes import Line, Phone, Shape
from gateway.web.views import Json, View, instant

Email = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}$",
        examples=["sales@house.example"],
    ),
]
Key = Annotated[str, Field(pattern="^[A-Za-z0-9_.-]{1,80}$", examples=["C-1001"])]
_NAMES: Any = {"additionalProperties": False}


class TeamShape(Shape):
    """A team: it takes assignments, or whole cases as a queue that owns them (S4-25).

    `voids`: what it sends back is closed as Case Voided. `referred`: it is told of the account
    manager and the sales manager.
    """

    name: Line
    takes: Literal["assignments", "cases"] = "assignments"
    voids: bool = False
    referred: bool = False


class TagShape(Shape):
    """Whom a mention of a team reaches: addresses, or an alert sink when it has none (S4-15)."""

    name: Line
    also: list[Line] = Field(default_factory=list, max_length=20)
    emails: list[Email] = Field(default_factory=list, max_length=50)
    sink: Sink = "lead"


class CasebookShape(Shape):
    """What an operator decides about cases; what is left out is as usual.

    `version`: of the casebook that was read, 0 before any was put.
    """

    version: Annotated[int, Field(ge=0, le=1_000_000_000)]
    teams: Annotated[list[TeamShape], Field(max_length=200)] | None = None
    tags: Annotated[list[TagShape], Field(max_length=200)] | None = None
    people: dict[Line, Email] = Field(
        default_factory=dict,
        max_length=2000,
        description="Addresses by name.",
        json_schema_extra=_NAMES,
    )
    stale_days: Annotated[int, Field(ge=1, le=3650)] = 7
    template: Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=1000)] | None = None
    unknown_installers: Literal["take", "refuse"] = "take"

    def book(self) -> Casebook:
        """Return it as the domain knows it."""
        stated = self.model_dump(exclude={"version"}, exclude_none=True)
        return BOOK.validate_python(stated)


class CasebookView(View):
    """The casebook in force; version 0 is the usual one."""

    version: int
    put_at: str | None
    put_by: str | None
    teams: list[TeamShape]
    tags: list[TagShape]
    people: dict[str, str]
    stale_days: int
    template: str
    unknown_installers: Literal["take", "refuse"]


class ContactShape(Shape):
    """Somebody of an organization, such as a sales rep."""

    key: Key
    name: Line
    email: Email | None = None
    phone: Phone | None = None


class OrganizationShape(Shape):
    """A parent account: its contacts, and who looks after it (S4-12, S4-13)."""

    name: Line
    account_manager: Line | None = None
    sales_manager: Line | None = None
    contacts: list[ContactShape] = Field(default_factory=list, max_length=2000)


class OrganizationView(View):
    """An organization."""

    organization: str
    name: str
    account_manager: str | None
    sales_manager: str | None
    contacts: list[ContactShape]


class ContractShape(Shape):
    """A contract; `organization` is the key or name of the one it stands under."""

    state: Line
    homeowner: Key | None = None
    organization: Line | None = None


class ContractView(View):
    """A contract."""

    contract: str
    state: str
    homeowner: str | None
    organization: str | None


class HomeownerView(View):
    """A homeowner's contracts, and the organization above them with its two people (S4-13)."""

    homeowner: str
    contracts: list[ContractView]
    organization: OrganizationView | None


def casebook_view(one: InForce) -> Json:
    """Show the casebook in force."""
    put = {"version": one.version, "put_at": instant(one.put_at), "put_by": one.put_by}
    return {**put, **BOOK.dump_python(one.book, mode="json")}


def organization_view(one: Organization) -> Json:
    """Show an organization."""
    return {
        "organization": one.key,
        "name": one.name,
        "account_manager": one.account_manager,
        "sales_manager": one.sales_manager,
        "contacts": [
            {"key": each.key, "name": each.name, "email": each.email, "phone": each.phone}
            for each in one.contacts
        ],
    }


def contract_view(one: Contract) -> Json:
    """Show a contract."""
    return {
        "contract": one.id,
        "state": one.state,
        "homeowner": one.homeowner,
        "organization": one.organization,
    }
