"""Hand-off tickets over HTTP: each step in its order, found, told (S0, CONTRACT section 10)."""

from collections.abc import Callable
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query

from gateway.domain import handoff_form, handoffs, receipts
from gateway.domain.deeds import Person, bare
from gateway.domain.handoff_facts import Handoff, Rules
from gateway.domain.handoff_mails import Receipt
from gateway.domain.handoffs import WAYS
from gateway.domain.matters import Written
from gateway.settings import Settings
from gateway.store import matters
from gateway.store.matters import BusyMatterError, Sought, UnknownMatterError
from gateway.store.pool import Connection
from gateway.web.auth import Agent, PartsOf
from gateway.web.handoff_door import ack_link
from gateway.web.handoff_shapes import (
    HandoffView,
    NewHandoff,
    NewNote,
    ProductSet,
    StateOfTicket,
    TicketEdit,
    handoff_view,
)
from gateway.web.keys import IdempotencyKey, keyed
from gateway.web.mattering import (
    MatterItem,
    MatterVerified,
    created,
    decided,
    hand,
    history_of,
    one,
    unknown,
    verified,
)
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Line
from gateway.web.views import Answer, Json

router = APIRouter(prefix="/v1/handoffs", tags=["handoffs"])
TicketId = Annotated[UUID, Path()]
_SIMULATED_MAILBOX: Final = "product@simulator.invalid"
_FAULTS: Final = documented(401, 403, 404, 409, 413, 422, 503)
_READ: Final = documented(401, 403, 404, 422, 503)
_STEP: Final[dict[str, Any]] = {
    "response_model": None,
    "responses": {200: {"model": HandoffView, "description": "The ticket after it"}, **_FAULTS},
}
_ADDED: Final[dict[int | str, dict[str, Any]]] = {
    201: {"model": HandoffView, "description": "The ticket after it"},
    **_FAULTS,
}


@router.post("", status_code=201, response_model=None, responses=_ADDED)
async def open_ticket(
    body: NewHandoff, parts: PartsOf, who: Agent, idempotency_key: IdempotencyKey = None
) -> Answer:
    """Open a ticket while the caller is on the line; a major incident is told at once.

    A repeat under one `Idempotency-Key` gets the first answer.
    """
    ticket = parts.chance.uuid()
    opening = handoffs.Opening(ticket, body.caller, body.major_incident, body.product)
    written = handoffs.open_ticket(opening, who, rules(parts.settings), parts.clock.now())

    async def act(conn: Connection) -> Json:
        after = await matters.open_one(conn, WAYS, ticket, written, hand(parts, who))
        return handoff_view(after.facts)

    key = keyed(who, idempotency_key, body, "handoffs", ticket) if idempotency_key else None
    return await created(parts, key, act)


