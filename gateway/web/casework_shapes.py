"""Homeowner and installer cases as the API takes them, and what people do with a case (S4)."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.domain import support
from gateway.domain.cases import Case
from gateway.domain.matters import Written
from gateway.domain.organizations import Contract
from gateway.store import casebook, organizations
from gateway.web.case_shapes import CaseView, Opening
from gateway.web.casebook_shapes import Key
from gateway.web.casework_views import ActivityView
from gateway.web.shapes import Line, Said, Shape

# However long: what is too long for a review is refused by its own code.
Spoken = Annotated[str, Field(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class ContractRef(Shape):
    """A contract as the asker sees it."""

    id: Line
    state: Line


class NewSupport(Shape):
    """A request that could not be met on the interaction, as the form has it (S4-26).

    Without a contract a homeowner's case stands under their only active one. `confirm`: it is
    meant although the contract is cancelled or about to be. `resolved`: it was settled, and no
    case is needed.
    """

    type: Literal["homeowner", "installer"]
    contact_name: Line
    request_type: Line
    subtype: Line
    description: Said
    source: Line
    contract: ContractRef | None = None
    homeowner: Key | None = None
    parent: Literal["account", "contact"] | None = None
    installer: Line | None = None
    installer_contact: Line | None = None
    confirm: bool = False
    resolved: bool = False

    def request(self) -> support.Request:
        """Return it as the domain takes it."""
        stated = {name: getattr(self, name) for name in type(self).model_fields}
        one = self.contract
        return support.Request(
            **{**stated, "contract": Contract(one.id, one.state) if one else None}
        )


async def opened(opening: Opening, body: NewSupport) -> Written[Case]:
    """Open a homeowner's or installer's case by what the registers know."""
    request = body.request()
    known = await organizations.known(opening.conn, request)
    book = (await casebook.in_force(opening.conn)).book
    now = opening.parts.clock.now()
    return support.opened(opening.case, request, (known, book), opening.who, now)


class NewAssignment(Shape):
    """A task for another team; the two people are for teams that are told of them (S4-27)."""

    team: Line
    reason: Said
    comments: Said
    account_manager: Line | None = None
    sales_manager: Line | None = None


class SentBack(Shape):
    """Why a team sends an assignment back; `rejected`: it never took it up."""

    reason: Said
    rejected: bool = False


class Done(Shape):
    """What a team did about an assignment."""

    note: Said


class NewReview(Shape):
    """The owner's log review, at most 1000 characters (S4-19)."""

    comments: Spoken


class NewComment(Shape):
    """Anybody's words; `@` mentions a team, a person or `@owner`."""

    text: Said


class NewOwner(Shape):
    """Who owns the case from now on: a person, or a team that takes cases."""

    owner: Line


class Closing(Shape):
    """Why a case is closed."""

    reason: Line


class Assigned(CaseView):
    """The case with the assignment just given, by its number."""

    n: int


class Reviewed(CaseView):
    """The case with the row that the review wrote."""

    activity: ActivityView


class Commented(CaseView):
    """The case; who was mentioned and hears of it, and what after an `@` is nobody."""

    mentions: list[str]
    unknown_mentions: list[str]


class StaleCase(CaseView):
    """A case that nobody has reviewed for so many whole days."""

    days: int


class Template(Shape):
    """What a log review is prefilled with; all of it may be overwritten."""

    comments: str
