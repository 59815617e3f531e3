"""Sessions on one process hear within two seconds what another one wrote (S3-61)."""

import signal

from gateway.clock import SystemClock, pause
from tests.kit.processes import LOOK_SECONDS
from tests.kit.programs import ADMIN, Daemon, in_time
from tests.kit.real_house import RealHouse, account
from tests.kit.sse import Listener, events_of

NOBODY: dict[str, object] = {"contacts": {}, "schedules": [], "permanent": [], "protocols": []}
SOON = 2.0


def web(house: RealHouse) -> Daemon:
    """Start a process that only answers, beside one that only works."""
    door = house.daemon(role="web")
    door.start()
    house.carrier.ask("public", {"url": door.url})
    door.put({**account(), **NOBODY})
    works = house.daemon(role="engine", PUBLIC_URL=door.url)
    works.process.start()
    return door


def listening(door: Daemon, **headers: str) -> Listener:
    one = Listener(door.url, ADMIN, headers).start()
    assert in_time(lambda: "retry" in one.said)
    return one


def seconds_until(said: Listener, reason: str) -> float:
    """Return how long it takes until a reason is heard."""
    clock = SystemClock()
    began = clock.monotonic()
    while reason not in said.reasons():
        assert clock.monotonic() - began < 20, said.said
        pause(LOOK_SECONDS)
    return clock.monotonic() - began


def test_a_session_hears_what_another_process_could_not_do(house: RealHouse) -> None:
    """S3-61: nobody is on call, the engine holds the job, the session on the web side hears it."""
    door = web(house)
    door.take("49000001")
    assert in_time(lambda: "job.held" in door.kinds("49000001"))
    one = listening(door)

    door.take("49000002")
    assert in_time(lambda: "job.held" in door.kinds("49000002"))
    assert seconds_until(one, "held") < SOON

    (event,) = events_of(one.said)
    assert (event["ucn"], event["why"], event["kind"]) == ("49000002", "blank", "dispatch")
    again = listening(door, **{"Last-Event-ID": str(event["id"] - 1)})
    assert seconds_until(again, "held") < SOON


def test_a_process_that_ends_waits_for_no_listener(house: RealHouse) -> None:
    door = web(house)
    one = listening(door)
    clock = SystemClock()
    began = clock.monotonic()

    door.process.signal(signal.SIGTERM)

    assert door.process.wait() == 0
    assert clock.monotonic() - began < 10
    assert in_time(lambda: one.ended)
