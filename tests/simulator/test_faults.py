"""What goes wrong when asked, goes wrong exactly so."""

from datetime import timedelta

import pytest

from adapters.simulator.control import ControlError, control, set_faults
from adapters.simulator.faults import Fault, Faults
from tests.simulator.desk import ANN, OURS, PUBLIC, START, Line, Seen, gather, line

TEXT = (("To", ANN), ("From", OURS), ("Body", "Hello"))


def left(street: Line) -> list[str]:
    return [text.body for text in street.carrier.texts]


async def test_a_limit_refuses_before_anything_is_done() -> None:
    street = line()
    street.carrier.faults.queue.append(Fault("limit", retry_after=9))
    target = f"/2010-04-01/Accounts/{street.carrier.account_sid}/Messages.json"
    status, headers, _ = await street.carrier.handle("POST", target, {}, b"")
    assert (status, headers["Retry-After"]) == (429, "9")


def test_a_carrier_may_be_slow_about_calls_alone() -> None:
    slow = Faults(latency=timedelta(seconds=30))
    assert slow.delay("/2010-04-01/Accounts/AC1/Messages.json") == timedelta(seconds=30)
    slow.slow_calls_only = True
    assert slow.delay("/2010-04-01/Accounts/AC1/Messages.json") == timedelta()
    assert slow.delay("/2010-04-01/Accounts/AC1/Calls.json?To=1") == timedelta(seconds=30)


async def test_an_error_comes_before_or_after_accepting() -> None:
    street = line()
    street.carrier.faults.queue.extend([Fault("error_before"), Fault("error_after")])
    results = [await street.post("Messages", *TEXT)]
    assert left(street) == []
    results.append(await street.post("Messages", *TEXT))
    assert left(street) == ["Hello"]
    assert [(status, shape["code"]) for status, shape in results] == [(500, 20500), (500, 20500)]


async def test_a_connection_is_refused_or_breaks_after_accepting() -> None:
    street = line()
    street.carrier.faults.queue.extend([Fault("refuse"), Fault("drop")])
    with pytest.raises(ConnectionRefusedError):
        await street.post("Messages", *TEXT)
    assert left(street) == []
    with pytest.raises(ConnectionResetError):
        await street.post("Messages", *TEXT)
    assert left(street) == ["Hello"]


async def test_while_down_errors_and_refusals_take_turns_and_calls_go_on() -> None:
    street = line()
    await street.call()
    street.carrier.faults.down_until = START + timedelta(minutes=5)
    status, _ = await street.get("Calls.json")
    assert status == 500
    with pytest.raises(ConnectionRefusedError):
        await street.get("Calls.json")
    await street.run(300)
    assert street.desk.statuses()[-1] == (25, "no-answer")
    status, _ = await street.get("Calls.json")
    assert status == 200


async def test_lost_callbacks_are_status_and_machine_detection_only() -> None:
    keys = [{"after": "1s", "press": "1"}]
    street = line({ANN: {"calls": [{"answer_after": "5s", "keys": keys}]}})
    street.desk.routes["/answer"] = gather()
    street.carrier.faults.lose_callbacks_until = START + timedelta(minutes=5)
    await street.call(
        MachineDetection="Enable", AsyncAmd="true", AsyncAmdStatusCallback=f"{PUBLIC}/machine"
    )
    await street.carrier.text_from(ANN, "Hello", to=OURS)
    await street.run()
    assert [seen.path for seen in street.desk.seen] == ["/twilio/sms", "/answer?a=1", "/key"]


async def test_callbacks_come_twice_late_or_in_disorder() -> None:
    street = line()
    street.carrier.faults.doubled = 1
    await street.call()
    await street.run()
    assert [word for _, word in street.desk.statuses()][:4] == ["initiated"] * 2 + ["ringing"] * 2
    assert len({s.headers["I-Twilio-Idempotency-Token"] for s in street.desk.seen}) == 6

    street = line()
    street.carrier.faults.late = 1
    await street.call()
    await street.run()
    assert street.desk.statuses() == [(30, "initiated"), (30, "ringing"), (55, "no-answer")]

    street = line()
    street.carrier.faults.disordered = 1
    await street.call()
    await street.run()
    assert street.desk.statuses() == [(2, "ringing"), (2, "initiated"), (27, "no-answer")]


