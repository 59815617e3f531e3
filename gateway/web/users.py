"""Users over HTTP: who leaves is deactivated, and reactivated as they were (S1-32)."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Path
from pydantic import BaseModel

from gateway.domain.deeds import Person
from gateway.domain.history import stamp
from gateway.store import users
from gateway.store.specials import Author
from gateway.store.users import UnknownContactError, User
from gateway.web.auth import Admin, PartsOf
from gateway.web.fieldjob_shapes import Identity
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Name
from gateway.web.views import Answer, Json, View

router = APIRouter(prefix="/v1/users", tags=["users"])
NamePath = Annotated[Name, Path()]
_log = structlog.get_logger(__name__)
_ERRORS = documented(401, 403, 413, 422, 503)


class UserView(View):
    """Somebody with tokens, and whom they are in account documents."""

    name: str
    active: bool
    contacts: list[str]
    changed_at: str
    changed_by: str


class UsersView(BaseModel):
    """Users of whom more is known than their tokens."""

    users: list[UserView]


@router.get(
    "",
    response_model=None,
    responses={200: {"model": UsersView, "description": "By name"}, **documented(401, 403, 503)},
)
async def find(parts: PartsOf, _who: Admin) -> Answer:
    """List users of whom more is known than their tokens."""
    async with parts.desk.pool.acquire() as conn:
        return Answer({"users": [_view(one) for one in await users.listed(conn)]})


@router.put(
    "/{name}",
    response_model=None,
    responses={200: {"model": UserView, "description": "So it is"}, **_ERRORS},
)
async def identify(name: NamePath, body: Identity, parts: PartsOf, who: Admin) -> Answer:
    """Say whom a user is in account documents; 422 `unknown_contact` for whom no document has."""
    return await _changed(parts, name, who, contacts=body.contacts)


@router.post(
    "/{name}/deactivate",
    response_model=None,
    responses={200: {"model": UserView, "description": "Deactivated"}, **_ERRORS},
)
async def deactivate(name: NamePath, parts: PartsOf, who: Admin) -> Answer:
    """Deactivate somebody: from now on no token of theirs opens, and no roster has them.

    Histories keep them. Their contacts become inactive in each account document, a version each.
    """
    return await _changed(parts, name, who, active=False)


@router.post(
    "/{name}/reactivate",
    response_model=None,
    responses={200: {"model": UserView, "description": "As before"}, **_ERRORS},
)
async def reactivate(name: NamePath, parts: PartsOf, who: Admin) -> Answer:
    """Give somebody their tokens and their places in rosters back."""
    return await _changed(parts, name, who, active=True)


async def _changed(
    parts: Parts,
    name: str,
    who: Person,
    *,
    active: bool | None = None,
    contacts: list[str] | None = None,
) -> Answer:
    by = Author(who.actor, parts.clock.now())
    try:
        async with parts.desk.pool.acquire() as conn:
            user = await users.change(conn, name, by, active=active, contacts=contacts)
    except UnknownContactError as fault:
        raise ProblemError(422, "unknown_contact", f"no document has {fault}") from None
    _log.info("user", action="user.changed", actor=who.actor, user=name, active=user.active)
    return Answer(_view(user))


def _view(user: User) -> Json:
    told = {"name": user.name, "active": user.active, "contacts": list(user.contacts)}
    return {**told, "changed_at": stamp(user.changed_at), "changed_by": user.changed_by}
