"""Problems: every error is RFC 9457 `application/problem+json` with a stable `code`."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from gateway.domain.deeds import RefusedError
from gateway.domain.documents import DocumentError
from gateway.domain.past import PastError
from gateway.domain.problems import Problem as Misfit
from gateway.domain.problems import field_name
from gateway.store.desk import ContentionError, UnknownMessageError
from gateway.store.markets import BusyTableError
from gateway.store.matters import BusyMatterError
from gateway.store.pool import AWAY

MEDIA: Final = "application/problem+json"
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_log = structlog.get_logger(__name__)
# What a refused deed is in HTTP; what is not named is a conflict.
_REFUSALS: Final = {
    "unknown_contact": 404,
    "unknown_schedule": 404,
    "unknown_review": 404,
    "bad_recipient": 422,
    "still_blocked": 422,
    "unknown_field": 422,
    "unknown_post": 404,
    "unknown_case_reason": 422,
    "unknown_market": 422,
    "unknown_field_job": 422,
    "unknown_advice": 422,
    "wrong_reason_detail": 422,
    "missing_notes": 422,
    "no_justification": 422,
    "customer_not_advised": 422,
    "no_work_order": 422,
    "one_work_order": 422,
    "several_customers": 422,
    "no_appointment": 422,
    "no_tech_visit": 422,
    "no_sunday_quota": 422,
    "sunday_not_accommodated": 422,
    "tx_no_tgb_after_3pm": 422,
    "not_completed_today": 422,
    "limit_reached": 403,
    "lead_needed": 403,
    "not_coded": 403,
    "forbidden": 403,
    "no_time": 422,
    "no_reason": 422,
    "invalid": 422,
    "which_appointment": 422,
    "unknown_appointment": 404,
    "resolved": 422,
    "no_contract": 422,
    "no_installer_contact": 422,
    "not_owner": 403,
    "too_long": 422,
    "must_be_case_voided": 422,
    "not_assignable": 422,
    "not_an_owner": 422,
    "no_referral": 422,
    "unknown_team": 422,
    "unknown_assignment": 404,
}
_CODES: Final = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
}


class Fault(BaseModel):
    """One thing that is wrong with a request, and where."""

    place: str = Field(description="Where it stands, such as `body.caller.phone`.")
    words: str


class Problem(BaseModel):
    """RFC 9457 problem details; programs go by `code`."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[Fault] | None = None


class ProblemError(Exception):
    """An error answer: HTTP status, stable code, words, and what else the body shall hold."""

    def __init__(self, status: int, code: str, words: str, **more: object) -> None:
        super().__init__(words)
        self.status, self.code, self.more = status, code, more


def problem(
    status: int, code: str, words: str, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """Return an error answer."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": words,
        **more,
    }
    return Response(orjson.dumps(body), status, headers, MEDIA)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses for these error statuses and any other."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    content = {"content": {MEDIA: schema}}
    named: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, **content} for status in statuses
    }
    return {**named, "default": {"description": "Any other error", **content}}


def install(app: FastAPI) -> None:
    """Turn every exception that an endpoint may raise into its problem."""
    app.add_exception_handler(ProblemError, _of_problem)
    app.add_exception_handler(RefusedError, _of_refusal)
    app.add_exception_handler(DocumentError, _of_document)
    app.add_exception_handler(PastError, _of_past)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(UnknownMessageError, _of_unknown)
    app.add_exception_handler(ContentionError, _of_contention)
    for busy in (BusyMatterError, BusyTableError):
        app.add_exception_handler(busy, _of_busy)
    app.add_exception_handler(ClientDisconnect, _of_gone)
    for away in (*AWAY, asyncio.TimeoutError):
        app.add_exception_handler(away, _of_away)
    app.add_exception_handler(Exception, _of_any)


async def told(app: Starlette, request: Request, fault: Exception) -> Response:
    """Return the answer to a fault of a request that did not come through the application."""
    handlers = app.exception_handlers
    (answer,) = [handlers[one] for one in type(fault).__mro__ if one in handlers][:1]
    response: Response = await answer(request, fault)
    return response


async def _of_problem(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, ProblemError)  # noqa: S101 - registered for it
    headers = {"WWW-Authenticate": "Bearer"} if fault.status == HTTPStatus.UNAUTHORIZED else None
    return problem(fault.status, fault.code, str(fault), headers, **fault.more)


async def _of_refusal(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RefusedError)  # noqa: S101 - registered for it
    status = _REFUSALS.get(fault.code, 409)
    return problem(status, fault.code, str(fault), None, **fault.more)


async def _of_document(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, DocumentError)  # noqa: S101 - registered for it
    return _invalid(_places(fault.problems))


async def _of_past(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, PastError)  # noqa: S101 - registered for it
    errors = _places(fault.problems)
    return problem(409, "past_is_read_only", _joined(errors), errors=errors)


def _places(problems: Sequence[Misfit]) -> list[dict[str, str]]:
    return [
        {"place": f"body.{one.field}" if one.field else "body", "words": one.words}
        for one in problems
    ]


async def _of_validation(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - registered for it
    return _invalid(
        [{"place": field_name(one["loc"]), "words": _words(one)} for one in fault.errors()]
    )


def _words(error: Mapping[str, Any]) -> str:
    """Say what is wrong without the value: it may be a detail or a secret."""
    message = str(error["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return "is not known" if error["type"] == "extra_forbidden" else message


def _invalid(errors: Sequence[Mapping[str, str]]) -> Response:
    return problem(422, "invalid", _joined(errors), errors=list(errors))


def _joined(errors: Sequence[Mapping[str, str]]) -> str:
    return "; ".join(f"{one['place']}: {one['words']}" for one in errors[:3])


async def _of_http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101 - registered for it
    code = _CODES.get(fault.status_code, "error")
    headers = dict(fault.headers or {})
    if fault.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return problem(fault.status_code, code, str(fault.detail), headers)


def _methods(request: Request) -> set[str]:
    """Return every method of the path: it may stand on several routes, within several routers."""
    routes, scope = request.app.routes, request.scope
    return {
        method
        for method in _METHODS
        if any(one.matches({**scope, "method": method})[0] is Match.FULL for one in routes)
    }


async def _of_unknown(_request: Request, fault: Exception) -> Response:
    return problem(404, "unknown_message", f"there is no message {fault}")


async def _of_contention(_request: Request, fault: Exception) -> Response:
    words = f"message {fault} changes too fast just now"
    return problem(503, "busy", words, {"Retry-After": "1"})


async def _of_busy(_request: Request, fault: Exception) -> Response:
    words = f"{fault} changes too fast just now"
    return problem(503, "busy", words, {"Retry-After": "1"})


async def _of_gone(_request: Request, _fault: Exception) -> Response:
    """Who hung up in the middle of a request hears nothing of it; it is no fault of ours."""
    return problem(400, "incomplete", "the request ended before it was whole")


async def _of_away(request: Request, fault: Exception) -> Response:
    _log.warning("database away", action="api.away", path=_path(request), fault=str(fault))
    words = "the database cannot be reached; whether anything was changed is not known"
    return problem(503, "database_away", words, {"Retry-After": "5"})


async def _of_any(request: Request, fault: Exception) -> Response:
    _log.error("request failed", action="api.failed", path=_path(request), fault=repr(fault))
    return problem(500, "internal", "something went wrong on our side; it is in the log")


def _path(request: Request) -> str:
    """Return the path without the token that opens it, for the log."""
    token = request.path_params.get("token")
    return request.url.path.replace(token, "…") if token else request.url.path
