"""Nothing of a message that is to be disregarded goes out, however late that is said."""

from typing import Any

import pytest

from adapters.web_posts import WebAnswer, WebPost
from adapters.wire import Accepted
from gateway.daemon.deliveries import DeliveryRecords
from gateway.domain.deliveries import Delivery
from gateway.domain.messages import MessageState
from gateway.domain.state import State
from gateway.store import tokens
from gateway.store.pool import Pool
from tests.kit.desk import NOON, TEXT, document
from tests.kit.house import Rig, rig

UCN = "49000001"
COPY = {"email": "office@northside.example", "on": "taken"}
POST = {"post": "https://post.example/lead", "fields": {"Text": "text"}, "name": "lead"}


class Sent:
    """A mail server and a client's side, which note that something came."""

    def __init__(self) -> None:
        self.many = 0

    async def send(self, _mail: object) -> Accepted:
        self.many += 1
        return Accepted("m-1")

    async def post(self, _one: WebPost) -> WebAnswer:
        self.many += 1
        return WebAnswer(200, "ok")


@pytest.mark.parametrize("wanted", [COPY, POST])
@pytest.mark.parametrize("late", [False, True])
async def test_nothing_of_it_goes_out_even_if_it_is_said_just_before_the_intent(
    database: str,
    pool: Pool,
    wanted: dict[str, Any],
    late: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = Sent()
    outside = {"mailer": sent, "poster": sent}
    async with (
        pool.acquire() as conn,
        rig(database, conn, None, document(deliveries=[wanted]), outside=outside) as one,
    ):
        await take(one)
        await disregard(one)
        if late:  # what was read of the message before is out of date
            reads = DeliveryRecords.state

            async def before(records: DeliveryRecords, of: Delivery) -> State | None:
                state = await reads(records, of)
                assert state is not None
                return state._replace(message=state.message._replace(state=MessageState.OPEN))

            monkeypatch.setattr(DeliveryRecords, "state", before)
        await one.wind(minutes=5)
        rows = await conn.fetch("select state, reason from deliveries")
        assert [tuple(row) for row in rows] == [("dropped", "canceled")]
        assert sent.many == 0


async def take(one: Rig) -> None:
    body: dict[str, Any] = {"account": "7001", "ucn": UCN, "priority": "routine", "text": TEXT}
    body |= {"taken_by": "agent:1204", "caller": {"name": "Jo Dole"}}
    token = await tokens.create(one.shelf.conn, "A-1", "agent", NOON)
    status, answer = await one.front.json("POST", "/v1/messages", token, body)
    assert status == 201, answer


async def disregard(one: Rig) -> None:
    body = {"text": "A test.", "directive": "disregard"}
    token = await tokens.create(one.shelf.conn, "L-7", "lead", NOON)
    status, answer = await one.front.json("POST", f"/v1/messages/{UCN}/annotations", token, body)
    assert status in {200, 201}, answer
