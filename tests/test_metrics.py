"""Prometheus sees exactly the promised names, and nothing is shared between two sets."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from gateway.metrics import build_metrics

PROMISED = {
    "due_to_attempt_seconds": (),
    "jobs": ("state",),
    "oldest_due_seconds": (),
    "attempts_total": ("method", "outcome"),
    "deliveries_total": ("evidence",),
    "time_to_delivery_seconds": (),
    "carrier_request_seconds": ("operation", "result"),
    "webhooks_total": ("kind", "result"),
    "webhook_seconds": (),
    "gaps_total": (),
    "limits_reached_total": (),
    "exhausted_total": (),
    "alerts_total": ("sink", "result"),
    "notices_total": ("kind", "result"),
    "stale_cue_total": (),
    "client_deliveries_total": ("kind", "result"),
    "quota_escalations_total": ("agent", "market"),
    "lease_lost_total": (),
    "unsure_attempts": (),
    "texts_unread_seconds": (),
    "uncovered_schedules": (),
    "database_silent_seconds": (),
    "engine_silent_seconds": ("role",),
    "breakers_open": ("channel", "sender"),
    "breakers_opened_total": ("channel",),
    "backup_success": ("host",),
    "backup_good_at_seconds": ("host",),
    "probe_success": ("channel", "phone"),
    "probe_seconds": ("channel", "phone"),
    "probe_at_seconds": ("channel", "phone"),
    "probe_every_seconds": ("channel", "phone"),
}


def test_every_promised_metric_has_its_name_and_labels() -> None:
    metrics = build_metrics()
    for name, labels in PROMISED.items():
        collector = getattr(metrics, name)
        assert f"dispatchd_{name}".removesuffix("_total") == collector._name  # noqa: SLF001
        assert collector._labelnames == labels  # noqa: SLF001 - the library shows them nowhere else


def test_operators_are_told_what_each_metric_means() -> None:
    page = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
    names = {f"dispatchd_{name}{{{','.join(labels)}}}" for name, labels in PROMISED.items()}
    assert [name for name in sorted(names) if f"`{name.removesuffix('{}')}`" not in page] == []


def test_the_text_holds_what_was_counted_and_no_other_series() -> None:
    metrics = build_metrics()
    metrics.attempts_total.labels("call", "success").inc()
    families = {
        one.name: one for one in text_string_to_metric_families(metrics.exposition().decode())
    }
    expected = {f"dispatchd_{name}".removesuffix("_total") for name in PROMISED}
    assert set(families) == expected | {"dispatchd_build_info"}
    sample = families["dispatchd_attempts"].samples[0]
    assert (sample.name, sample.value) == ("dispatchd_attempts_total", 1)


def test_two_sets_do_not_share_their_counts() -> None:
    first, second = build_metrics(), build_metrics()
    first.gaps_total.inc()
    assert b"dispatchd_gaps_total 0.0" in second.exposition()
