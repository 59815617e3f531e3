"""Two daemons on one database: nothing is sent twice, and nobody's phone rings twice at once."""

import itertools
import signal
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from gateway.clock import pause
from tests.kit.programs import Daemon, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account

LEASE_SECONDS = 16


def town(house: RealHouse, door: Daemon, size: int, *, answer_after: str = "0s") -> None:
    """Put accounts 7001, 7002 … with people of their own each, all of whom accept."""
    script = {"calls": [{**ACCEPTS, "answer_after": answer_after}]}
    people: list[str] = []
    for n in range(size):
        document = account(f"{7001 + n}", ring="30s")
        for m, contact in enumerate(document["contacts"].values()):  # type: ignore[attr-defined]
            contact["phone"] = f"+120255{6 + m}{n:04}"
            people.append(contact["phone"])
        door.put(document)
    house.carrier.ask("people", dict.fromkeys(people, script))


def take_all(door: Daemon, accounts: int, each: int) -> list[str]:
    """Take that many messages for each account, as many at once as agents would."""
    orders = [(f"490{n:02}{m:03}", str(7001 + m)) for n in range(each) for m in range(accounts)]
    with ThreadPoolExecutor(8) as agents:
        return list(agents.map(lambda order: door.take(*order), orders))


def open_messages(house: RealHouse) -> int:
    """Return how many messages are not delivered."""
    return int(house.sql("select count(*) as n from messages where state = 'open'")[0]["n"])


def assert_nothing_doubled(house: RealHouse) -> None:
    """Every attempt that was placed stands for one call at the carrier, and every call for one."""
    attempts = house.sql("select sid from attempts where method = 'call' and sid is not null")
    assert len({row["sid"] for row in attempts}) == len(attempts) == len(house.carrier.calls())
    by_phone = defaultdict(list)
    for call in house.carrier.calls():
        by_phone[call["to"]].append((call["at"], call["ended_at"]))
    for calls in by_phone.values():
        calls.sort()
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(calls))


def test_two_hundred_messages_due_at_once_are_each_worked_once(house: RealHouse) -> None:
    first = house.daemon(CALLS_PER_SECOND="500")
    second = house.daemon(CALLS_PER_SECOND="500", PUBLIC_URL=first.url)
    first.start()
    second.start()
    house.carrier.ask("public", {"url": first.url})
    town(house, first, 100)

    taken = take_all(first, 100, 2)

    assert len(taken) == 200
    assert in_time(lambda: not open_messages(house))
    assert_nothing_doubled(house)
    assert len(house.carrier.calls()) == 200
    assert all("decision" in one.process.said() for one in (first, second))


def test_a_daemon_that_was_stopped_past_its_lease_doubles_nothing(house: RealHouse) -> None:
    door = house.daemon(role="web")
    door.start()
    house.carrier.ask("public", {"url": door.url})
    town(house, door, 12, answer_after="1s")
    house.carrier.ask("faults", {"latency": "1s"})
    first = house.daemon(PUBLIC_URL=door.url, CALLS_PER_SECOND="5")
    first.start()
    take_all(door, 12, 1)
    assert in_time(lambda: not house.carrier.quiet())

    first.process.signal(signal.SIGSTOP)
    second = house.daemon(PUBLIC_URL=door.url)
    second.start()
    pause(LEASE_SECONDS)
    first.process.signal(signal.SIGCONT)

    assert in_time(lambda: not open_messages(house))
    assert_nothing_doubled(house)
    assert first.ready()
