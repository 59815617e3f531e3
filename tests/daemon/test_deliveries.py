"""Deliveries leave once at most: the intent is committed first, and only a definite no repeats."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from adapters.smtp import Mail
from adapters.web_posts import WebAnswer, WebPost
from adapters.wire import Accepted, Answer, Broken, NotSent, Refused, Unsure
from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.taking import take as draw_up
from gateway.store import messages, tokens
from gateway.store.deliveries import KEPT
from gateway.store.pool import Pool
from tests.kit.desk import NOON, TEXT, Dice, document, intake
from tests.kit.house import Rig, rig

UCN = "49000001"
COPY = {"email": "office@northside.example", "on": "taken"}
URL = "https://post.example/lead"
POST = {"post": URL, "fields": {"Name": "caller.name", "Text": "text"}, "name": "lead"}
LATER = Refused(451, "SMTP 451: later", again=True, ours=False)
NEVER = Refused(550, "SMTP 550: no such box", again=False, ours=False)
NOBODY = "update jobs set state = 'completed', due_at = null, next_at = null"
TOOK = ("email.sent", "email.accepted")
Open = Callable[..., Awaitable[Rig]]


class Mails:
    """A mail server with a script; the last answer repeats."""

    def __init__(self, *answers: Answer | type[BaseException]) -> None:
        self.answers = list(answers)
        self.taken: list[Mail] = []

    async def send(self, mail: Mail) -> Answer:
        self.taken.append(mail)
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, type):
            raise said
        return said


class Site:
    """A client's side with a script; the last answer repeats."""

    def __init__(self, *answers: int | WebAnswer | Exception) -> None:
        self.answers = list(answers)
        self.taken: list[WebPost] = []

    async def post(self, one: WebPost) -> WebAnswer:
        self.taken.append(one)
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, Exception):
            raise said
        return WebAnswer(said, "ok") if isinstance(said, int) else said


@pytest.fixture
async def opened(database: str, pool: Pool) -> AsyncIterator[Open]:
    """Open a house whose mail server or client's side is the test's own."""
    async with AsyncExitStack() as stack, pool.acquire() as conn:

        async def open_one(*asked: dict[str, Any], **outside: object) -> Rig:
            return await stack.enter_async_context(
                rig(database, conn, None, plan(asked), outside=outside)
            )

        yield open_one


def plan(asked: Sequence[dict[str, Any]]) -> AccountDocument:
    return document(deliveries=list(asked))


async def take(one: Rig, ucn: str = UCN, account: str = "7001") -> None:
    """Take a message as the API does."""
    body: dict[str, Any] = {"account": account, "ucn": ucn, "priority": "routine", "text": TEXT}
    body |= {"taken_by": "agent:1204", "caller": {"name": "Jo Dole"}}
    token = await tokens.create(one.shelf.conn, f"A-{ucn}", "agent", NOON)
    status, answer = await one.front.json("POST", "/v1/messages", token, body)
    assert status == 201, answer


async def take_for_nobody(one: Rig) -> None:
    """Take a message that nobody is called about, so that a day passes without their phones."""
    await take(one)
    await one.shelf.conn.execute(NOBODY)


async def record(one: Rig, prefix: str) -> list[str]:
    return [kind for kind in await one.kinds(UCN) if kind.startswith(prefix)]


async def states(one: Rig) -> list[tuple[str, str | None]]:
    rows = await one.shelf.conn.fetch("select state, reason from deliveries order by name")
    return [tuple(row) for row in rows]


async def test_a_copy_that_was_refused_for_now_goes_out_again(opened: Open) -> None:
    mails = Mails(LATER, Accepted("m-1"))
    one = await opened(COPY, mailer=mails)
    await take(one)
    await one.turn()
    assert await states(one) == [("waiting", "SMTP 451: later")]
    await one.wind(seconds=29)
    assert len(mails.taken) == 1
    await one.wind(minutes=2)
    assert len({mail.message_id for mail in mails.taken}) == 1
    assert await record(one, "email.") == ["email.sent", "email.failed", *TOOK]
    assert await states(one) == [("sent", None)]


