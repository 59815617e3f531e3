"""The doorstep: webhooks are answered before the application, which has nothing to add to them.

It unpacks what an endpoint of the API may want (parameters, contexts, its own words for faults) for
each request; a webhook brings a form and a signature, and is answered by one route.
"""

from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.web.problems import told

_OURS: Final = "/twilio/"


class Doorstep:
    """Stands before the application, which sees only what is not for one of these routes."""

    def __init__(self, app: ASGIApp, api: Starlette, routes: Sequence[BaseRoute]) -> None:
        """`api` is the application itself, whose words for faults are used."""
        self._app = app
        self._api = api
        self._routes = [one for one in routes if isinstance(one, Route) and one.path[:8] == _OURS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a webhook; whatever else comes goes on."""
        if scope["type"] == "http" and scope["path"].startswith(_OURS):
            for route in self._routes:
                match, more = route.matches(scope)
                if match is Match.FULL:
                    await self._answer(route, {**scope, **more}, receive, send)
                    return
        await self._app(scope, receive, send)

    async def _answer(self, route: Route, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await route.endpoint(request)
        except Exception as fault:  # noqa: BLE001 - told in the application's own words
            answer = await told(self._api, request, fault)
        await answer(scope, receive, send)