@router.get(
    "",
    response_model=None,
    responses={200: {"model": list[HandoffView], "description": "Newest first"}, **_READ},
)
async def find(  # noqa: PLR0913, PLR0917 - one argument a filter
    parts: PartsOf,
    _who: Agent,
    state: Annotated[StateOfTicket | None, Query()] = None,
    owner: Annotated[Line | None, Query(description="Who opened it: 1204, agent:1204.")] = None,
    company: Annotated[Line | None, Query()] = None,
    before: Annotated[UUID | None, Query(description="Opened before that ticket.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List tickets, newest first; the last one's id as `before` asks for those that follow."""
    states, about = (state,) if state else None, (company,) if company else None
    sought = Sought(states, bare(owner) if owner else None, about, before=before, most=limit)
    async with parts.desk.pool.acquire() as conn:
        found = await matters.listed(conn, WAYS, sought)
    return Answer([handoff_view(one.facts) for one in found])


@router.get(
    "/{handoff}",
    response_model=None,
    responses={200: {"model": HandoffView, "description": "The ticket"}, **_READ},
)
async def get(handoff: TicketId, parts: PartsOf, _who: Agent) -> Answer:
    """Show a ticket: how far it is, which step comes next, and what that one lacks."""
    return Answer(handoff_view((await one(parts, WAYS, handoff)).facts))


@router.get(
    "/{handoff}/history",
    response_model=None,
    responses={200: {"model": list[MatterItem], "description": "In order"}, **_READ},
)
async def history(handoff: TicketId, parts: PartsOf, _who: Agent) -> Answer:
    """Tell everything that happened to a ticket, with the words that were not erased."""
    return await history_of(parts, WAYS, handoff)


@router.get(
    "/{handoff}/history/verify",
    response_model=None,
    responses={200: {"model": MatterVerified, "description": "The verdict"}, **_READ},
)
async def verify(handoff: TicketId, parts: PartsOf, _who: Agent) -> Answer:
    """Check a ticket's chain of hashes, its head and its words."""
    return await verified(parts, WAYS, handoff)


@router.patch("/{handoff}", **_STEP)
async def edit(handoff: TicketId, body: TicketEdit, parts: PartsOf, who: Agent) -> Answer:
    """Fill in the form (S0-05, S0-08 to S0-10, S0-12)."""
    incident = body.major_incident is True
    return await _step(
        parts, handoff, who, lambda one: handoff_form.edit(one, body.fields, incident=incident)
    )


@router.post("/{handoff}/call-ended", **_STEP)
async def end_call(handoff: TicketId, parts: PartsOf, who: Agent) -> Answer:
    """Say that the call is over; only then may a note be published (S0-04)."""
    now = parts.clock.now()
    return await _step(parts, handoff, who, lambda one: handoffs.end_call(one, now))


@router.post("/{handoff}/notes", status_code=201, response_model=None, responses=_ADDED)
async def publish(
    handoff: TicketId,
    body: NewNote,
    parts: PartsOf,
    who: Agent,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Publish a private note, after the call (S0-06); the last one is what is handed off.

    A repeat under one `Idempotency-Key` gets the first answer.
    """
    now = parts.clock.now()

    async def act(conn: Connection) -> Json:
        def verb(ticket: Handoff) -> Written[Handoff]:
            return handoffs.publish(ticket, body.text, now)

        try:
            after = await matters.decide(conn, WAYS, handoff, verb, hand(parts, who))
        except UnknownMatterError:
            raise unknown(WAYS.kind, handoff) from None
        except BusyMatterError:
            raise ProblemError(503, "busy", "the ticket changes too fast") from None
        return handoff_view(after.facts)

    of = f"handoffs {handoff} notes"
    key = keyed(who, idempotency_key, body, of, handoff) if idempotency_key else None
    return await created(parts, key, act)


@router.post("/{handoff}/product", **_STEP)
async def hand_off(handoff: TicketId, body: ProductSet, parts: PartsOf, who: Agent) -> Answer:
    """Set the product, last of all: the one mail to the product team leaves (S0-11).

    Asked again it sends nothing, unless the mail server has refused the mail for good.
    """
    del body  # there is one product, and its shape has said so
    now, house = parts.clock.now(), rules(parts.settings)
    token = receipts.token_from(parts.chance.raw(receipts.ENTROPY_BYTES))
    link = ack_link(parts.settings.public_url, handoff, token)
    receipt = Receipt(link, receipts.fingerprint(token))
    return await _step(parts, handoff, who, lambda one: handoffs.hand_off(one, receipt, house, now))


@router.post("/{handoff}/customer-update", **_STEP)
async def tell_customer(handoff: TicketId, parts: PartsOf, who: Agent) -> Answer:
    """Write `/dispatch update` to the customer, once (S0-13)."""
    return await _step(parts, handoff, who, handoffs.tell_customer)


@router.post("/{handoff}/ack", **_STEP)
async def acknowledge(handoff: TicketId, parts: PartsOf, who: Agent) -> Answer:
    """Note that the product team has confirmed the mail (S0-14); their own link does it, too."""
    now = parts.clock.now()
    return await _step(parts, handoff, who, lambda one: handoffs.acknowledge(one, who, now))


@router.post("/{handoff}/closing", **_STEP)
async def close(handoff: TicketId, parts: PartsOf, who: Agent) -> Answer:
    """Write `/dispatch resolve` to the customer, once the product team has confirmed (S0-15)."""
    return await _step(parts, handoff, who, handoffs.close)


@router.post("/{handoff}/resolve", **_STEP)
async def resolve(handoff: TicketId, parts: PartsOf, who: Agent) -> Answer:
    """Set the status to Resolved, once the closing mail was accepted (S0-16)."""
    now = parts.clock.now()
    return await _step(parts, handoff, who, lambda one: handoffs.resolve(one, now))


def rules(settings: Settings) -> Rules:
    """Return what the settings say of hand-offs; without a mailbox of its own, the house's.

    The simulator has one for those who have set none.
    """
    spare = _SIMULATED_MAILBOX if settings.carrier == "simulator" else None
    mailbox = settings.handoff_product_email or settings.mail_from or spare
    plain = mailbox.rpartition("<")[2].removesuffix(">") if mailbox else None
    first = settings.handoff_resolution == "before_product"
    return Rules(plain, settings.handoff_reminder_hours, first)


async def _step(
    parts: Parts, ticket: UUID, who: Person, verb: Callable[[Handoff], Written[Handoff]]
) -> Answer:
    after = await decided(parts, WAYS, ticket, verb, who)
    return Answer(handoff_view(after.facts))
