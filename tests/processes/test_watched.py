"""What Prometheus and Grafana ask for is what a running daemon shows."""

import http.server
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from gateway.metrics import build_metrics
from tests.deploy.watching import named, panel_queries, rules
from tests.kit.programs import Daemon, free_port, in_time
from tests.kit.real_house import ACCEPTS, RealHouse

SAMPLES = {
    "counter": ["_total"],
    "histogram": ["_bucket", "_count", "_sum"],
    "gauge": ["", "_info"],
}


def shown(text: str) -> dict[str, set[str]]:
    """Return the samples that a process promises, with their labels where any was seen."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for ending in SAMPLES[family.type]:
            found[family.name + ending] = labels_of(family, ending)
    return found


def labels_of(family: Metric, ending: str) -> set[str]:
    """Return the labels of a family: those of its samples, or those it was declared with."""
    seen = [set(one.labels) for one in family.samples if one.name == family.name + ending]
    name = family.name.removeprefix("dispatchd_")
    metrics = build_metrics()
    collector = getattr(metrics, f"{name}_total", None) or getattr(metrics, name, None)
    return set(getattr(collector, "_labelnames", ())).union(*seen)


def metrics(daemon: Daemon) -> str:
    """Read a daemon's metrics."""
    return httpx.get(f"{daemon.url}/metrics", trust_env=False, timeout=20).text


def test_every_metric_that_is_asked_for_is_there_with_its_labels(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.people(ann={"calls": [ACCEPTS]})
    assert daemon.delivered(daemon.take())
    assert in_time(lambda: "dispatchd_attempts_total{" in metrics(daemon))
    there = shown(metrics(daemon))
    queries = [*panel_queries(), *(rule["expr"] for rule in rules())]
    asked = [one for query in queries for one in named(query)]
    assert len(asked) > 40
    for name, labels in asked:
        assert name in there, name
        assert labels <= there[name], name


@contextmanager
def switch() -> Iterator[tuple[str, list[str]]]:
    """Listen as a dead man's switch does; give its address, and what was fetched."""
    fetched: list[str] = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/beat", fetched
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_engine_alone_shows_how_it_is_and_beats(house: RealHouse) -> None:
    port = free_port()
    with switch() as (url, fetched):
        works = house.daemon(role="engine", METRICS_PORT=str(port), HEARTBEAT_URL=url)
        works.port = port
        works.start()
        assert 'dispatchd_engine_silent_seconds{role="engine"}' in metrics(works)
        assert works.request("GET /v1/jobs").status_code == 404
        assert in_time(lambda: fetched)
        works.process.signal(signal.SIGTERM)
        assert works.process.wait() == 0
    assert set(fetched) == {"/beat"}


def test_a_query_is_taken_apart_by_metric_and_label() -> None:
    query = 'sum by (kind) (rate(dispatchd_webhooks_total{result="refused"}[5m])) > 2'
    assert list(named(query)) == [("dispatchd_webhooks_total", {"kind", "result"})]
    assert list(named("max(dispatchd_jobs)")) == [("dispatchd_jobs", set())]
