"""The web application: the API of CONTRACT section 5, and whatever plain routes stand beside it."""

from collections.abc import Sequence
from importlib import metadata
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from adapters import dictionary
from gateway.domain.documents import AccountDocument
from gateway.store.reception import Reception
from gateway.web import (
    accounts,
    calendars,
    calls,
    canned,
    case_documents,
    casebook,
    cases,
    casework,
    customers,
    desk,
    effective,
    erasing,
    escalations,
    events,
    failing,
    fieldjob_notes,
    fieldjob_visits,
    fieldjobs,
    handoffs,
    health,
    jobs,
    markets,
    messages,
    mistakes,
    parks,
    phones,
    posts,
    resends,
    reviews,
    sessions,
    specials,
    technicians,
    users,
    why,
    work,
)
from gateway.web.bodies import SmallBodies
from gateway.web.doorstep import Doorstep
from gateway.web.floor import Floor
from gateway.web.headers import SafeHeaders
from gateway.web.intake import FrontDesk
from gateway.web.linking import link
from gateway.web.parts import Parts
from gateway.web.problems import Problem, install

_ROOMS = (
    messages,
    why,
    jobs,
    parks,
    phones,
    posts,
    resends,
    reviews,
    mistakes,
    calls,
    accounts,
    calendars,
    specials,
    sessions,
    desk,
    effective,
    failing,
    erasing,
    events,
    work,
    casework,
    case_documents,
    cases,
    customers,
    fieldjobs,
    fieldjob_visits,
    fieldjob_notes,
    technicians,
    users,
    escalations,
    markets,
    casebook,
    handoffs,
    canned,
    health,
)
_REFS = "#/components/schemas/{model}"
_WORDS = """
Messages are taken here, jobs are worked here by people beside the gateway, and what happened is
told here. Every call needs a bearer token; every error is `application/problem+json` whose `code`
never changes its meaning.
"""


def create_app(parts: Parts, routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """Build the application on its parts; `routes` (webhooks, pages) are mounted as they are."""
    app = FastAPI(
        title="dispatchd",
        version=_version(),
        description=_WORDS,
        redoc_url=None,
        # Spans and metrics are made by us; to look whether FastAPI's are wanted, too, takes each
        # request as long as judging a signature.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.parts = parts
    app.state.reception = Reception(
        parts.desk.pool,
        parts.desk.states.accounts,
        parts.clock,
        parts.chance,
        dictionary.unknown,
    )
    app.state.floor = Floor(parts.desk.pool, parts.clock)
    # What comes most often comes first: each route is asked in turn whether a request is its own.
    app.router.routes += _endpoints()
    app.router.routes[:0] = routes
    install(app)
    _outermost(app, routes, tls=parts.settings.public_url.startswith("https:"))
    app.openapi = lambda: _document(app)  # type: ignore[method-assign] # FastAPI's own way
    return app


def _outermost(app: FastAPI, routes: Sequence[BaseRoute], *, tls: bool) -> None:
    """Put the safe headers around everything: what answers 500 stands outside of middleware."""
    inner = app.build_middleware_stack

    def stack() -> ASGIApp:
        known = Doorstep(FrontDesk(inner(), app), app, routes)
        return SafeHeaders(SmallBodies(known), tls=tls)

    app.build_middleware_stack = stack  # type: ignore[method-assign]


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document without building the parts."""
    app = FastAPI(title="dispatchd", version=_version(), description=_WORDS)
    app.router.routes += _endpoints()
    return _document(app)


def _endpoints() -> list[BaseRoute]:
    """Return the rooms' routes as they were built when their modules were loaded.

    An included router analyzes each of its endpoints anew for every application, at its first
    requests; what a room adds to its routes (prefix, tags) is in them already.
    """
    return [route for one in _ROOMS for route in one.router.routes]


def _document(app: FastAPI) -> dict[str, Any]:
    """Write the document, once, with the shapes that no endpoint names by itself."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    named = [(Problem, "validation"), (AccountDocument, "validation")]
    _, schemas = models_json_schema(named, by_alias=True, ref_template=_REFS)  # type: ignore[arg-type]
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components.update(schemas["$defs"])
    link(document)
    app.openapi_schema = document
    return document


def _version() -> str:
    try:
        return metadata.version("dispatchd")
    except metadata.PackageNotFoundError:  # run from a tree that was never installed
        return "0"
