"""What a token that is for some accounts only may ask of: those accounts' own calls, nothing else.

Whatever does not name an account, a message or a job is refused, so that a call that is added later
is closed to such tokens until it names one.
"""

from typing import Final
from uuid import UUID

import orjson
from fastapi import Request
from fastapi.routing import APIRoute

from gateway.web.parts import Parts
from gateway.web.problems import ProblemError

_NAME: Final = "account"


async def within(request: Request, parts: Parts, accounts: frozenset[str]) -> None:
    """Let a request pass that is about these accounts alone; 403, or 404 for what it cannot see.

    Another account's message or job is not there for such a token: that it exists is not told.
    """
    named = request.path_params
    if _NAME in named:
        _only(accounts, [named[_NAME]])
    elif "ucn" in named:
        await _message(parts, accounts, named["ucn"])
    elif "job" in named:
        await _job(parts, accounts, named["job"])
    elif (request.method, request.url.path) == ("POST", "/v1/messages"):
        _only(accounts, [await _in_body(request)])
    else:
        _only(accounts, _asked(request))


def _only(accounts: frozenset[str], asked: list[object]) -> None:
    if not asked or any(not isinstance(one, str) or one not in accounts for one in asked):
        words = f"this token is for {', '.join(sorted(accounts))} only; name the account"
        raise ProblemError(403, "forbidden", words)


def _asked(request: Request) -> list[object]:
    """Return the accounts a list is asked for, if it goes by them at all."""
    route = request.scope.get("route")
    known = route.dependant.query_params if isinstance(route, APIRoute) else ()
    return list(request.query_params.getlist(_NAME)) if _NAME in {p.alias for p in known} else []


async def _in_body(request: Request) -> object:
    body = orjson.loads(await request.body() or b"null")
    return body.get(_NAME) if isinstance(body, dict) else None


async def _message(parts: Parts, accounts: frozenset[str], ucn: str) -> None:
    async with parts.desk.pool.acquire() as conn:
        key = await parts.desk.states.key_of_ucn(conn, ucn)
    if key is None or key.account not in accounts:
        raise ProblemError(404, "unknown_message", f"there is no message {ucn}")


async def _job(parts: Parts, accounts: frozenset[str], job: str) -> None:
    try:
        async with parts.desk.pool.acquire() as conn:
            key = await parts.desk.states.key_of_job(conn, UUID(job))
    except ValueError:
        return  # no id at all: the call itself says so
    if key is None or key.account not in accounts:
        raise ProblemError(404, "unknown_job", f"there is no job {job}")