@pytest.mark.parametrize("answer", [Unsure("silence"), NEVER])
async def test_a_copy_whose_fate_is_unknown_or_final_is_never_repeated(
    opened: Open, answer: Answer
) -> None:
    mails = Mails(answer)
    one = await opened(COPY, mailer=mails)
    await take_for_nobody(one)
    await one.wind(hours=4)
    assert len(mails.taken) == 1
    alerts = [text for _, sink, text in one.bell.alerts if sink == "dispatch"]
    assert [text for text in alerts if "copy" in text and UCN in text]
    assert TEXT not in str(alerts)


async def test_a_copy_that_is_always_put_off_is_given_up(opened: Open) -> None:
    mails = Mails(LATER)
    one = await opened(COPY, mailer=mails)
    await take_for_nobody(one)
    await one.wind(hours=12)
    assert len(mails.taken) == 8
    assert await states(one) == [("failed", "SMTP 451: later")]


async def test_a_copy_is_no_evidence_and_no_turn(opened: Open) -> None:
    one = await opened(COPY, mailer=Mails(Accepted("m-1")))
    await take(one)
    await one.turn()
    row = await one.shelf.conn.fetchrow("select state, evidence, sent from messages")
    assert tuple(row) == ("open", None, True)  # the call to Ann is on the wire, too
    assert (
        await one.shelf.conn.fetchval("select count(*) from attempts where method = 'email'") == 0
    )


async def test_what_was_on_the_wire_when_its_process_died_is_not_repeated(opened: Open) -> None:
    """S3-56: the intent is committed before the request; a post goes to a person then."""
    site, mails = Site(200), Mails(Accepted("m"))
    one = await opened(COPY, POST, mailer=mails, poster=site)
    await take(one)
    await one.shelf.conn.execute("update deliveries set state = 'intended', version = 1")
    await one.turn()
    assert (site.taken, mails.taken) == ([], [])
    assert await states(one) == [("unsure", "process_died")] * 2
    assert "review.opened" in await one.kinds(UCN)


async def test_two_daemons_send_everything_once(opened: Open, database: str, pool: Pool) -> None:
    site, mails = Site(200), Mails(Accepted("m"))
    one = await opened(COPY, POST, mailer=mails, poster=site)
    outside = {"mailer": mails, "poster": site}
    async with (
        pool.acquire() as conn,
        rig(database, conn, None, plan([COPY, POST]), outside=outside) as other,
    ):
        await take(one)
        now = one.clock.now()
        await asyncio.gather(*(each.house.engine.turn(now, sweep=True) for each in (one, other)))
        await one.house.engine.settle()
        await other.house.engine.settle()
        assert (len(site.taken), len(mails.taken)) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "idempotent", "times"),
    [
        (NotSent("refused"), False, 8),
        (429, False, 8),
        (Broken("silence"), False, 1),
        (Broken("silence"), True, 8),
        (500, False, 1),
        (500, True, 8),
        (400, True, 1),
        (302, True, 1),
        (WebAnswer(200, "error"), True, 1),
    ],
)
async def test_a_post_is_repeated_only_where_that_does_no_harm(
    opened: Open, answer: int | WebAnswer | Exception, idempotent: bool, times: int
) -> None:
    """S3-56: a definite no is tried again; an unknown fate where the client tells repeats."""
    site = Site(answer)
    one = await opened({**POST, "idempotent": idempotent, "accept": "ok"}, poster=site)
    await take_for_nobody(one)
    await one.wind(hours=6)
    assert len(site.taken) == times
    assert len({post.key for post in site.taken}) == 1
    assert (await states(one))[0][0] in {"failed", "unsure"}
    assert "post.accepted" not in await one.kinds(UCN)


