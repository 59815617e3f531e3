"""The link by which the product team confirms a hand-off: GET shows a button, POST counts (S0-14).

Mail scanners and previews fetch links by themselves; the page's button sends a word that only the
page knows, so that a link which is fetched, however, confirms nothing. Confirming twice is
confirming once, which is why that word may be used again.
"""

import hmac
from dataclasses import dataclass, field
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from gateway.domain import handoffs, receipts
from gateway.domain.deeds import Person
from gateway.domain.handoff_facts import Handoff
from gateway.store import matters
from gateway.web import handoff_page as page
from gateway.web import secure_page
from gateway.web.mattering import decided
from gateway.web.pace import Pace
from gateway.web.parts import Parts

_LARGEST = 4_096
# So often a minute one link is shown or used, and one address may ask for links that are none.
_OFTEN, _MISSED, _MINUTE = 30, 30, 60.0
_PRODUCT_TEAM = Person("product", "contact")


def ack_link(public_url: str, ticket: UUID, token: str) -> str:
    """Give the address at which a ticket's mail is confirmed."""
    return f"{public_url.rstrip('/')}/handoffs/{ticket}/{token}"


@dataclass(frozen=True, slots=True)
class HandoffDoor:
    """Serves the confirming links of hand-off mails."""

    parts: Parts
    shown: Pace = field(default_factory=lambda: Pace(_OFTEN, _MINUTE))
    missed: Pace = field(default_factory=lambda: Pace(_MISSED, _MINUTE))

    def routes(self) -> list[Route]:
        """The two routes."""
        path = "/handoffs/{ticket:uuid}/{token}"
        return [
            Route(path, self.show, methods=["GET"], name="handoff_show"),
            Route(path, self.confirm, methods=["POST"], name="handoff_confirm"),
        ]

    async def show(self, request: Request) -> HTMLResponse:
        """Show which hand-off it is, with a button; nothing changes."""
        ticket = await self._find(request)
        if (refusal := self._too_often(request, ticket)) is not None:
            return refusal
        if ticket is None:
            return _html(secure_page.gone(), 404)
        if ticket.acked_at is not None or ticket.resolved_at is not None:
            return _html(page.confirmed(ticket.reference))
        return _html(page.asking(ticket.reference, _word(request.path_params["token"])))

    async def confirm(self, request: Request) -> HTMLResponse:
        """Take the product team's word that they have the mail."""
        ticket = await self._find(request)
        if (refusal := self._too_often(request, ticket)) is not None:
            return refusal
        if ticket is None:
            return _html(secure_page.gone(), 404)
        if not await _from_the_page(request):
            return _html(secure_page.gone(), 403)
        now = self.parts.clock.now()
        await decided(
            self.parts,
            handoffs.WAYS,
            ticket.id,
            lambda one: handoffs.confirm(one, now),
            _PRODUCT_TEAM,
        )
        return _html(page.confirmed(ticket.reference))

    async def _find(self, request: Request) -> Handoff | None:
        """Return the ticket that a link belongs to; an older mail's link is none."""
        token = request.path_params["token"]
        if not receipts.well_formed(token):
            return None
        async with self.parts.desk.pool.acquire() as conn:
            found = await matters.find(conn, handoffs.WAYS, request.path_params["ticket"])
        kept = found.facts.ack_print if found is not None else None
        if found is None or kept is None:
            return None
        return found.facts if hmac.compare_digest(kept, receipts.fingerprint(token)) else None

    def _too_often(self, request: Request, ticket: Handoff | None) -> HTMLResponse | None:
        now = self.parts.clock.monotonic()
        if ticket is not None:
            allowed = self.shown.allows(str(ticket.id), now)
        else:
            allowed = self.missed.allows(request.client.host if request.client else "", now)
        wait = {"Retry-After": "60"}
        return None if allowed else _html(secure_page.too_often(), 429, wait)


def _word(token: str) -> str:
    """Return what the page's form sends along: made of the token, and not part of the link."""
    return receipts.fingerprint(f"confirm {token}")


async def _from_the_page(request: Request) -> bool:
    if int(request.headers.get("content-length") or 0) > _LARGEST:
        return False
    form = await request.form(max_files=0, max_fields=4, max_part_size=_LARGEST)
    said = form.get(secure_page.NONCE_FIELD)
    wanted = _word(request.path_params["token"])
    return isinstance(said, str) and hmac.compare_digest(said.encode(), wanted.encode())


def _html(body: str, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    return HTMLResponse(body, status, headers={**secure_page.HEADERS, **(headers or {})})
