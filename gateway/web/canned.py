"""Canned texts over HTTP: what people say and send in the same words (S0-02, S0-13, S0-15)."""

from fastapi import APIRouter

from gateway.domain.wording.canned import CANNED
from gateway.web.auth import Agent
from gateway.web.problems import documented
from gateway.web.views import Answer, View

router = APIRouter(prefix="/v1/canned-texts", tags=["handoffs"])


class CannedView(View):
    """A canned text; `version` changes with its words."""

    name: str
    version: int
    subject: str
    body: str


@router.get(
    "",
    response_model=None,
    responses={
        200: {"model": list[CannedView], "description": "As they are in force"},
        **documented(401, 403, 503),
    },
)
async def canned(_who: Agent) -> Answer:
    """Show the canned texts, such as what `/dispatch escalation` asks a caller."""
    return Answer([text._asdict() for text in CANNED.values()])
