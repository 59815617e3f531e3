"""Calendars over HTTP: published at a secret address, listed without it, revoked."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, model_validator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.ical.shapes import Event, Own
from adapters.ical.writing import MEDIA, Sheet, write
from gateway.domain import receipts
from gateway.domain.accounts import Account
from gateway.domain.calendars import Entry, details, entries, published, title, uid
from gateway.store import accounts, calendars
from gateway.store.calendars import Calendar, Found
from gateway.web.auth import Lead, PartsOf
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import AccountNumber, ContactKey, Shape
from gateway.web.shapes import Line as Name
from gateway.web.views import Answer, Json, View, instant
from gateway.web.written import Written

router = APIRouter(prefix="/v1/accounts/{account}/calendars", tags=["calendars"])
Number = Annotated[AccountNumber, Path()]
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


_KEYS = ("schedule", "contact")


def _needed(key: str) -> dict[str, Any]:
    return {"required": [key], "properties": {key: {"type": "string"}}}


class NewCalendar(Shape):
    """What is published: a schedule, a contact's shifts, or those on one schedule."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [_needed(key) for key in _KEYS]})

    schedule: Name | None = None
    contact: ContactKey | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.schedule is None and self.contact is None:
            raise ValueError("names neither a schedule nor a contact")
        return self


class Address(BaseModel):
    """A calendar's id and, this once, its secret address."""

    id: str
    url: str


class CalendarView(View):
    """A published calendar, without its address."""

    id: str
    schedule: str | None
    contact: str | None
    created_at: str
    created_by: str


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={
        201: {"model": Address, "description": "Published; the address is shown once"},
        **documented(401, 403, 404, 413, 422, 503),
    },
)
async def publish(account: Number, body: NewCalendar, parts: PartsOf, who: Lead) -> Answer:
    """Publish a schedule, or somebody's shifts, at an address that opens without a token."""
    compiled = await _account(parts, account)
    schedule = _schedule(compiled, body.schedule)
    if body.contact is not None and body.contact not in compiled.contacts:
        raise ProblemError(404, "unknown_contact", f"there is no contact {body.contact!r}")
    token = receipts.token_from(parts.chance.raw(receipts.ENTROPY_BYTES))
    now = parts.clock.now()
    one = Calendar(parts.chance.uuid(), account, schedule, body.contact, now, who.actor)
    async with parts.desk.pool.acquire() as conn:
        await calendars.add(conn, one, receipts.fingerprint(token))
    url = f"{parts.settings.public_url}/calendar/{token}.ics"
    return Answer({"id": str(one.id), "url": url}, 201)


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[CalendarView], "description": "Those published"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def show(account: Number, parts: PartsOf, _who: Lead) -> Answer:
    """List the calendars of an account that are published; addresses are shown once only."""
    await _account(parts, account)
    async with parts.desk.pool.acquire() as conn:
        return Answer([_view(one) for one in await calendars.list_all(conn, account)])


@router.delete(
    "/{calendar}",
    status_code=204,
    response_model=None,
    responses={204: {"description": "Revoked"}, **documented(401, 403, 404, 422, 503)},
)
async def revoke(
    account: Number, calendar: Annotated[UUID, Path()], parts: PartsOf, _who: Lead
) -> Response:
    """Revoke a calendar: its address is not found from now on."""
    async with parts.desk.pool.acquire() as conn:
        done = await calendars.revoke(conn, account, calendar, parts.clock.now())
    if not done:
        raise ProblemError(404, "unknown_calendar", f"there is no calendar {calendar}")
    return Response(status_code=204)


def _view(one: Calendar) -> Json:
    return {
        "id": str(one.id),
        "schedule": one.schedule,
        "contact": one.contact,
        "created_at": instant(one.created_at),
        "created_by": one.created_by,
    }


async def _account(parts: Parts, account: str) -> Account:
    async with parts.desk.pool.acquire() as conn:
        version = await accounts.version_of(conn, account)
        if version is None:
            raise ProblemError(404, "unknown_account", f"there is no account {account}")
        compiled = await parts.desk.states.accounts.compiled(conn, [(account, version)])
    return compiled[account, version]


def _schedule(account: Account, wanted: str | None) -> str | None:
    if wanted is None:
        return None
    if wanted.casefold() not in account.names:
        raise ProblemError(404, "unknown_schedule", f"there is no schedule {wanted!r}")
    return account.names[wanted.casefold()]


@dataclass(frozen=True, slots=True)
class CalendarDoor:
    """Serves `/calendar/{token}.ics` to whoever has the address; nothing else is asked."""

    parts: Parts
    # Texts for as long as they hold: calendar programs ask again and again.
    _written: Written = field(default_factory=Written)

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route("/calendar/{token}.ics", self.show, methods=["GET"], name="calendar")]

    async def show(self, request: Request) -> Response:
        """Write the calendar as it is now; 404 for an address that is unknown or revoked."""
        found, account = await self._find(request.path_params["token"])
        if found is None or account is None or not _is_there(account, found.calendar):
            return Response("there is no such calendar\n", 404, _HEADERS, "text/plain")
        return Response(await self._text(account, found), 200, _HEADERS, MEDIA)

    async def _text(self, account: Account, found: Found) -> bytes:
        ends = published(account, self.parts.clock.now())
        name = (found.calendar.id, found.version, ends[0])
        return await self._written.of(name, lambda: write(_sheet(account, found, ends)))

    async def _find(self, token: str) -> tuple[Found | None, Account | None]:
        if not receipts.well_formed(token):
            return None, None
        async with self.parts.desk.pool.acquire() as conn:
            found = await calendars.find(conn, receipts.fingerprint(token))
            if found is None:
                return None, None
            key = (found.calendar.account, found.version)
            return found, (await self.parts.desk.states.accounts.compiled(conn, [key])).get(key)


def _is_there(account: Account, calendar: Calendar) -> bool:
    """Tell whether the account still has what is published: no empty calendar stands for it."""
    known = calendar.schedule is None or calendar.schedule.casefold() in account.names
    return known and (calendar.contact is None or calendar.contact in account.contacts)


def _sheet(account: Account, found: Found, ends: tuple[datetime, datetime]) -> Sheet:
    one = found.calendar
    names = [one.schedule] if one.schedule is not None else list(account.schedules)
    events = [_event(account, entry) for entry in entries(account, names, one.contact, ends)]
    whose = account.contacts[one.contact].name if one.contact is not None else None
    parts = (account.name, one.schedule, whose)
    return Sheet(" - ".join(part for part in parts if part), found.changed_at, events)


def _event(account: Account, entry: Entry) -> Event:
    return Event(
        uid=uid(account, entry),
        start=entry.start,
        end=entry.end,
        summary=title(account, entry),
        description=details(account, entry),
        own=Own(*entry.duty, entry.place),
    )
