"""The cases about a message, as the message names them."""

from typing import Literal

from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case
from gateway.domain.dispatch_cause import Cause
from gateway.domain.messages import Key
from gateway.store import matters
from gateway.store.matters import Sought
from gateway.store.pool import Connection
from gateway.web.proof_shapes import AuditedView
from gateway.web.views import Json, View


class CaseBrief(View):
    """A case about the message; `cause` is what failed, where the gateway opened it."""

    id: str
    type: Literal["market_escalation", "homeowner", "installer", "dispatch"]
    status: str
    owner: str
    cause: Cause | None


class LinkedView(AuditedView):
    """A message with its audit, its review, and the cases about it, newest first."""

    cases: list[CaseBrief]


async def cases_of(conn: Connection, key: Key) -> list[Json]:
    """Name the cases about a message, newest first."""
    sought = Sought(account=key.account, ucn=key.ucn)
    return [_brief(one.facts) for one in await matters.listed(conn, CASES, sought)]


def _brief(case: Case) -> Json:
    return {
        "id": str(case.id),
        "type": case.type.value,
        "status": case.status,
        "owner": case.owner,
        "cause": case.dispatch.cause if case.dispatch else None,
    }
