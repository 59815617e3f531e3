"""What Prometheus reads (CONTRACT section 9): built once per process or rehearsal, no globals."""

from dataclasses import dataclass
from importlib import metadata
from itertools import product
from typing import Final, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)

from gateway.domain.document_models import Evidence

_FROM_MS_TO_HOURS: Final = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1, 2.5, 5, 15, 60, 300, 900, 3600, 7200),
)
_FROM_SECONDS_TO_A_DAY: Final = (
    1,
    5,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    86400,
)
_FROM_MS_TO_A_MINUTE: Final = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1, 2.5, 5, 10, 30, 60),
)


_DUE: Final = "From a job's due time to its request."
_REQUESTS: Final = "Requests to the carrier."
_UNANSWERED: Final = "Since the database last answered this process."
_DELIVERIES: Final = "E-mail copies, digests and web posts."
_UNCOVERED: Final = "Schedules with hours ahead in which nobody is on call, as last looked at."
_UNREAD: Final = "Since texts to that number were last listed of which it is longest ago."
_GOOD_AT: Final = "When the last backup that went well was made, in seconds since 1970."
_SILENT: Final = "Since the engine's last turn; a process without an engine has none."
# What is alerted of at its first rise must be seen at nought before (a series that begins at one
# never rose).
_FROM_NOUGHT: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "alerts_total": (("dispatch", "specials", "lead", "incident"), ("reached", "failed")),
    "breakers_opened_total": (("call", "text"),),
    "carrier_request_seconds": (("call", "text", "mail"), ("accepted", "refused", "unsure")),
    "deliveries_total": (get_args(Evidence),),
    "webhooks_total": (
        ("answer", "key", "call_status", "machine", "text_status", "sms", "voice"),
        ("accepted", "refused", "away"),
    ),
}


@dataclass(frozen=True, slots=True)
class Metrics:
    """The collectors, each named as its metric without `dispatchd_`; times are in seconds."""

    registry: CollectorRegistry
    due_to_attempt_seconds: Histogram
    jobs: Gauge
    oldest_due_seconds: Gauge
    attempts_total: Counter
    deliveries_total: Counter
    time_to_delivery_seconds: Histogram
    carrier_request_seconds: Histogram
    webhooks_total: Counter
    webhook_seconds: Histogram
    gaps_total: Counter
    limits_reached_total: Counter
    exhausted_total: Counter
    alerts_total: Counter
    notices_total: Counter
    stale_cue_total: Counter
    client_deliveries_total: Counter
    quota_escalations_total: Counter
    lease_lost_total: Counter
    unsure_attempts: Gauge
    texts_unread_seconds: Gauge
    uncovered_schedules: Gauge
    database_silent_seconds: Gauge
    engine_silent_seconds: Gauge
    breakers_open: Gauge
    breakers_opened_total: Counter
    backup_success: Gauge
    backup_good_at_seconds: Gauge
    probe_success: Gauge
    probe_seconds: Gauge
    probe_at_seconds: Gauge
    probe_every_seconds: Gauge
    build_info: Info

    def exposition(self) -> bytes:
        """Answer the text that `/metrics` gives."""
        return generate_latest(self.registry)


def build_metrics() -> Metrics:
    """Make all collectors in a registry of their own, at zero."""
    disable_created_metrics()  # type: ignore[no-untyped-call] # without types; the contract names no `_created` series
    metrics = _built(_Maker(CollectorRegistry()))
    for name, labels in _FROM_NOUGHT.items():
        for one in product(*labels):
            getattr(metrics, name).labels(*one)
    return metrics


