"""Contact health over HTTP: the phones of an account of which nothing but failures come."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path

from gateway.domain.failing import Flagged, flagged
from gateway.domain.masking import mask_address
from gateway.store.failing import failing
from gateway.web.accounts import account_of
from gateway.web.auth import Dispatcher, PartsOf
from gateway.web.problems import documented
from gateway.web.shapes import AccountNumber
from gateway.web.views import Answer, Json, View, instant

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
_AHEAD: Final = timedelta(days=14)


class FailingView(View):
    """A phone that failed `times` in a row; `next_shift`: when its person is on call next.

    That is now for who is on call or on the permanent list, and null beyond the next 14 days.
    """

    contact: str
    address: str
    by: Literal["call", "text"]
    times: int
    since: str
    last: str
    next_shift: str | None


@router.get(
    "/{account}/failing",
    response_model=None,
    responses={
        200: {"model": list[FailingView], "description": "By contact, in document order"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def show(
    account: Annotated[AccountNumber, Path()], parts: PartsOf, _who: Dispatcher
) -> Answer:
    """List whose phones failed three times in a row or more within 30 days, and nothing since."""
    compiled = await account_of(parts, account)
    now = parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        found = await failing(conn, account, now)
    return Answer([_view(one) for one in flagged(compiled, found, now, _AHEAD)])


def _view(one: Flagged) -> Json:
    return {
        "contact": one.contact,
        "address": mask_address(one.failing.phone),
        "by": "call" if one.failing.spoken else "text",
        "times": one.failing.times,
        "since": instant(one.failing.since),
        "last": instant(one.failing.last),
        "next_shift": instant(one.shift),
    }
