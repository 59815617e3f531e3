"""Erasing a message's details over HTTP: for good, and with no trace but that it was done."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from gateway.store import erasing, matter_words
from gateway.store.erasing import Order
from gateway.web.auth import Admin, PartsOf
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Line, Shape, Ucn
from gateway.web.views import Answer, View

router = APIRouter(prefix="/v1/messages", tags=["messages"])


class Erasure(Shape):
    """Why; it stands in the account's history, so it tells no details itself."""

    reason: Line


class Erased(View):
    """`erased`: whether there was anything left to erase.

    `left`: cases, hand-offs and field jobs about it that are worked, and so keep their words.
    """

    ucn: str
    erased: bool
    left: list[UUID]


@router.post(
    "/{ucn}/erase",
    response_model=None,
    responses={
        200: {"model": Erased, "description": "The details are gone, the history stands"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
async def erase(ucn: Annotated[Ucn, Path()], body: Erasure, parts: PartsOf, who: Admin) -> Answer:
    """Erase a message's words, replies, annotations and recording; its history still verifies."""
    async with parts.desk.pool.acquire() as conn:
        key = await parts.desk.states.key_of_ucn(conn, ucn)
        if key is None:
            raise ProblemError(404, "unknown_message", f"there is no message {ucn}")
        order = Order(who.actor, parts.clock.now(), body.reason)
        done = await erasing.erase(conn, [key], order)
        left = await matter_words.worked_about(conn, [key.account], [key.ucn])
        if not done and await erasing.with_details(conn, [key]):
            raise ProblemError(409, "still_open", f"message {ucn} is still being worked")
    return Answer({"ucn": ucn, "erased": bool(done), "left": [str(one) for one in left]})
