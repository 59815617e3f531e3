"""A lead restores a number that key 9 suspended; the engine reaches it again from then on."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.kit.api import Api
from tests.kit.desk import NOON

ANN, BOB = "+12025550101", "+12025550102"
RESTORE = f"POST /v1/phones/{ANN}/restore"
SUSPEND = "insert into phones (phone, suspended_at, suspended_for) values ($1, $2, 'wrong_person')"


@pytest.fixture
async def night(api: Api) -> Api:
    """Serve the API while Ann's number is suspended, as it is in two accounts."""
    await api.pool.execute(SUSPEND, ANN, NOON)
    return api


async def first_on_call(api: Api) -> tuple[str, str | None]:
    """Return who is first on call, and why they have no turn."""
    answer = await api.ask("agent", "GET /v1/accounts/7001/oncall")
    line = answer.json()["roster"][0]
    return line["contact"], line.get("skipped")


async def restored(api: Api, ucn: str) -> list[Mapping[str, Any]]:
    """Return what a message's record says of restored numbers."""
    items = (await api.ask("agent", f"GET /v1/messages/{ucn}/history")).json()
    return [item for item in items if item["kind"] == "endpoint.restored"]


async def test_a_restored_number_is_used_again(night: Api) -> None:
    assert await first_on_call(night) == ("ann", "no_address")
    answer = await night.ask("lead:L-7", RESTORE)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "phone": "+1******0101",
            "reason": "wrong_person",
            "restored_by": "lead:L-7",
            "restored_at": "2026-02-02T23:00:00.000000Z",
        },
    )
    assert await first_on_call(night) == ("ann", None)


async def test_each_open_message_of_every_account_with_the_number_has_it_on_record(
    night: Api,
) -> None:
    await night.take("49000001")
    await night.take("49000002", account="7002")
    await night.take("49000003")
    closed = await night.ask("lead", "POST /v1/messages/49000003/deliver", {"evidence": "human"})
    assert closed.status_code == 200
    await night.ask("lead:L-7", RESTORE)
    for ucn in ("49000001", "49000002"):
        (item,) = await restored(night, ucn)
        assert (item["actor"], item["data"]) == ("lead:L-7", {"contact": "ann"})
        whole = await night.ask("lead", f"GET /v1/messages/{ucn}/history/verify")
        assert whole.json()["ok"]
    assert await restored(night, "49000003") == []
    for account in ("7001", "7002"):
        items = (await night.ask("agent", f"GET /v1/accounts/{account}/history")).json()
        assert [(i["kind"], i["actor"]) for i in items] == [("endpoint.restored", "lead:L-7")]


@pytest.mark.parametrize("phone", [BOB, "+12025559999"])
async def test_a_number_that_is_not_suspended_is_not_restored(night: Api, phone: str) -> None:
    answer = await night.ask("lead", f"POST /v1/phones/{phone}/restore")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_suspended")
    assert phone not in answer.text


async def test_an_opt_out_stays(night: Api) -> None:
    await night.pool.execute("update phones set opted_out_at = $1", NOON)
    assert (await night.ask("lead", RESTORE)).status_code == 200
    assert await night.pool.fetchval("select opted_out_at from phones") == NOON
    assert (await night.ask("lead", RESTORE)).status_code == 404


async def test_a_repeat_under_one_key_gets_the_first_answer_and_is_told_once(night: Api) -> None:
    await night.take()
    key = {"Idempotency-Key": "k-1"}
    first, again = [await night.ask("lead:L-7", RESTORE, headers=key) for _ in range(2)]
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await restored(night, "49000001")) == 1
    other = await night.ask("lead:L-7", f"POST /v1/phones/{BOB}/restore", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize(("key", "codes"), [("k-2", [200, 200]), (None, [200, 404])])
async def test_of_two_at_one_time_one_restores_it(
    night: Api, key: str | None, codes: list[int]
) -> None:
    await night.take()
    headers = {"Idempotency-Key": key} if key else None
    both = [night.ask("lead:L-7", RESTORE, headers=headers) for _ in range(2)]
    answers = await asyncio.gather(*both)
    assert sorted(one.status_code for one in answers) == codes
    assert len(await restored(night, "49000001")) == 1


async def test_who_does_not_lead_restores_nothing(night: Api) -> None:
    assert (await night.ask("dispatcher", RESTORE)).status_code == 403
    assert await first_on_call(night) == ("ann", "no_address")
