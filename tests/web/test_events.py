"""Sessions hear what needs a person (S3-61), by role, in order, and from where they left off."""

import asyncio
from contextlib import AsyncExitStack, aclosing

from fastapi.security import HTTPAuthorizationCredentials

from gateway.domain.deeds import Person
from gateway.store import needs, sessions
from gateway.store.pool import Pool
from gateway.web.events import HEARTBEAT, Ear, _work_of, told
from gateway.web.floor import Floor
from tests.kit.api import Api, serving
from tests.kit.desk import NOON, later
from tests.kit.shelf import key_of
from tests.kit.sse import events_of, heard

RELOAD = b"retry: 1000\nid: 3\n\nid: 3\nevent: reload\ndata: {}\n\n"
LEA, DAN = Person("L-7", "lead"), Person("D-31", "dispatcher")


async def need(api: Api, reason: str, ucn: str = "49000001") -> None:
    """Let something need a person."""
    async with api.pool.acquire() as conn, conn.transaction():
        await needs.add(conn, [needs.row_of(key_of(ucn), None, reason, None, api.clock.now())])


async def ear(api: Api, who: Person, last: int | None = None) -> Ear:
    """Return somebody who listens."""
    token = await api.token(f"{who.role}:{who.name}")
    given = HTTPAuthorizationCredentials(scheme="Bearer", credentials=token)
    floor: Floor = api.app.state.floor
    return Ear(api.app.state.parts, floor, given, who, last)


async def test_who_listens_hears_what_comes_in_order_and_without_details(api: Api) -> None:
    async with aclosing(told(await ear(api, LEA))) as stream:
        assert await anext(stream) == b"retry: 1000\nid: 0\n\n"
        await need(api, "held")
        await need(api, "limit", "49000002")
        await api.app.state.floor.look()
        first, second = await heard(stream, 2)
    assert list(first) == [
        *("id", "at", "account", "ucn", "job", "kind", "reason", "why", "call_state")
    ]
    assert (first["reason"], second["reason"]) == ("held", "limit")
    assert (first["account"], first["ucn"], first["kind"]) == ("7001", "49000001", "dispatch")
    assert first["id"] < second["id"]


async def test_every_cue_is_dispatch_work(api: Api) -> None:
    """S3-04: whoever is offered it is sent no live call."""
    async with aclosing(told(await ear(api, LEA, last=0))) as stream:
        await need(api, "held")
        await anext(stream)
        await api.app.state.floor.look()
        (event,) = await heard(stream, 1)
    assert event["call_state"] == "DISP"


async def test_a_stream_goes_on_after_the_event_heard_last(api: Api) -> None:
    for reason in ("held", "limit", "exhausted"):
        await need(api, reason)
    async with api.pool.acquire() as conn:
        first = (await needs.after(conn, 0))[0].seq
    async with aclosing(told(await ear(api, LEA, last=first))) as stream:
        await anext(stream)
        await api.app.state.floor.look()
        assert [event["reason"] for event in await heard(stream, 2)] == ["limit", "exhausted"]


async def test_who_was_away_for_too_long_is_told_to_read_the_lists(api: Api) -> None:
    await need(api, "held")
    await need(api, "held")
    await need(api, "limit")
    async with api.pool.acquire() as conn:
        await conn.execute("delete from needs where reason = 'held'")
    assert await begins(api, 0) == RELOAD


async def begins(api: Api, last: int | None = None) -> bytes:
    """Return how a stream begins that is asked to go on after a number; then it breaks."""
    async with aclosing(told(await ear(api, LEA, last))) as stream:
        return await anext(stream)


async def test_a_stream_that_broke_before_its_first_event_goes_on_from_its_beginning(
    api: Api,
) -> None:
    await need(api, "held")
    await need(api, "limit")
    assert await begins(api) == b"retry: 1000\nid: 2\n\n"  # a block without data gives its id
    await need(api, "exhausted")
    assert await begins(api, 2) == b"retry: 1000\nid: 2\n\n"
    async with aclosing(told(await ear(api, LEA, last=2))) as stream:
        await anext(stream)
        await api.app.state.floor.look()
        assert [event["reason"] for event in await heard(stream, 1)] == ["exhausted"]


async def test_who_has_heard_what_is_yet_to_come_is_told_to_read_the_lists(api: Api) -> None:
    """The database is of before: it was restored."""
    for _ in range(3):
        await need(api, "held")
    assert await begins(api, 4) == RELOAD
    assert await begins(api, 3) == b"retry: 1000\nid: 3\n\n"


async def test_who_hears_no_work_or_only_of_field_jobs_takes_no_connection(api: Api) -> None:
    await need(api, "held")
    async with api.pool.acquire() as conn:
        rows = await needs.after(conn, 0)
    given = [await ear(api, Person("T-1", "technician")), await ear(api, DAN)]
    async with asyncio.timeout(30), AsyncExitStack() as held:
        for _ in range(api.pool.get_max_size()):
            await held.enter_async_context(api.pool.acquire())
        assert [await _work_of(one, some) for one, some in zip(given, (rows, []), strict=True)] == [
            frozenset()
        ] * 2


