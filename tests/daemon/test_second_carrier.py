"""A second carrier: it takes over by health, with its own number, and is asked about its own."""

from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.simulator.faults import Fault
from adapters.simulator.signing import sign
from gateway.daemon.carriers import SIMULATED_NUMBERS
from gateway.domain.messages import Priority
from gateway.rehearsal.stage import PUBLIC_URL
from gateway.store.pool import Pool
from tests.kit.desk import document, later
from tests.kit.house import SECOND, Rig, rig
from tests.kit.street import ANN, roster, shift

OURS, THEIRS = SIMULATED_NUMBERS[0], SECOND["second_from"]
UCNS = [f"4900000{n}" for n in range(9)]
ACCEPTS = {"answer_after": "2s", "keys": [{"after": f"{n}s", "press": "1"} for n in (1, 9, 17)]}
RINGS = {"calls": [{"no_answer": True}], "texts": [{"delivered_after": "1s"}]}


@pytest.fixture
async def one(database: str, pool: Pool) -> AsyncIterator[Rig]:
    """Nine accounts with an Ann of their own each, who accepts by whichever carrier."""
    phones = [f"+1202555{n:04}" for n in range(len(UCNS))]
    accounts = [
        document(
            f"70{n:02}",
            contacts={"ann": {"name": "Ann", "phone": phone}},
            permanent=[],
            **roster(shift("ann")),
        )
        for n, phone in enumerate(phones)
    ]
    people = {phone: {"calls": [ACCEPTS]} for phone in phones}
    fast = {"calls_per_second": 1e9, "texts_per_second": 1e9}
    async with (
        pool.acquire() as conn,
        rig(database, conn, people, *accounts, settings=fast, second=True) as opened,
    ):
        yield opened


async def take(one: Rig, numbers: Sequence[int], priority: Priority = Priority.URGENT) -> None:
    for n in numbers:
        await one.shelf.take(UCNS[n], f"70{n:02}", priority)


async def senders(one: Rig) -> list[str]:
    rows = await one.shelf.conn.fetch("select sender from attempts order by started_at, ucn")
    return [row["sender"] for row in rows]


async def delivered(one: Rig) -> int:
    query = "select count(*) from messages where state = 'delivered'"
    return int(await one.shelf.conn.fetchval(query))


async def test_while_the_first_is_sound_the_second_is_not_used(one: Rig) -> None:
    await take(one, range(3))
    await one.wind(minutes=1)
    assert await senders(one) == [OURS] * 3
    assert one.second is not None
    assert one.second.calls == []


async def test_the_second_takes_over_with_its_own_number_and_all_is_delivered(one: Rig) -> None:
    one.carrier.faults.down_until = later(hours=2)
    await take(one, range(5))
    await one.turn()
    await take(one, range(5, 9))
    await one.wind(minutes=17)
    assert await delivered(one) == 9
    assert one.carrier.calls == []
    assert one.second is not None
    dialed = [call.to for call in one.second.calls]
    assert len(dialed) == len({*dialed}) == 9
    assert {call.from_ for call in one.second.calls} == {THEIRS}


async def test_the_first_is_used_again_as_soon_as_a_probe_finds_it_well(one: Rig) -> None:
    one.carrier.faults.queue.extend([Fault("error_before")] * 5)
    await take(one, range(5))
    await one.turn()
    await one.wind(seconds=6)
    await take(one, [5], Priority.ROUTINE)
    await one.wind(seconds=10)
    await take(one, [6])
    await one.wind(seconds=10)
    assert (await senders(one))[5:] == [OURS, OURS]


async def test_no_urgent_message_finds_out_what_a_carrier_that_answers_pings_does_with_calls(
    one: Rig,
) -> None:
    one.carrier.faults.queue.extend([Fault("error_before")] * 9)
    await take(one, range(5))
    await one.turn()
    await one.wind(seconds=6)
    await take(one, [5], Priority.EMERGENCY)
    await take(one, [6])
    await one.wind(seconds=20)
    await take(one, [7], Priority.EMERGENCY)
    await one.wind(seconds=1)
    assert (await senders(one))[5:] == [THEIRS] * 3
    await take(one, [8], Priority.ROUTINE)
    await one.wind(seconds=1)
    assert (await senders(one))[8:] == [OURS]


