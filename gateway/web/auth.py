"""Who asks, and whether their role may (CONTRACT section 5)."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.domain.deeds import Person
from gateway.store import tokens
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError
from gateway.web.scope import within

AGENTS: Final = frozenset({"agent", "dispatcher", "lead"})
DISPATCHERS: Final = frozenset({"dispatcher", "lead"})
LEADS: Final = frozenset({"lead"})
ACCOUNT_MANAGERS: Final = frozenset({"account_manager"})
CODERS: Final = frozenset({"wfm", "lead"})
# Who may have to do with field jobs at all; which of them, and of their notes, is the domain's.
FIELD: Final = frozenset({"agent", "dispatcher", "lead", "technician", "brand"})
FIELD_WORKERS: Final = frozenset({"dispatcher", "lead", "technician"})
TECHNICIANS: Final = frozenset({"technician"})
# The name that history shows for the token of the settings.
BOOTSTRAP: Final = "bootstrap"
_bearer = HTTPBearer(auto_error=False, description="A token of `dispatchd token create`.")
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def parts_of(request: Request) -> Parts:
    """Return the parts that the application was built from."""
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]


async def person(request: Request, parts: PartsOf, given: Given) -> Person:
    """Return who asks; 401 without a token that opens, 403 where it is for other accounts."""
    found = await holder(parts, given)
    if found.accounts is not None:
        await within(request, parts, found.accounts)
    return Person(found.name, found.role, found.accounts, found.also)


async def holder(parts: Parts, given: HTTPAuthorizationCredentials | None) -> tokens.Holder:
    """Return whose token was given; 401 without one that opens."""
    if given is None or not given.credentials:
        raise ProblemError(401, "unauthorized", "a bearer token is needed")
    admin = parts.settings.admin_token
    if admin is not None and _same(given.credentials, admin.get_secret_value()):
        return tokens.Holder(BOOTSTRAP, "admin", None)
    found = await parts.doorkeeper.holder(given.credentials)
    if found is None:
        raise ProblemError(401, "unauthorized", "the token is unknown or revoked")
    return found


def _same(one: str, other: str) -> bool:
    """Compare by fingerprint, so that neither length nor content shows in the time it takes."""
    return hmac.compare_digest(tokens.fingerprint(one), tokens.fingerprint(other))


def only(roles: frozenset[str]) -> Callable[[Person], Awaitable[Person]]:
    """Return the dependency that lets these roles in, and admins; 403 for all others."""

    async def check(
        who: Annotated[Person, Depends(person)],
    ) -> Person:
        return admitted(who, roles)

    return check


def admitted(who: Person, roles: frozenset[str]) -> Person:
    """Return who asks, if these roles or an admin's let them in; 403 for all others."""
    if who.role != "admin" and not who.roles & roles:
        raise ProblemError(403, "forbidden", f"the role {who.role} may not do this")
    return who


Agent = Annotated[Person, Depends(only(AGENTS))]
Dispatcher = Annotated[Person, Depends(only(DISPATCHERS))]
Lead = Annotated[Person, Depends(only(LEADS))]
AccountManager = Annotated[Person, Depends(only(ACCOUNT_MANAGERS))]
Reader = Annotated[Person, Depends(only(AGENTS | ACCOUNT_MANAGERS))]
# Who works with cases: those who take messages and those who look after the clients.
Caseworker = Reader
# Who hears recordings: the account manager what is theirs.
Listener = Annotated[Person, Depends(only(DISPATCHERS | ACCOUNT_MANAGERS))]
# Who looks at the floor: who is coded, what everybody's phone does.
OnFloor = Annotated[Person, Depends(only(DISPATCHERS | CODERS))]
# Who hears what needs a person, and who hears of field jobs; each what is theirs.
Attendant = Annotated[Person, Depends(only(DISPATCHERS | ACCOUNT_MANAGERS | FIELD))]
InField = Annotated[Person, Depends(only(FIELD))]
FieldWorker = Annotated[Person, Depends(only(FIELD_WORKERS))]
Technician = Annotated[Person, Depends(only(TECHNICIANS))]
Admin = Annotated[Person, Depends(only(frozenset()))]
Coder = Annotated[Person, Depends(only(CODERS))]
