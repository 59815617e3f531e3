"""Traces: one span for each step of the street, and none where none are asked for."""

import http.server
import sys
import threading
from collections.abc import Iterator
from io import StringIO

import orjson
import pytest
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gateway.clock import VirtualClock
from gateway.log import set_up
from gateway.store.pool import Pool
from gateway.tracing import TracesError, spans_to, step, trace_id, traced
from tests.kit.desk import NOON
from tests.kit.house import rig
from tests.kit.street import ANN

ACCEPTS = {"answer_after": "4s", "keys": [{"after": "1s", "press": "1"}]}


@pytest.fixture
def kept() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    with spans_to(SimpleSpanProcessor(exporter)):
        yield exporter


def by_name(kept: InMemorySpanExporter) -> dict[str, list[ReadableSpan]]:
    found: dict[str, list[ReadableSpan]] = {}
    for span in kept.get_finished_spans():
        found.setdefault(span.name, []).append(span)
    return found


async def test_each_step_of_the_street_is_a_span_of_one_trace(
    database: str, pool: Pool, kept: InMemorySpanExporter
) -> None:
    async with pool.acquire() as conn, rig(database, conn, {ANN: {"calls": [ACCEPTS]}}) as one:
        await one.shelf.take("49000001")
        await one.wind(seconds=10)
    found = by_name(kept)
    assert {"work", "claim", "plan", "intend", "perform", "record", "webhook"} <= set(found)
    (call,) = [span for span in found["perform"] if span.attributes["kind"] == "CallOut"]
    assert call.attributes["ucn"] == "49000001"
    trace = call.context.trace_id
    for name in ("work", "claim", "plan", "intend", "record"):
        assert trace in {span.context.trace_id for span in found[name]}, name
    webhooks = {span.attributes["kind"] for span in found["webhook"]}
    assert {"answer", "call_status"} <= webhooks
    assert call.attributes["attempt"] in {span.attributes["attempt"] for span in found["webhook"]}
    assert ANN not in str([dict(span.attributes) for span in kept.get_finished_spans()])


def test_a_log_line_names_the_trace_it_belongs_to(kept: InMemorySpanExporter) -> None:
    stream = StringIO()
    set_up("json", "info", VirtualClock(NOON).now, stream)
    log = structlog.get_logger("test")
    with step("claim"):
        within = trace_id()
        log.info("inside")
    log.info("outside")
    inside, outside = map(orjson.loads, stream.getvalue().splitlines())
    assert inside["trace"] == within == f"{kept.get_finished_spans()[0].context.trace_id:032x}"
    assert "trace" not in outside


def test_a_fault_is_named_by_its_kind_and_not_by_its_words(kept: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="leak"), step("plan"):
        raise ValueError("her leaking roof")
    (span,) = kept.get_finished_spans()
    assert dict(span.attributes or {}) == {"fault": "ValueError"}
    assert "leaking" not in span.to_json()


def test_where_none_are_asked_for_nothing_is_made() -> None:
    assert step("claim") is step("plan", jobs=3)
    with traced(None), step("claim"):
        assert trace_id() is None


def test_an_address_without_the_extra_is_a_plain_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(TracesError, match=r"needs dispatchd\[otel\]"), traced("http://127.0.0.1:1"):
        pass


def test_spans_arrive_at_an_otlp_address_over_http() -> None:
    taken: list[tuple[str, bytes]] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/v1/traces"
        with traced(address), step("perform", ucn="49000001"):
            pass
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    ((path, body),) = taken
    assert path == "/v1/traces"
    assert b"perform" in body
    assert b"49000001" in body
