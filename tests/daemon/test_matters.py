"""What matters send leaves once at most, whatever fails; their clocks are kept."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from adapters.smtp import Mail
from adapters.wire import Accepted, Answer
from gateway.daemon.carriers import Carriers
from gateway.daemon.duties import Duties
from gateway.daemon.matters import Clocks, Letters
from gateway.daemon.perform import Wires
from gateway.daemon.sending import Sending, by_letter
from gateway.domain.accounts import Account
from gateway.domain.duties import DutyKind
from gateway.domain.matters import Kind, Letter
from gateway.rehearsal.stage import Letterbox
from gateway.store import matters
from gateway.store.duties import Done, Duty
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later
from tests.kit.house import Rig, rig
from tests.kit.street import ANN, BOB
from tests.kit.visits import HERS, VISITS, Visit, hand, opened

TEXT = Letter("on_my_way", "text", ANN, "", "Joe is on his way.")
MAIL = Letter("survey", "email", "ann@northside.example", "How was it?", "Tell us.\n")


def know_visits(one: Rig) -> None:
    """Have the engine see to the tests' own kind of matter."""
    house = one.house
    performer = house.engine._performer  # noqa: SLF001
    sending = Sending(performer.wires, house.desk, performer.pulse)
    ways, chance = {Kind.FIELDJOB: VISITS}, house.outside.chance
    work = {
        DutyKind.MATTER: Clocks(house.desk, ways, chance).ring,
        DutyKind.LETTER: Letters(sending, ways, chance, house.outside.metrics).send,
    }
    house.engine._duties = Duties(house.desk, {DutyKind.COVERAGE: _nothing}, work)  # noqa: SLF001


async def _nothing(_duty: Duty, _account: Account, _now: datetime) -> Done:
    return Done(None)


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    async with pool.acquire() as conn, rig(database, conn) as house:
        know_visits(house)
        yield house


async def arrange(one: Rig, *letters: Letter, due: datetime | None = None) -> None:
    await matters.open_one(one.shelf.conn, VISITS, HERS, opened(*letters, due=due), hand())


async def came(one: Rig) -> tuple[str, ...]:
    found = await matters.find(one.shelf.conn, VISITS, HERS)
    assert found is not None
    assert (await matters.check(one.shelf.conn, HERS))[1] is None
    visit: Visit = found.facts
    return visit.came


async def test_letters_leave_and_their_matter_hears_of_it(one: Rig) -> None:
    await one.shelf.conn.execute(
        "insert into phones (phone, opted_out_at) values ($1, $2)", BOB, NOON
    )
    barred = TEXT._replace(name="to_bob", to=BOB)
    late = MAIL._replace(name="late", until=NOON)
    await arrange(one, TEXT, MAIL, barred, late)
    await one.wind(minutes=1)
    assert [(text.to, text.body) for text in one.carrier.texts] == [(ANN, TEXT.body)]
    mails = one.house.outside.mailer.mails  # type: ignore[union-attr]
    assert [(mail.to, mail.subject, mail.body) for _, mail in mails] == [MAIL[2:5]]
    told = {"on_my_way sent", "survey sent", "to_bob dropped", "late dropped"}
    assert {*await came(one)} == told
    items = await matters.history(one.shelf.conn, HERS)
    assert sorted(item["kind"] for item in items[1:]) == [
        *("fieldjob.letter_dropped", "fieldjob.letter_dropped"),
        *("fieldjob.letter_sent", "fieldjob.letter_sent"),
    ]
    (sent,) = [one for one in items if one["data"].get("letter") == "on_my_way"]
    assert sent["data"]["address"] == "+1******0101"
    assert sent["actor"] == "gateway"
    assert await one.shelf.count("duties") == 0


async def test_only_a_definite_no_is_tried_again(one: Rig) -> None:
    one.goes_wrong("limit", "refuse")
    await arrange(one, TEXT)
    await one.wind(minutes=10)
    assert [text.to for text in one.carrier.texts] == [ANN]
    assert await came(one) == ("on_my_way sent",)
    one.goes_wrong("error_after")
    again = TEXT._replace(name="again")
    await matters.decide(
        one.shelf.conn, VISITS, HERS, lambda _: opened(again), hand(later(minutes=10))
    )
    await one.wind(minutes=10)
    assert len(one.carrier.texts) == 2
    assert await came(one) == ("again unsure",)


async def test_a_clock_rings_when_it_is_due_though_no_account_has_it(one: Rig) -> None:
    await arrange(one, due=later(minutes=30))
    await one.wind(minutes=29)
    await matters.decide(
        one.shelf.conn, VISITS, HERS, lambda _: opened(due=later(hours=1)), hand(later(minutes=29))
    )
    await one.wind(minutes=30)
    assert one.bell.alerts == []
    await one.wind(minutes=1)
    assert [(at, sink, text) for at, sink, text in one.bell.alerts] == [
        (later(hours=1), "lead", "Nobody came")
    ]
    await one.wind(hours=24)
    kinds = [item["kind"] for item in await matters.history(one.shelf.conn, HERS)]
    assert kinds == ["fieldjob.created", "fieldjob.created", "fieldjob.late"]


class DyingWith(Letterbox):
    """Takes an e-mail, and at that very moment our process dies."""

    house: Any = None

    async def send(self, mail: Mail) -> Answer:
        await super().send(mail)
        self.house.kill()
        return Accepted(mail.message_id)


async def test_a_letter_that_was_on_the_wire_when_the_process_died_is_never_sent_again(
    database: str, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        async with rig(database, conn) as first:
            box = DyingWith(first.clock)
            box.house = first.house
            first.house.engine._performer.wires = _with(first, box)  # noqa: SLF001
            know_visits(first)
            await arrange(first, MAIL)
            with suppress(Exception):
                await first.turn()
            assert len(box.mails) == 1
        states = "select state from letters"
        assert await conn.fetchval(states) == "intended"
        async with rig(database, conn) as second:
            know_visits(second)
            await second.wind(minutes=5)
            assert await came(second) == ("survey unsure",)
            assert second.house.outside.mailer.mails == []  # type: ignore[union-attr]
        assert await conn.fetchval(states) == "unsure"


def _with(one: Rig, box: Letterbox) -> Wires:
    return replace(one.house.engine._performer.wires, mailer=box)  # noqa: SLF001


async def test_with_the_simulator_letters_need_no_mail_server() -> None:
    """S0-13, S0-15, S0-16: a hand-off can be walked to its end on a first day."""
    bare = Sending(Wires(Carriers(None), None, None), None, None)  # type: ignore[arg-type]
    assert by_letter(bare, "twilio") is bare
    post = by_letter(bare, "simulator").wires.mailer
    assert post is not None
    mail = Mail("dana@allstate.example", "Hello", "Dana", "<1@x.example>")
    assert await post.send(mail) == Accepted("<1@x.example>")