async def test_what_is_written_besides_a_probe_that_cannot_be_is_begun_all_the_same(
    one: Rig,
) -> None:
    one.carrier.faults.queue.extend([Fault("error_before")] * 5)
    await take(one, range(5))
    await one.turn()
    await one.wind(seconds=6)
    await one.shelf.conn.execute(
        f"alter table attempts add check (sender <> '{OURS}' or ucn < '{UCNS[5]}') not valid"
    )
    await take(one, [5, 6], Priority.ROUTINE)
    await one.wind(seconds=1)
    assert (await senders(one))[5:] == [THEIRS] * 2
    assert one.second is not None
    assert len(one.second.calls) == 2


async def test_a_call_in_doubt_is_looked_for_at_the_carrier_it_went_to(one: Rig) -> None:
    assert one.second is not None
    one.carrier.faults.down_until = later(hours=2)
    await take(one, range(5))
    await one.turn()
    one.second.faults.queue.append(Fault("drop"))
    one.second.people.by_phone.clear()
    one.second.faults.lose_callbacks_until = later(minutes=5)
    await take(one, [7])
    await one.wind(seconds=40)
    kinds = await one.kinds(UCNS[7])
    assert "dial.adopted" in kinds
    assert "dial.lost" not in kinds
    assert len([call for call in one.second.calls if call.to.endswith("0007")]) == 1


async def post(one: Rig, path: str, form: dict[str, str], key: str) -> int:
    """Send a webhook signed with a key; return the status of the answer."""
    url = f"{PUBLIC_URL}{path}"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-SignalWire-Signature": sign(key, url, list(form.items())),
    }
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in form.items())
    status, _ = await one.front.deliver("POST", url, headers, body.encode())
    return status


async def test_each_carrier_is_believed_about_its_own_attempts_and_numbers_only(one: Rig) -> None:
    await take(one, [0])
    one.carrier.people.by_phone.clear()
    await one.turn()
    attempt, sid = (await one.shelf.conn.fetch("select id, sid from attempts"))[0]
    path = f"/twilio/call/{attempt}/status"
    form = {"CallSid": sid, "CallStatus": "busy"}
    key = SECOND["second_signing_keys"]
    assert await post(one, path, form, key) == 403
    text = {"MessageSid": "SM1", "From": ANN, "To": OURS, "Body": "STOP"}
    assert await post(one, "/twilio/sms", text, key) == 403
    assert await post(one, "/twilio/sms", {**text, "To": THEIRS}, "simulated") == 403
    assert await post(one, "/twilio/sms", {**text, "To": THEIRS}, "forged") == 403
    assert await post(one, "/twilio/sms", {**text, "To": THEIRS}, key) == 200
    assert await post(one, path, form, "simulated") == 200
    assert "dial.busy" in await one.kinds(UCNS[0])


async def test_who_rings_up_the_second_carriers_number_accepts_by_key(one: Rig) -> None:
    await take(one, [0])
    one.carrier.people.by_phone.clear()
    await one.turn()
    call, key = {"CallSid": "CA9", "From": "+12025550000", "To": THEIRS}, "simulated"
    assert await post(one, "/twilio/voice", call, key) == 403
    key = SECOND["second_signing_keys"]
    assert await post(one, "/twilio/voice", call, key) == 200
    query = "select id, step from attempts where method = 'inbound'"
    (attempt,) = await one.shelf.conn.fetch(query)
    path = f"/twilio/call/{attempt['id']}/key?step={attempt['step']}"
    pressed = {**call, "Digits": "1"}
    assert await post(one, path, pressed, "simulated") == 403
    assert await post(one, path, pressed, key) == 200
    (heard,) = await one.shelf.conn.fetch(query)
    assert heard["step"] > attempt["step"]
