"""What holds for an account, over HTTP: each value with its origin (S3-93)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query

from gateway.domain.documents import AccountDocument
from gateway.domain.effective import Rules, Value, effective
from gateway.domain.history import stamp
from gateway.store import accounts
from gateway.web.accounts import account_of
from gateway.web.auth import Dispatcher, PartsOf
from gateway.web.problems import ProblemError, documented
from gateway.web.shapes import AccountNumber, Instant, Line, PriorityWord
from gateway.web.views import Answer, Json, View

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])


class ValueView(View):
    """A value, from the account's document or by default."""

    value: Any
    origin: Literal["document", "default"]


class RulesView(View):
    """A protocol; `when` is null for the default one, which governs what no other does."""

    name: str
    when: dict[str, Any] | None
    governs: bool
    values: dict[str, ValueView]


class EffectiveView(View):
    """What holds for an account; `governs` marks the protocol of such a message at that instant."""

    account: str
    at: str
    office_open: bool
    values: dict[str, ValueView]
    protocols: list[RulesView]
    forms: dict[str, dict[str, ValueView]]


@router.get(
    "/{account}/effective",
    response_model=None,
    responses={
        200: {"model": EffectiveView, "description": "Each value with its origin"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def show(
    account: Annotated[AccountNumber, Path()],
    parts: PartsOf,
    _who: Dispatcher,
    at: Annotated[Instant | None, Query()] = None,
    priority: Annotated[PriorityWord, Query()] = "urgent",
    form: Annotated[Line | None, Query()] = None,
) -> Answer:
    """Show cue, limit, steps, evidence and the rest as they work, and where each comes from."""
    compiled = await account_of(parts, account)
    when = at or parts.clock.now()
    async with parts.desk.pool.acquire() as conn:
        stored = await accounts.get(conn, account)
    if stored is None:
        raise ProblemError(404, "unknown_account", f"there is no account {account}")
    found = effective(AccountDocument.model_validate(stored))
    governing = compiled.protocol_for(priority, form, when).name
    answer: Json = {
        "account": account,
        "at": stamp(when),
        "office_open": compiled.office_open(when),
        "values": _values(found.account),
        "protocols": [_rules(one, governing) for one in found.protocols],
        "forms": {name: _values(values) for name, values in found.forms.items()},
    }
    return Answer(answer)


def _rules(one: Rules, governing: str) -> Json:
    return {
        "name": one.name,
        "when": one.when,
        "governs": one.name == governing,
        "values": _values(one.values),
    }


def _values(values: Mapping[str, Value]) -> Json:
    return {name: {"value": one.value, "origin": one.origin} for name, one in values.items()}
