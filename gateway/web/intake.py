"""Intake: messages are taken here, by a short way whenever there is nothing odd about the request.

FastAPI works out an endpoint's parameters anew for each request, which took longer than all else
that is done for a message. The short way reads the same shape; whatever it cannot read whole is
left to the endpoint, so that every refusal of a request comes from one place.
"""

import re
from datetime import timedelta
from typing import Final, NamedTuple

import orjson
from fastapi.security import HTTPAuthorizationCredentials
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.domain.deeds import Person
from gateway.domain.taking import actor_of
from gateway.store import messages
from gateway.store.idempotency import KeyReusedError
from gateway.store.messages import DuplicateUcnError
from gateway.store.reception import Reception, UnknownAccountError, Wish
from gateway.web.auth import AGENTS, admitted, person
from gateway.web.bodies import replay
from gateway.web.keys import KEY, keyed, reused
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, told
from gateway.web.shapes import NewMessage
from gateway.web.views import Answer, receipt, stub

PATH: Final = "/v1/messages"
# Clocks of those who take messages may be ahead of ours by this much.
_AHEAD: Final = timedelta(minutes=5)
_KEY: Final = re.compile(KEY)


async def taken(
    parts: Parts, reception: Reception, who: Person, body: NewMessage, key: str | None
) -> Answer:
    """Take a message and answer with its receipt, or as the first request under its key was."""
    now = parts.clock.now()
    _may_speak_for(who, body.taken_by)
    intake = body.intake(now, who.actor)
    forced_at = intake.forced.at if intake.forced else now
    if max(intake.taken_at, forced_at) > now + _AHEAD:
        raise ProblemError(409, "ahead_of_time", "the message claims to be from the future")
    kept = keyed(who, key, body) if key else None
    try:
        answer = await reception.take(Wish(intake, receipt, body.ucn, kept, body.recording_url))
    except UnknownAccountError:
        raise ProblemError(404, "unknown_account", f"no account {body.account}") from None
    except KeyReusedError:
        raise reused() from None
    except DuplicateUcnError as fault:
        raise await _duplicate(parts, who, fault.ucn) from None
    return Answer(answer, 201)


def _may_speak_for(who: Person, taken_by: str) -> None:
    """Nobody puts a message on record as taken by somebody of another rank than an agent."""
    role = actor_of(taken_by).partition(":")[0]
    if role not in {"agent", who.role} and who.role not in {"lead", "admin"}:
        raise ProblemError(403, "forbidden", f"{who.actor} cannot take a message as {taken_by}")


async def _duplicate(parts: Parts, who: Person, ucn: str) -> ProblemError:
    """Say that a UCN is taken, and show to whom may see it what it was taken for first."""
    async with parts.desk.pool.acquire() as conn:
        shown = await messages.get(conn, ucn)
    seen = shown and (who.only is None or shown.message.key.account in who.only)
    first = stub(shown.message, shown.jobs) if shown and seen else None
    return ProblemError(409, "duplicate_ucn", f"UCN {ucn} is taken", first=first)


class Asked(NamedTuple):
    """A request to take a message, as the short way reads it."""

    body: NewMessage
    credentials: HTTPAuthorizationCredentials
    key: str | None


class FrontDesk:
    """Stands before the application, which never sees what is taken here."""

    def __init__(self, app: ASGIApp, api: Starlette) -> None:
        """`api` is the application itself, whose parts and words for faults are used."""
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take what is posted to the messages; what is odd about it is for the endpoint to say."""
        ours = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == PATH
        if not ours:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        content = await request.body()
        asked = _read(request.headers, content)
        if asked is None:
            await self._app(scope, replay(content, receive), send)
            return
        answer = await self._answer(request, asked)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, asked: Asked) -> Response:
        parts: Parts = self._api.state.parts
        try:
            who = admitted(await person(request, parts, asked.credentials), AGENTS)
            return await taken(parts, self._api.state.reception, who, asked.body, asked.key)
        except Exception as fault:  # noqa: BLE001 - told in the application's own words
            return await told(self._api, request, fault)


def _read(headers: Headers, content: bytes) -> Asked | None:
    """Read a request in which everything is as it shall be; None when anything is not."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    key = headers.get("idempotency-key")
    known = scheme.lower() == "bearer" and token and token == token.strip()
    if not known or kind != "application/json" or (key is not None and not _KEY.fullmatch(key)):
        return None
    try:
        body = NewMessage.model_validate(orjson.loads(content))
    except ValueError:  # no JSON, or not of the shape
        return None
    return Asked(body, HTTPAuthorizationCredentials(scheme=scheme, credentials=token), key)
