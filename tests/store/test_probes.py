"""A test call or text takes what everything takes that goes out, and nobody else's."""

from datetime import timedelta
from uuid import UUID

from gateway.domain.change import CallOut, TextOut
from gateway.store.pool import Pool
from gateway.store.probes import claim, let_go
from gateway.store.rates import Rates
from gateway.store.verdicts import NoToken, PhoneTaken, Stale, Written
from tests.kit.desk import NOON, later

OURS, THEIRS = "+12025550190", "+12025550177"
ONE, TWO = UUID(int=1), UUID(int=2)
UNTIL = later(minutes=2)
FAST = Rates({"call": (OURS,), "text": (OURS,)}, {"call": None, "text": None})


def call(attempt: UUID) -> CallOut:
    return CallOut(attempt, THEIRS, 30, 30, machine=False, deadline=NOON)


def text(attempt: UUID) -> TextOut:
    return TextOut(attempt, THEIRS, "A test", "", 60, NOON)


async def test_a_test_call_has_its_phone_to_itself_until_it_lets_go(pool: Pool) -> None:
    async with pool.acquire() as conn:
        assert await claim(conn, call(ONE), UNTIL, NOON, FAST) == Written(OURS)
        assert await claim(conn, call(TWO), UNTIL, NOON, FAST) == PhoneTaken(THEIRS, UNTIL)
        await let_go(conn, ONE)
        assert await claim(conn, call(TWO), UNTIL, NOON, FAST) == Written(OURS)


async def test_a_test_waits_for_its_turn_of_a_sending_number(pool: Pool) -> None:
    slow = Rates({"text": (OURS,)}, {"text": 1})
    async with pool.acquire() as conn:
        assert await claim(conn, text(ONE), None, NOON, slow) == Written(OURS)
        waits = await claim(conn, text(TWO), None, NOON, slow)
        assert waits == NoToken("text", NOON + timedelta(seconds=1))


async def test_who_opted_out_of_texts_is_sent_no_test(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await conn.execute("insert into phones (phone, opted_out_at) values ($1, $2)", THEIRS, NOON)
        assert await claim(conn, text(ONE), None, NOON, FAST) == Stale()
        assert await claim(conn, call(ONE), UNTIL, NOON, FAST) == Written(OURS)