async def test_a_client_that_hangs_does_not_take_all_places(opened: Open) -> None:
    gate = asyncio.Event()

    class Hanging(Site):
        async def post(self, one: WebPost) -> WebAnswer:
            self.taken.append(one)
            await gate.wait()
            return WebAnswer(200, "ok")

    site, mails = Hanging(200), Mails(Accepted("m"))
    one = await opened(COPY, POST, mailer=mails, poster=site)
    for number in range(1, 7):
        await take(one, f"4900000{number}")
    async with asyncio.timeout(30):
        while len(mails.taken) < 6 or len(site.taken) < 2:
            await one.house.engine.turn(one.clock.now(), sweep=True)
    for _ in range(24):
        one.clock.set(one.clock.now() + timedelta(seconds=5))
        await one.house.engine.turn(one.clock.now(), sweep=True)
    assert len(site.taken) == 2
    # Whoever waits is not looked at every few seconds.
    turns = "select max(fence) from duties where kind = 'delivery'"
    assert await one.shelf.conn.fetchval(turns) <= 5
    gate.set()
    await one.wind(minutes=5)
    assert len(site.taken) == 6


async def test_nothing_of_a_message_is_in_what_is_kept_of_a_post(opened: Open) -> None:
    """S3-57: values are erasable words; facts and rows name fields, characters and places."""
    one = await opened({**POST, "allow": "[a-z]"}, poster=Site(200))
    await take(one)
    await one.turn()
    kept = await one.shelf.conn.fetch("select deliveries::text as row from deliveries")
    kept += await one.shelf.conn.fetch("select item as row from history_items")
    assert await states(one) == [("blocked", "characters")]
    for row in kept:
        assert "Dole" not in row["row"]
        assert "heat" not in row["row"]


async def test_an_erased_message_is_not_posted(opened: Open) -> None:
    site = Site(200)
    one = await opened(COPY, POST, poster=site)
    await take(one)
    await one.shelf.conn.execute("delete from message_words")
    await one.turn()
    assert site.taken == []
    assert await states(one) == [("dropped", "message_erased")] * 2


async def test_a_digest_that_fails_stands_in_the_accounts_record(opened: Open) -> None:
    mails = Mails(LATER, Accepted("m"))
    digest = {"email": "boss@northside.example", "digest": "20:00"}
    one = await opened(digest, mailer=mails)
    await take_for_nobody(one)
    await one.wind(hours=3)
    assert [mail.to for mail in mails.taken] == ["boss@northside.example"] * 2
    assert UCN in mails.taken[0].body
    rows = await one.shelf.conn.fetch("select kind, data from account_items order by at, place")
    assert [row["kind"] for row in rows] == ["email.sent", "email.failed", *TOOK]
    assert {row["data"]["address"] for row in rows} == {"b***@northside.example"}
    # The next day there is nothing to tell.
    await one.wind(hours=24)
    assert len(mails.taken) == 2


async def test_what_is_entered_late_stands_in_the_digest_of_when_it_came(opened: Open) -> None:
    mails = Mails(Accepted("m"))
    one = await opened({"email": "boss@northside.example", "digest": "20:00"}, mailer=mails)
    await take_for_nobody(one)
    await one.wind(hours=3)
    late = draw_up(intake(), "49000009", compile_account(document()), one.clock.now(), Dice(9))
    assert await messages.take_all(one.shelf.conn, [late])
    await one.shelf.conn.execute(NOBODY)
    await one.wind(hours=24)
    assert ["49000009" in mail.body for mail in mails.taken] == [False, True]


async def test_what_is_long_over_is_forgotten_with_the_daily_work(opened: Open) -> None:
    one = await opened(COPY)
    await take(one)
    await one.turn()
    count = "select count(*) from deliveries"
    aged = "update deliveries set created_at = created_at - $1::interval"
    await one.shelf.conn.execute(aged, KEPT)
    await one.wind(seconds=1)
    assert await one.shelf.conn.fetchval(count) == 1
    due = "update duties set next_at = $1 where kind = 'coverage'"
    await one.shelf.conn.execute(due, one.clock.now())
    await one.turn()
    assert await one.shelf.conn.fetchval(count) == 0