def _built(made: "_Maker") -> Metrics:
    return Metrics(
        registry=made.registry,
        due_to_attempt_seconds=made.histogram("due_to_attempt_seconds", _DUE, _FROM_MS_TO_HOURS),
        jobs=made.gauge("jobs", "Jobs that are not ended, by state.", "state"),
        attempts_total=made.counter("attempts", "Attempts that ended.", "method", "outcome"),
        deliveries_total=made.counter("deliveries", "Messages delivered.", "evidence"),
        time_to_delivery_seconds=made.histogram(
            "time_to_delivery_seconds", "From taken to delivered.", _FROM_SECONDS_TO_A_DAY
        ),
        carrier_request_seconds=made.histogram(
            "carrier_request_seconds", _REQUESTS, _FROM_MS_TO_A_MINUTE, "operation", "result"
        ),
        webhooks_total=made.counter("webhooks", "Requests of the carrier.", "kind", "result"),
        webhook_seconds=made.histogram(
            "webhook_seconds", "From a carrier's request to its answer.", _FROM_MS_TO_A_MINUTE
        ),
        gaps_total=made.counter("gaps", "Times a message stood without anybody working it."),
        limits_reached_total=made.counter("limits_reached", "Jobs past their active limit."),
        exhausted_total=made.counter("exhausted", "Rounds that left nobody to reach."),
        alerts_total=made.counter("alerts", "Alerts to people.", "sink", "result"),
        notices_total=made.counter("notices", "Notices about shifts.", "kind", "result"),
        stale_cue_total=made.counter("stale_cue", "Cues of jobs that had ended: nothing was done."),
        client_deliveries_total=made.counter("client_deliveries", _DELIVERIES, "kind", "result"),
        quota_escalations_total=made.counter(
            "quota_escalations", "Quota escalations saved.", "agent", "market"
        ),
        lease_lost_total=made.counter("lease_lost", "Leases lost before the request was written."),
        database_silent_seconds=made.gauge("database_silent_seconds", _UNANSWERED),
        engine_silent_seconds=made.gauge("engine_silent_seconds", _SILENT, "role"),
        breakers_open=made.gauge("breakers_open", "1: no use is made.", "channel", "sender"),
        breakers_opened_total=made.counter("breakers_opened", "Lines that opened.", "channel"),
        backup_success=made.gauge("backup_success", "1: the last backup went well.", "host"),
        backup_good_at_seconds=made.gauge("backup_good_at_seconds", _GOOD_AT, "host"),
        **_measured_gauges(made),
        **_probe_gauges(made),
        build_info=made.version(),
    )


def _measured_gauges(made: "_Maker") -> dict[str, Gauge]:
    """Make what is measured now and then, for the whole database by every process."""
    words = {
        "oldest_due_seconds": "How long the oldest due job waits.",
        "unsure_attempts": "Attempts whose outcome is not known yet.",
        "texts_unread_seconds": _UNREAD,
        "uncovered_schedules": _UNCOVERED,
    }
    return {name: made.gauge(name, text) for name, text in words.items()}


@dataclass(frozen=True, slots=True)
class ProbeMetrics:
    """What `dispatchd probe` shows of its tests, by channel (call, text) and masked phone."""

    registry: CollectorRegistry
    probe_success: Gauge
    probe_seconds: Gauge
    probe_at_seconds: Gauge
    probe_every_seconds: Gauge
    probes_total: Counter


def build_probe_metrics() -> ProbeMetrics:
    """Make the collectors of a probe in a registry of their own."""
    disable_created_metrics()  # type: ignore[no-untyped-call] # see build_metrics
    made = _Maker(CollectorRegistry())
    return ProbeMetrics(
        registry=made.registry,
        **_probe_gauges(made),
        probes_total=made.counter("probes", "Tests by what came of them.", "channel", "result"),
    )


def _probe_gauges(made: "_Maker") -> dict[str, Gauge]:
    """Make what a probe shows itself, and the daemon of probes on a schedule; times in seconds."""
    words = {
        "probe_success": "1: the last test arrived.",
        "probe_seconds": "From the last request that arrived to its arrival.",
        "probe_at_seconds": "When the last test ended, in seconds since 1970.",
        "probe_every_seconds": "How often a test is made; 0: once, by hand.",
    }
    return {name: made.gauge(name, text, "channel", "phone") for name, text in words.items()}


@dataclass(frozen=True, slots=True)
class _Maker:
    registry: CollectorRegistry

    def counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(name, words, labels, namespace="dispatchd", registry=self.registry)

    def gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(name, words, labels, namespace="dispatchd", registry=self.registry)

    def version(self) -> Info:
        info = Info("build", "Version.", namespace="dispatchd", registry=self.registry)
        info.info({"version": _version()})
        return info

    def histogram(
        self, name: str, words: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            name, words, labels, namespace="dispatchd", registry=self.registry, buckets=buckets
        )


def _version() -> str:
    try:
        return metadata.version("dispatchd")
    except metadata.PackageNotFoundError:  # run from a tree that was never installed
        return "unknown"
