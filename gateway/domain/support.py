"""Homeowner and installer cases: what one must have to be opened (S4-01 to S4-13, S4-26). Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from gateway.domain.casebook import Casebook, folded
from gateway.domain.cases import Case, CaseType, clock
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.matters import Item, Written
from gateway.domain.organizations import Contract, Organization, ends, is_active
from gateway.domain.support_facts import Support


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for and could not have at once, as the form has it (S4-26).

    `contract`: as the asker sees it. `resolved`: it was settled on the interaction (S4-01).
    """

    type: Literal["homeowner", "installer"]
    contact_name: str
    request_type: str
    subtype: str
    description: str
    source: str
    contract: Contract | None = None
    homeowner: str | None = None
    parent: Literal["account", "contact"] | None = None
    installer: str | None = None
    installer_contact: str | None = None
    confirm: bool = False
    resolved: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the registers know: the contract asked for, those of the homeowner, the organization.

    `organization` is that of the contract, or the installer; None where it is not registered.
    """

    contract: Contract | None = None
    contracts: tuple[Contract, ...] = ()
    organization: Organization | None = None


def chosen(request: Request, known: Known) -> Contract | None:
    """Return the contract a case is about: the one asked for, else the only active one (S4-06).

    A register that says that the contract is ending counts more than what the asker sees.
    """
    asked = request.contract
    if asked is None:
        active = [one for one in known.contracts if is_active(one)]
        return active[0] if len(active) == 1 else None
    registered = known.contract
    if registered is None or not ends(registered.state):
        return asked
    return registered


def opened(
    id_: UUID, request: Request, context: tuple[Known, Casebook], who: Person, now: datetime
) -> Written[Case]:
    """Open a case; RefusedError says by its code what it lacks, or what has to be confirmed."""
    known, book = context
    if request.resolved:
        raise RefusedError("resolved", "what was resolved on the interaction needs no case")
    contract = chosen(request, known)
    if request.type == "homeowner" and contract is None:
        raise RefusedError("no_contract", "a homeowner's case is created under a contract")
    contact = _installer_contact(request, known, book)
    state = contract.state if contract else None
    if ends(state) and not request.confirm:
        words = f"the contract is {state}: repeat with confirm if a case under it is meant"
        raise RefusedError("confirm_contract_state", words, contract_state=state)
    confirmed = who.actor if ends(state) else None
    support = _support(request, known, contract, contact, confirmed)
    case = Case(
        id=id_,
        type=CaseType(request.type),
        owner=who.actor,
        created_by=who.actor,
        created_at=now,
        subject=_subject(support),
        support=support,
    )
    return Written(case, (_created(case, support),), clock(case))


def _installer_contact(request: Request, known: Known, book: Casebook) -> str | None:
    """Return the installer's contact; under an account there must be one that exists (S4-11)."""
    named = request.installer_contact
    if request.type == "homeowner":
        return named
    if named is None and request.parent == "contact":
        named = request.contact_name
    if named is None:
        raise RefusedError("no_installer_contact", "a case under the account names a contact")
    if known.organization is not None:
        found = known.organization.contact(named)
        if found is None:
            raise RefusedError("no_installer_contact", _missing(known.organization))
        return found.name
    if book.unknown_installers == "refuse":
        raise RefusedError("no_installer_contact", "the installer is not registered")
    return named


def _missing(organization: Organization) -> str:
    """Say that a contact is created first: a case makes none by itself (S4-12)."""
    return f"{organization.name} has no such contact: create it under the organization first"


def _support(
    request: Request,
    known: Known,
    contract: Contract | None,
    contact: str | None,
    confirmed: str | None,
) -> Support:
    above = known.organization
    homeowner = request.type == "homeowner"
    return Support(
        contact_name=request.contact_name,
        request_type=request.request_type,
        subtype=request.subtype,
        description=request.description,
        source=request.source,
        parent="contract" if homeowner else request.parent or "account",
        contract=contract.id if contract else None,
        contract_state=contract.state if contract else None,
        confirmed_by=confirmed,
        homeowner=request.homeowner or (contract.homeowner if contract else None),
        installer=request.installer,
        installer_contact=contact,
        organization=above.name if above else None,
        account_manager=above.account_manager if above else None,
        sales_manager=above.sales_manager if above else None,
    )


def _subject(support: Support) -> str | None:
    """Return what keeps a second case from being opened: contract and request type (S4-02)."""
    if support.contract is None:
        return None
    return f"support:{support.contract.strip().casefold()}:{folded(support.request_type)}"


def _created(case: Case, support: Support) -> Item:
    facts = {
        "type": case.type.value,
        "owner": case.owner,
        "parent": support.parent,
        "contract": support.contract,
        "confirmed_by": support.confirmed_by,
    }
    # What is typed freely can be erased; the chain names none of it.
    typed = ("contract_state", "request_type", "subtype", "source", "description")
    words = "\n".join(f"{one}: {said}" for one in typed if (said := getattr(support, one)))
    text = f"The case is opened, and is owned by {case.owner}."
    return Item("case.created", text, data=facts, words=words)
