"""Alerts reach people over real HTTP; a dead sink is counted and no secret is ever told."""

import asyncio
import json
import logging
import socket

import pytest

from adapters.alerts import Alerts, unusable
from tests.adapters.stub_carrier import StubCarrier, says

SECRET_PATH = "T0KEN-in-the-path"  # noqa: S105 - opens nothing


def sink(carrier: StubCarrier, path: str = SECRET_PATH) -> str:
    return f"json://user:pa55word@{carrier.url.removeprefix('http://')}/{path}"


async def test_an_alert_reaches_every_url_of_its_sink_and_no_other(carrier: StubCarrier) -> None:
    carrier.will(says(200, {}))
    urls = [sink(carrier, "one"), sink(carrier, "two")]
    alerts = Alerts(dispatch=urls, specials=[], lead=[sink(carrier, "lead")])
    assert await alerts.send("dispatch", "Gap", "Message 49000001 is late <now> & *so*") == 2
    assert sorted(got.path for got in carrier.requests) == ["/one", "/two"]
    assert await alerts.send("specials", "Gap", "nobody listens") == 0
    assert (alerts.count("dispatch"), alerts.count("specials"), alerts.count("lead")) == (2, 0, 1)


async def test_words_arrive_as_they_are_and_a_bare_title_is_sent_too(
    carrier: StubCarrier,
) -> None:
    carrier.will(says(200, {}))
    alerts = Alerts([sink(carrier)], [], [])
    assert await alerts.send("dispatch", "Gap", "Line <one> & *two*") == 1
    assert await alerts.send("dispatch", "Only a title", "") == 1
    told, bare = (json.loads(got.body) for got in carrier.requests)
    assert (told["title"], told["message"]) == ("Gap", "Line <one> & *two*")
    assert "Only a title" in bare["message"]


async def test_what_did_not_take_it_is_not_counted(carrier: StubCarrier) -> None:
    carrier.will(says(500, {}), says(200, {}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"json://127.0.0.1:{free.getsockname()[1]}/x"
        alerts = Alerts([], [], [dead, sink(carrier, "a"), sink(carrier, "b"), "no url at all"])
        assert await alerts.send("lead", "Limit", "reached") == 1


async def test_a_sink_that_never_answers_holds_nobody_up(carrier: StubCarrier) -> None:
    carrier.will(carrier.silence)
    alerts = Alerts([sink(carrier)], [], [], timeout=0.2)
    assert await alerts.send("dispatch", "Gap", "late") == 0
    carrier.ending.set()


def test_what_is_no_notification_url_is_named_by_its_place() -> None:
    assert unusable(["json://127.0.0.1/x", "", "nonsense", "slack://"]) == (2, 3, 4)


async def test_no_url_shows_in_any_log(
    carrier: StubCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    carrier.will(says(200, {}), says(500, {"error": "no"}))
    broken = f"slack://{SECRET_PATH}/pa55word"
    alerts = Alerts([sink(carrier), broken], [], [])
    assert unusable([broken]) == (1,)
    await alerts.send("dispatch", "Gap", "late")
    await alerts.send("dispatch", "Gap", "late")
    # The stub's own access log is not ours.
    told = [one.getMessage() for one in caplog.records if one.name != "aiohttp.access"]
    assert not any(secret in line for line in told for secret in (SECRET_PATH, "pa55word"))


async def test_many_alerts_may_be_under_way_at_once(carrier: StubCarrier) -> None:
    carrier.will(says(200, {}))
    alerts = Alerts([sink(carrier)], [], [])
    took = await asyncio.gather(*(alerts.send("dispatch", "Gap", str(n)) for n in range(10)))
    assert sum(took) == 10
