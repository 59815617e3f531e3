"""Specials whose request died half way: its repeat finishes, and tells nobody twice."""

import asyncio
from uuid import UUID

from gateway.domain.deeds import Person
from gateway.domain.specials import Special
from gateway.store import specials
from gateway.store.idempotency import once
from gateway.store.specials import Author
from gateway.web.keys import keyed
from gateway.web.special_shapes import NewSpecial, special_view
from schedules.walltime import zone_of
from tests.kit.api import Api
from tests.kit.desk import NOON, Dice, later

POST = "POST /v1/accounts/7001/specials"
BODY = {"text": "closed", "start": "2026-02-02", "end": "2026-02-03", "effect": {"hold": True}}
KEY = {"Idempotency-Key": "k-1"}
DICE = Dice(9)


async def half_posted(api: Api) -> Special:
    """Post a special as a request does that dies once the special and its answer are written."""
    body = NewSpecial.model_validate(BODY)
    special = body.special(DICE.uuid(), zone_of("America/New_York"))
    key = keyed(Person("1204", "agent"), "k-1", body, of="specials 7001")

    async def act() -> object:
        by = Author("agent:1204", NOON)
        outcome = await specials.post(conn, "7001", special, by, DICE.uuid())
        return special_view("7001", outcome.posted, NOON)

    async with api.pool.acquire() as conn:
        await once(conn, key, NOON, act)
    return special


async def told(api: Api, ucn: str = "49000001") -> int:
    return (await api.kinds(ucn)).count("specials.posted")


async def test_the_repeat_of_a_request_that_died_tells_the_open_messages_once(api: Api) -> None:
    """S3-79: what was planned before the post is stale as soon as the repeat is answered."""
    await api.take()
    special = await half_posted(api)
    assert await told(api) == 0
    api.clock.set(later(minutes=5))
    await api.take("49000002")
    for _ in range(2):
        answer = await api.ask("agent:1204", POST, BODY, headers=KEY)
        assert (answer.status_code, answer.json()["id"]) == (201, special.id)
    assert await told(api) == 1
    assert await told(api, "49000002") == 0  # it came after the post, and knows


async def test_repeats_at_one_time_tell_each_message_once(api: Api) -> None:
    await api.take()
    await api.take("49000002")
    await half_posted(api)
    await api.token("agent:1204")
    await asyncio.gather(*(api.ask("agent:1204", POST, BODY, headers=KEY) for _ in range(4)))
    assert [await told(api), await told(api, "49000002")] == [1, 1]


async def test_a_repeat_after_the_special_was_rejected_or_ended_tells_nobody(api: Api) -> None:
    await api.take()
    special = await half_posted(api)
    await api.ask("lead", f"{POST}/{special.id}/reject")
    await api.ask("agent:1204", POST, BODY, headers=KEY)
    assert await told(api) == 0
    assert (await api.kinds()).count("special.rejected") == 1


async def test_a_review_that_died_is_finished_by_its_repeat(api: Api) -> None:
    await api.take()
    special = await half_posted(api)
    async with api.pool.acquire() as conn:
        by = Author("dispatcher:D-31", NOON)
        await specials.review(conn, ("7001", UUID(special.id)), by, approved=True)
    for _ in range(2):
        answer = await api.ask("lead", f"{POST}/{special.id}/approve")
        assert answer.json()["reviewed_by"] == "dispatcher:D-31"
    assert (await api.kinds()).count("special.approved") == 1
