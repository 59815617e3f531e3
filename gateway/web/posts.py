"""Web posts over HTTP: what waits for a person, and what a person does about it (S3-55…58)."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Path, Query

from gateway.domain import posts
from gateway.domain.change import Change
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.deliveries import BLOCKED, FAILED, FOR_PEOPLE, UNSURE, Delivery, rule_of
from gateway.domain.delivery_rules import PostRule
from gateway.domain.draft import Draft
from gateway.domain.posted import Fault
from gateway.domain.state import State
from gateway.store import deliveries
from gateway.store.deliveries import ChangedError
from gateway.web.auth import Agent, Dispatcher, PartsOf
from gateway.web.deciding import refuse_uncoded
from gateway.web.parts import Parts
from gateway.web.post_views import Approving, Dismissing, PostState, PostView, post_view
from gateway.web.problems import documented
from gateway.web.shapes import AccountNumber
from gateway.web.views import Answer

router = APIRouter(prefix="/v1", tags=["posts"])
PostPath = Annotated[UUID, Path()]
_log = structlog.get_logger(__name__)
_AFTER: Any = {
    "response_model": None,
    "responses": {
        200: {"model": PostView, "description": "The post as it is then"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
}
_BLOCKED, _FAILED = (BLOCKED,), (FAILED, UNSURE)
_NOT: Final = {
    _BLOCKED: ("not_blocked", "the web post is not blocked"),
    _FAILED: ("not_failed", "the web post has not failed"),
    (*_BLOCKED, *_FAILED): ("not_waiting", "the web post waits for nobody"),
}
# What is done about a post by its rule, None when the account has it no longer, and the values that
# were approved before.
Step = Callable[[Draft, Delivery, PostRule | None, Mapping[str, str]], Delivery]


@router.get(
    "/posts",
    response_model=None,
    responses={
        200: {"model": list[PostView], "description": "Those that wait longest first"},
        **documented(401, 403, 422, 503),
    },
)
async def find(
    parts: PartsOf,
    _who: Agent,
    state: Annotated[PostState | None, Query()] = None,
    account: Annotated[AccountNumber | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Answer:
    """List web posts in a state, or all that wait for a person, with what is wrong with them."""
    async with parts.desk.pool.acquire() as conn:
        found = await deliveries.list_posts(conn, account, state, limit)
        looked_at = [one.delivery for one in found if one.delivery.state in FOR_PEOPLE]
        states = await parts.desk.states.of(conn, list({one.key for one in looked_at}))
        said = {one.id: await deliveries.approved(conn, one) for one in looked_at}
    wrong = {one.id: _faults(states.get(one.key), one, said[one.id]) for one in looked_at}
    return Answer(
        [post_view(one.delivery, one.next_at, wrong.get(one.delivery.id, ())) for one in found]
    )


@router.post("/posts/{id}/approve", **_AFTER)
async def approve(
    id: PostPath,  # noqa: A002 - the path's own name
    parts: PartsOf,
    who: Dispatcher,
    body: Approving | None = None,
) -> Answer:
    """Have a blocked post sent, with these values, and the suggestions for all others (S3-55)."""
    given = body.fields if body else {}
    return await _again(parts, id, who, _BLOCKED, given)


@router.post("/posts/{id}/retry", **_AFTER)
async def retry(
    id: PostPath,  # noqa: A002 - the path's own name
    parts: PartsOf,
    who: Dispatcher,
    body: Approving | None = None,
) -> Answer:
    """Have a post that failed sent again, as a new attempt, with other values if given (S3-56)."""
    given = body.fields if body else {}
    return await _again(parts, id, who, _FAILED, given)


@router.post("/posts/{id}/dismiss", **_AFTER)
async def dismiss(
    id: PostPath,  # noqa: A002 - the path's own name
    body: Dismissing,
    parts: PartsOf,
    who: Dispatcher,
) -> Answer:
    """End a post that was dealt with in another way: nobody is reminded of it any more."""

    def step(
        draft: Draft, one: Delivery, _rule: PostRule | None, _said: Mapping[str, str]
    ) -> Delivery:
        return posts.dismiss(draft, one, body.note)

    return await _done(parts, id, who, (*_BLOCKED, *_FAILED), step)


async def _again(
    parts: Parts, post: UUID, who: Person, states: tuple[str, ...], given: Mapping[str, str]
) -> Answer:
    def step(
        draft: Draft, one: Delivery, rule: PostRule | None, before: Mapping[str, str]
    ) -> Delivery:
        if rule is None:
            raise RefusedError("not_wanted", "the account has no such delivery any more")
        said = posts.approved(draft.state, one, rule, before, given)
        return posts.post_again(draft, one, rule, said)

    return await _done(parts, post, who, states, step)


async def _done(
    parts: Parts, post: UUID, who: Person, states: tuple[str, ...], step: Step
) -> Answer:
    """Take a step about a post that is in one of these states, and show how it is then."""
    async with parts.desk.pool.acquire() as conn:
        shown = await deliveries.find_post(conn, post)
        said = await deliveries.approved(conn, shown.delivery) if shown else None
    if shown is None:
        raise RefusedError("unknown_post", f"there is no web post {post}")
    one = shown.delivery
    await refuse_uncoded(parts, who, one.key, "post")
    if one.state not in states:
        raise RefusedError(*_NOT[states])

    def decide(state: State) -> tuple[Change, Delivery]:
        draft = Draft(state, parts.clock.now(), parts.chance)
        draft.actor = who.actor
        rule = rule_of(state.account, one.name)
        after = step(draft, one, rule if isinstance(rule, PostRule) else None, said or {})
        return draft.sealed(), after

    try:
        after = await deliveries.decide(parts.desk, one, decide, wake=True)
    except ChangedError:
        raise RefusedError("changed", "somebody else has just seen to the web post") from None
    named = {"account": one.key.account, "ucn": one.key.ucn, "post": str(post)}
    _log.info("deed done", action=f"post.{after.state}", actor=who.actor, **named)
    return Answer(post_view(after, parts.clock.now(), ()))


def _faults(
    state: State | None, one: Delivery, said: Mapping[str, str] | None
) -> tuple[Fault, ...]:
    """Find what a post's client does not take, in the values as they are now."""
    rule = rule_of(state.account, one.name) if state else None
    if not isinstance(rule, PostRule):
        return ()
    try:
        return posts.amiss(posts.filled(state, one, rule, said), rule)
    except RefusedError:  # erased
        return ()