async def test_the_first_callbacks_come_before_the_201() -> None:
    street = line()
    street.carrier.faults.early = True
    sid = await street.call()
    assert [seen["CallSid"] for seen in street.desk.seen] == [sid, sid]


async def test_a_forged_webhook_does_not_verify() -> None:
    street = line()
    street.carrier.faults.forged = True
    await street.call()
    with pytest.raises(AssertionError):
        await street.run()


async def test_a_webhook_is_repeated_as_its_fragment_says_with_one_token() -> None:
    street = line()
    street.desk.routes["/status"] = (503, "away")
    await street.call(
        StatusCallback=f"{PUBLIC}/status#rc=3&rp=5xx", StatusCallbackEvent=["completed"]
    )
    await street.run()
    assert [seen.path for seen in street.desk.seen] == ["/status"] * 4
    assert len({s.headers["I-Twilio-Idempotency-Token"] for s in street.desk.seen}) == 1


@pytest.mark.parametrize(
    ("fragment", "fault", "times"),
    [
        ("", ConnectionRefusedError(), 2),
        ("", (500, "oops"), 1),
        ("", TimeoutError(), 1),
        ("#rc=0", ConnectionRefusedError(), 1),
        ("#rc=9&rp=all", ConnectionResetError(), 6),
        ("#rc=2&rp=4xx,rt", (404, "gone"), 3),
    ],
)
async def test_retries_follow_the_vendors_rules(fragment: str, fault: object, times: int) -> None:
    street = line()
    street.desk.routes["/status"] = fault
    await street.call(StatusCallback=f"{PUBLIC}/status{fragment}", StatusCallbackEvent="completed")
    await street.run()
    assert len(street.desk.seen) == times


async def test_a_get_callback_is_signed_over_its_query() -> None:
    street = line()
    await street.call(StatusCallbackMethod="GET", StatusCallbackEvent="completed")
    await street.run()
    (seen,) = street.desk.seen
    assert (seen.method, seen["a"], seen["CallStatus"]) == ("GET", "1", "no-answer")


async def test_chance_is_the_same_for_one_seed() -> None:
    async def luck(seed: int) -> list[int]:
        street = line(seed=seed)
        street.carrier.faults.rates = {"limit": 0.5}
        return [(await street.post("Messages", *TEXT))[0] for _ in range(20)]

    assert await luck(1) == await luck(1) != await luck(2)


async def test_our_answer_to_a_callback_may_ask_the_carrier_for_more() -> None:
    street = line()

    async def write(seen: Seen) -> str:
        if seen["CallSid"]:
            await street.text(f"Re {seen['CallStatus']}")
        return ""

    street.desk.routes["/status"] = write
    await street.call(StatusCallbackEvent=["initiated", "completed"])
    await street.run()
    assert left(street) == ["Re initiated", "Re no-answer"]


async def test_the_control_api_sets_and_clears() -> None:
    carrier = line().carrier
    await control(carrier, "people", {ANN: {"calls": [{"busy": True}]}})
    await control(carrier, "faults", {"down_for": "5m", "lost": 0.5, "rates": {"drop": 1}})
    faults = carrier.faults
    assert faults.down_until == START + timedelta(minutes=5)
    assert (faults.lost, faults.rates) == (0.5, {"drop": 1})
    set_faults(faults, {"clear": True, "early": True}, START)
    assert (faults.down_until, faults.lost, faults.rates, faults.early) == (None, 0, {}, True)
    assert (await control(carrier, "state", {}))["quiet"] is True


@pytest.mark.parametrize(
    ("what", "wanted", "words"),
    [
        ("faults", {"lost": 2}, "probability"),
        ("faults", {"latency": "soon"}, "duration"),
        ("faults", {"queue": [{"kind": "fire"}]}, "kind is one of"),
        ("faults", {"early": 1}, "true or false"),
        ("people", {ANN: {"calls": [{}]}}, "exactly one"),
        ("text", {"from": ANN}, "body is missing"),
        ("link", {"phone": ANN}, "no secure link"),
        ("dance", {}, "no control called dance"),
    ],
)
async def test_the_control_api_says_what_is_wrong(what: str, wanted: dict, words: str) -> None:
    with pytest.raises(ControlError, match=words):
        await control(line().carrier, what, wanted)