async def test_a_silent_stream_says_that_it_is_there_until_the_token_is_revoked(api: Api) -> None:
    async with aclosing(told(await ear(api, LEA))) as stream:
        await anext(stream)
        coming = asyncio.ensure_future(anext(stream))
        await asyncio.wait({coming}, timeout=0.2)
        api.clock.set(NOON + HEARTBEAT)
        assert await coming == b": here\n\n"
        async with api.pool.acquire() as conn:
            await conn.execute("update tokens set revoked_at = $1", api.clock.now())
        ended = asyncio.ensure_future(anext(stream, b"over"))
        await asyncio.wait({ended}, timeout=0.2)
        api.clock.set(NOON + 2 * HEARTBEAT)
        assert await ended == b"over"


async def test_a_process_that_ends_ends_its_streams(api: Api) -> None:
    async with aclosing(told(await ear(api, LEA))) as stream:
        await anext(stream)
        coming = asyncio.ensure_future(anext(stream, b"over"))
        await asyncio.wait({coming}, timeout=0.2)
        api.app.state.floor.close()
        assert await coming == b"over"


async def told_to(api: Api, who: Person) -> list[str]:
    """Return the reasons that somebody is told of held, parked and am_review."""
    for reason in ("held", "parked", "am_review"):
        await need(api, reason)
    found: list[str] = []
    async with aclosing(told(await ear(api, who, last=0))) as stream:
        await anext(stream)
        await api.app.state.floor.look()
        api.clock.set(api.clock.now() + HEARTBEAT)
        while (said := await anext(stream)) != b": here\n\n":
            found += [event["reason"] for event in events_of(said.decode())]
    return found


async def test_everybody_hears_what_is_theirs(api: Api) -> None:
    """S3-05: dispatch work is for dispatchers, what the account manager is to look at is theirs."""
    assert await told_to(api, Person("M-1", "account_manager")) == ["am_review"]
    assert set(await told_to(api, DAN)) == {"held", "parked"}
    assert set(await told_to(api, LEA)) == {"held", "parked", "am_review"}


async def test_where_coding_is_required_only_who_is_coded_is_offered_work(pool: Pool) -> None:
    """S3-03."""
    async with serving(pool, require_coding=True) as api:
        assert await told_to(api, DAN) == []
        await api.ask("wfm:W-1", "PUT /v1/sessions/D-31", {"coded": True})
        assert set(await told_to(api, DAN)) == {"held", "parked"}


async def alerts(api: Api) -> list[str]:
    async with api.pool.acquire() as conn:
        rows = await conn.fetch("select payload from errands where kind = 'alert'")
    return [row["payload"]["text"] for row in rows if row["payload"]["sink"] == "dispatch"]


async def test_who_is_offered_work_and_was_coded_by_nobody_is_asked_about_once(api: Api) -> None:
    """S3-91: once a day, and not where nobody is coded at all."""
    await told_to(api, DAN)
    assert await alerts(api) == []
    await api.ask("wfm:W-1", "PUT /v1/sessions/D-32", {"coded": True})
    await told_to(api, DAN)
    await told_to(api, DAN)
    (text,) = await alerts(api)
    assert text.startswith("D-31 is offered dispatch work, and neither WFM nor a lead coded them")
    await told_to(api, Person("D-32", "dispatcher"))
    assert len(await alerts(api)) == 1


async def test_coded_by_somebody_else_than_wfm_or_a_lead_is_to_be_verified(pool: Pool) -> None:
    """S3-91."""
    async with serving(pool, require_coding=True) as api:
        async with api.pool.acquire() as conn:
            await sessions.code(conn, "D-31", "admin:A-1", NOON, coded=True)
            await sessions.code(conn, "D-32", "lead:L-7", NOON, coded=True)
        assert await told_to(api, DAN)
        assert len(await alerts(api)) == 1


async def test_a_job_is_past_due_once_for_each_promise(api: Api) -> None:
    """S3-26, S3-61: what the gateway should have gone on with five minutes ago."""
    await api.take()
    async with api.pool.acquire() as conn:
        assert (await needs.find_past_due(conn, later(minutes=4))).keys == []
        assert [key.ucn for key in (await needs.find_past_due(conn, later(minutes=6))).keys] == [
            "49000001"
        ]
        assert (await needs.find_past_due(conn, later(minutes=6, seconds=1))).keys == []
        (told_of,) = await needs.after(conn, 0)
    assert (told_of.reason, told_of.kind) == ("past_due", "dispatch")


async def test_numbers_never_begin_anew_for_those_who_listen(pool: Pool) -> None:
    """The newest stays, however old: or a stream would look for it for ever."""
    async with pool.acquire() as conn:
        row = needs.row_of(key_of("1"), None, "held", None, NOON)
        await needs.add(conn, [row, row])
        last = await needs.newest(conn)
        await needs.forget_old(conn, NOON + 2 * needs.KEPT_FOR)
        assert await needs.newest(conn) == await needs.oldest(conn) == last
