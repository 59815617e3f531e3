"""The casebook and the registers over HTTP: what cases are opened and worked by (S4)."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Path

from gateway.domain.organizations import Contract, Organization, Worker, is_active
from gateway.store import casebook, organizations
from gateway.web.auth import Caseworker, Dispatcher, Lead, PartsOf
from gateway.web.casebook_shapes import (
    CasebookShape,
    CasebookView,
    ContractShape,
    ContractView,
    HomeownerView,
    Key,
    OrganizationShape,
    OrganizationView,
    casebook_view,
    contract_view,
    organization_view,
)
from gateway.web.problems import ProblemError, documented
from gateway.web.views import Answer

router = APIRouter(prefix="/v1", tags=["casework"])
InPath = Annotated[Key, Path()]
_READ = documented(401, 403, 404, 422, 503)
_WRITE = documented(401, 403, 409, 413, 422, 503)
_log = structlog.get_logger(__name__)


@router.get(
    "/casebook",
    response_model=None,
    responses={200: {"model": CasebookView, "description": "In force"}, **_READ},
)
async def show(parts: PartsOf, _who: Caseworker) -> Answer:
    """Show teams, tags and what else an operator decides about cases."""
    async with parts.desk.pool.acquire() as conn:
        return Answer(casebook_view(await casebook.in_force(conn)))


@router.put(
    "/casebook",
    response_model=None,
    responses={200: {"model": CasebookView, "description": "In force from now on"}, **_WRITE},
)
async def put(body: CasebookShape, parts: PartsOf, who: Lead) -> Answer:
    """Put a casebook in force; 409 when another was put since the version it names was read."""
    async with parts.desk.pool.acquire() as conn:
        done = await casebook.put(conn, body.book(), body.version, who.actor, parts.clock.now())
    if done is None:
        words = "the casebook is of another version by now: read it, and put yours anew"
        raise ProblemError(409, "changed_meanwhile", words)
    _log.info("casebook put", action="casebook.put", actor=who.actor, version=done.version)
    return Answer(casebook_view(done))


@router.put(
    "/organizations/{organization}",
    response_model=None,
    responses={200: {"model": OrganizationView, "description": "As it is now"}, **_WRITE},
)
async def put_organization(
    organization: InPath, body: OrganizationShape, parts: PartsOf, who: Dispatcher
) -> Answer:
    """Register an organization with its contacts, or put this in its place (S4-12)."""
    contacts = tuple(Worker(**one.model_dump()) for one in body.contacts)
    people = (body.account_manager, body.sales_manager)
    one = Organization(organization, body.name, *people, contacts)
    async with parts.desk.pool.acquire() as conn:
        await organizations.put(conn, one, who.actor, parts.clock.now())
    return Answer(organization_view(one))


@router.get(
    "/organizations/{organization}",
    response_model=None,
    responses={200: {"model": OrganizationView, "description": "By its key or name"}, **_READ},
)
async def show_organization(organization: InPath, parts: PartsOf, _who: Caseworker) -> Answer:
    """Show an organization: its details page (S4-13)."""
    async with parts.desk.pool.acquire() as conn:
        found = await organizations.find(conn, organization)
    if found is None:
        raise ProblemError(404, "unknown_organization", f"there is no {organization}")
    return Answer(organization_view(found))


@router.put(
    "/contracts/{contract}",
    response_model=None,
    responses={200: {"model": ContractView, "description": "As it is now"}, **_WRITE},
)
async def put_contract(
    contract: InPath, body: ContractShape, parts: PartsOf, who: Dispatcher
) -> Answer:
    """Register a contract, or put this in place of what was known of it (S4-06, S4-07)."""
    one = Contract(contract, body.state, body.homeowner, body.organization)
    async with parts.desk.pool.acquire() as conn:
        await organizations.put_contract(conn, one, who.actor, parts.clock.now())
    return Answer(contract_view(one))


@router.get(
    "/contracts/{contract}",
    response_model=None,
    responses={200: {"model": ContractView, "description": "As registered"}, **_READ},
)
async def show_contract(contract: InPath, parts: PartsOf, _who: Caseworker) -> Answer:
    """Show a contract."""
    async with parts.desk.pool.acquire() as conn:
        found = await organizations.contract(conn, contract)
    if found is None:
        raise ProblemError(404, "unknown_contract", f"there is no contract {contract}")
    return Answer(contract_view(found))


@router.get(
    "/homeowners/{homeowner}",
    response_model=None,
    responses={200: {"model": HomeownerView, "description": "By their contracts"}, **_READ},
)
async def show_homeowner(homeowner: InPath, parts: PartsOf, _who: Caseworker) -> Answer:
    """Look up a homeowner's contracts, and who looks after the organization above (S4-13)."""
    async with parts.desk.pool.acquire() as conn:
        contracts = await organizations.contracts_of(conn, homeowner)
        first = [one for one in sorted(contracts, key=is_active, reverse=True) if one.organization]
        name = first[0].organization if first else None
        above = await organizations.find(conn, name) if name else None
    if not contracts:
        raise ProblemError(404, "unknown_homeowner", f"{homeowner} has no contract")
    return Answer(
        {
            "homeowner": homeowner,
            "contracts": [contract_view(one) for one in contracts],
            "organization": organization_view(above) if above else None,
        }
    )
