"""Secure messages: a page that shows nothing, and a button that is the read receipt (S3-19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from gateway.domain import receipts
from gateway.domain.absorb import absorb
from gateway.domain.change import Change
from gateway.domain.events import Event, LinkFetched, LinkOpened
from gateway.domain.state import State
from gateway.store import links
from gateway.store.links import StoredLink
from gateway.web import secure_page as page
from gateway.web.pace import Pace
from gateway.web.parts import Parts

_LARGEST = 4_096
# So often a minute one link is shown or opened, and one address may ask for links that are none.
_OPENED, _MISSED, _MINUTE = 30, 30, 60.0


@dataclass(frozen=True, slots=True)
class SecureDoor:
    """Serves `/m/{token}`: GET counts as nothing, POST with the page's nonce opens."""

    parts: Parts
    opened: Pace = field(default_factory=lambda: Pace(_OPENED, _MINUTE))
    missed: Pace = field(default_factory=lambda: Pace(_MISSED, _MINUTE))

    def routes(self) -> list[Route]:
        """The two routes."""
        path = "/m/{token}"
        return [
            Route(path, self.show, methods=["GET"], name="secure_show"),
            Route(path, self.open, methods=["POST"], name="secure_open"),
        ]

    async def show(self, request: Request) -> HTMLResponse:
        """Show who has a message for whom, and an Open button with a fresh nonce."""
        token = request.path_params["token"]
        link = await self._find(token)
        if (refusal := self._too_often(request, link)) is not None:
            return refusal
        if link is None:
            return _html(page.gone(), 404)
        state = await self._absorb(link, LinkFetched(link.attempt))
        nonce = receipts.nonce_from(self.parts.chance.raw(receipts.ENTROPY_BYTES))
        async with self.parts.desk.pool.acquire() as conn:
            prints = receipts.fingerprint(token), receipts.fingerprint(nonce)
            await links.add_nonce(conn, *prints, self.parts.clock.now())
        return _html(page.waiting(_name(state), state.message.priority.word, nonce))

    async def open(self, request: Request) -> HTMLResponse:
        """Open the message: the read receipt, then its words."""
        token = request.path_params["token"]
        link = await self._find(token)
        if (refusal := self._too_often(request, link)) is not None:
            return refusal
        if link is None or not await self._nonce_is_good(request, token):
            return _html(page.gone(), 404 if link is None else 403)
        if not await self._readable(link):
            return _html(page.unavailable(), 410)
        before = await self._absorb(link, LinkOpened(link.attempt))
        async with self.parts.desk.pool.acquire() as conn:
            print_ = receipts.fingerprint(token)
            await links.note_opened(conn, print_, self.parts.clock.now())
        if before.content is None:
            return _html(page.unavailable(), 410)
        other = before.message.delivered_to
        holder = before.contact_name(other) if other and other != link.contact else None
        priority = before.message.priority.word
        return _html(page.opened(_name(before), priority, before.content, holder))

    def _too_often(self, request: Request, link: StoredLink | None) -> HTMLResponse | None:
        """Refuse who asks for one link, or from one address for links that are none, too often.

        Guessers therefore never keep anybody from a link that is good.
        """
        now = self.parts.clock.monotonic()
        if link is not None:
            allowed = self.opened.allows(str(link.attempt), now)
        else:
            allowed = self.missed.allows(request.client.host if request.client else "", now)
        return None if allowed else _html(page.too_often(), 429, {"Retry-After": "60"})

    async def _readable(self, link: StoredLink) -> bool:
        """Tell whether there are words to show: opening nothing is no receipt."""
        desk = self.parts.desk
        async with desk.pool.acquire() as conn:
            state = (await desk.states.of(conn, [link.key])).get(link.key)
        return state is not None and state.content is not None

    async def _find(self, token: str) -> StoredLink | None:
        if not receipts.well_formed(token):
            return None
        async with self.parts.desk.pool.acquire() as conn:
            link = await links.find(conn, receipts.fingerprint(token))
        if link is None or receipts.expired(link.expires_at, self.parts.clock.now()):
            return None
        return link

    async def _nonce_is_good(self, request: Request, token: str) -> bool:
        if int(request.headers.get("content-length") or 0) > _LARGEST:
            return False
        form = await request.form(max_files=0, max_fields=4, max_part_size=_LARGEST)
        nonce = form.get(page.NONCE_FIELD)
        if not isinstance(nonce, str):
            return False
        async with self.parts.desk.pool.acquire() as conn:
            prints = receipts.fingerprint(token), receipts.fingerprint(nonce)
            return await links.use_nonce(conn, *prints, self.parts.clock.now())

    async def _absorb(self, link: StoredLink, event: Event) -> State:
        """Absorb and return the state as it was before."""

        def decision(state: State) -> tuple[Change, State]:
            change, _ = absorb(state, event, self.parts.clock.now(), self.parts.chance)
            return change, state

        return await self.parts.desk.decide(link.key, decision)


def _name(state: State) -> str:
    return state.account.name if state.account else ""


def _html(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    return HTMLResponse(body, status, headers={**page.HEADERS, **(headers or {})})
