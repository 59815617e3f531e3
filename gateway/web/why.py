"""Why, over HTTP: every decision about a message with its rule, as `dispatchd why` tells it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from gateway.domain.explaining import as_values
from gateway.store import messages
from gateway.store.explaining import explain
from gateway.web.auth import PartsOf, Reader
from gateway.web.flagged import MANAGER, only_flagged
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import Ucn
from gateway.web.views import Answer, View

router = APIRouter(prefix="/v1/messages", tags=["messages"])


class WhyStep(View):
    """An item of the history; `because` is the rule by which it had to be, where one speaks."""

    seq: int
    at: str
    kind: str
    outcome: str
    actor: str
    text: str
    data: dict[str, Any]
    because: str | None


class WhyRound(View):
    """A round recomputed from the version of the document that it names; 0 is what came before."""

    round: int
    at: str
    document: int | None
    steps: list[WhyStep]
    mismatches: list[str]


class Why(View):
    """A message explained; `mismatches` names what the record says otherwise, if anything."""

    ucn: str
    account: str
    state: str
    evidence: str | None
    delivered_to: str | None
    rounds: list[WhyRound]
    mismatches: list[str]


@router.get(
    "/{ucn}/why",
    response_model=None,
    responses={
        200: {"model": Why, "description": "Every decision, recomputed"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def why(ucn: Annotated[Ucn, Path()], parts: PartsOf, who: Reader) -> Answer:
    """Explain every decision about a message, recomputed from its history."""
    async with parts.desk.pool.acquire() as conn:
        only_flagged(who, await messages.get(conn, ucn) if who.role == MANAGER else None)
        key = await parts.desk.states.key_of_ucn(conn, ucn)
        if key is None:
            raise ProblemError(404, "unknown_message", f"there is no message {ucn}")
        found = await explain(conn, parts.desk.states, key, parts.clock.now())
    return Answer(as_values(found))
