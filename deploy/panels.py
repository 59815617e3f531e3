"""The panels of the dashboard, row by row: what is asked of Prometheus, and what it means."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shown:
    """One panel: its queries by what their lines are called, and its unit (Grafana's id).

    `red`: from which value on a single figure is red; None makes a graph of it. `words` say what
    it means.
    """

    title: str
    queries: dict[str, str]
    unit: str
    words: str
    red: float | None = None


def _quantile(q: float, metric: str) -> str:
    return (
        f"histogram_quantile({q}, sum by (le) (rate(dispatchd_{metric}_bucket[$__rate_interval])))"
    )


def _rate(metric: str, *by: str) -> str:
    """Return how often something happens; by labels, without those of which nothing happens."""
    if not by:
        return f"sum(rate(dispatchd_{metric}[$__rate_interval]))"
    return f"sum by ({', '.join(by)}) (rate(dispatchd_{metric}[$__rate_interval])) > 0"


def _many(metric: str, span: str) -> str:
    return f"sum(increase(dispatchd_{metric}[{span}]))"


TONIGHT: Final = (
    Shown(
        "Oldest due job",
        {"": "max(dispatchd_oldest_due_seconds)"},
        "s",
        "How long the most overdue job has waited. A minute is too long.",
        60,
    ),
    Shown(
        "Engine silent",
        {"": "max(dispatchd_engine_silent_seconds)"},
        "s",
        "Since the last turn of the engine that turned longest ago.",
        60,
    ),
    Shown(
        "Database silent",
        {"": "max(dispatchd_database_silent_seconds)"},
        "s",
        "Since the database last answered the process that waits longest for it.",
        15,
    ),
    Shown("Gaps, 24 h", {"": _many("gaps_total", "24h")}, "short", "Messages nobody worked.", 1),
    Shown(
        "Limits reached, 24 h",
        {"": _many("limits_reached_total", "24h")},
        "short",
        "Messages not delivered within their limit: a lead decides.",
        1,
    ),
    Shown(
        "Alerts unheard, 24 h",
        {"": _many('alerts_total{result="failed"}', "24h")},
        "short",
        "Alerts to people that reached nobody.",
        1,
    ),
    Shown(
        "Lines stopped",
        {"": "sum(max by (channel, sender) (dispatchd_breakers_open)) or vector(0)"},
        "short",
        "Sending numbers or carriers that are not used, because they kept failing.",
        1,
    ),
    Shown(
        "Tests failed",
        {"": "count(min by (channel, phone) (dispatchd_probe_success) == 0) or vector(0)"},
        "short",
        "Test calls and texts of `dispatchd probe` that did not arrive the last time.",
        1,
    ),
    Shown(
        "Jobs for a lead",
        {"": 'sum(max by (state) (dispatchd_jobs{state=~"held|limit_reached"}))'},
        "short",
        "Jobs that are held, or past their limit: a person decides.",
        1,
    ),
    Shown(
        "Unsure attempts",
        {"": "max(dispatchd_unsure_attempts)"},
        "short",
        "Attempts of which it is not known yet whether they went out.",
        10,
    ),
    Shown(
        "Last good backup",
        {"": "time() - max(dispatchd_backup_good_at_seconds)"},
        "s",
        "Since a backup was last made and read once; no value: none was ever made by dispatchd.",
        36 * 3600,
    ),
    Shown(
        "Schedules uncovered",
        {"": "max(dispatchd_uncovered_schedules)"},
        "short",
        "Schedules with hours ahead in which nobody is on call.",
        1,
    ),
)
PROMISES: Final = (
    Shown(
        "Attempts late, of 1% allowed",
        {"1 h": "dispatchd:attempt_late:ratio1h", "3 d": "dispatchd:attempt_late:ratio3d"},
        "percentunit",
        "Attempts that began later than 5 s after they were due.",
    ),
    Shown(
        "Messages undelivered, of 1% allowed",
        {"1 h": "dispatchd:undelivered:ratio1h", "3 d": "dispatchd:undelivered:ratio3d"},
        "percentunit",
        "Messages that reached their limit, of those that ended one way or the other.",
    ),
    Shown(
        "Delivery ratio",
        {"1 h": "dispatchd:delivery:ratio1h", "1 d": "dispatchd:delivery:ratio1d"},
        "percentunit",
        "Deliveries, of deliveries and rounds that left nobody to reach.",
    ),
)
DISPATCHING: Final = (
    Shown(
        "Due to attempt",
        {
            "half": _quantile(0.5, "due_to_attempt_seconds"),
            "99 of 100": _quantile(0.99, "due_to_attempt_seconds"),
        },
        "s",
        "From a job's due time to the start of its request.",
    ),
    Shown(
        "Time to delivery",
        {
            "half": _quantile(0.5, "time_to_delivery_seconds"),
            "9 of 10": _quantile(0.9, "time_to_delivery_seconds"),
        },
        "s",
        "From a message's taking to somebody's acceptance.",
    ),
    Shown(
        "Jobs by state",
        {"{{state}}": "max by (state) (dispatchd_jobs)"},
        "short",
        "Jobs that have not ended.",
    ),
    Shown(
        "Attempts by outcome",
        {"{{method}} {{outcome}}": _rate("attempts_total", "method", "outcome")},
        "ops",
        "How attempts ended; method any: what a person accepted or declined.",
    ),
    Shown(
        "Deliveries by evidence",
        {"{{evidence}}": _rate("deliveries_total", "evidence")},
        "ops",
        "What showed that a message was taken.",
    ),
    Shown(
        "Gaps, limits, nobody left",
        {
            "gaps": _rate("gaps_total"),
            "limits": _rate("limits_reached_total"),
            "nobody left": _rate("exhausted_total"),
        },
        "ops",
        "Messages that stood, that reached their limit, that had nobody left in a round.",
    ),
)
OUTSIDE: Final = (
    Shown(
        "Carrier requests by result",
        {"{{operation}} {{result}}": _rate("carrier_request_seconds_count", "operation", "result")},
        "reqps",
        "Requests for calls, texts and e-mails, and how they were answered.",
    ),
    Shown(
        "Carrier request time",
        {"99 of 100": _quantile(0.99, "carrier_request_seconds")},
        "s",
        "How long the carrier takes to answer a request.",
    ),
    Shown(
        "Webhooks by result",
        {"{{kind}} {{result}}": _rate("webhooks_total", "kind", "result")},
        "reqps",
        "The carrier's callbacks; refused: wrong signature or unknown attempt.",
    ),
    Shown(
        "Webhook time",
        {"99 of 100": _quantile(0.99, "webhook_seconds")},
        "s",
        "How long a caller hears nothing.",
    ),
    Shown(
        "Test calls and texts",
        {"{{channel}} {{phone}}": "min by (channel, phone) (dispatchd_probe_success)"},
        "short",
        "1: the last one of `dispatchd probe` arrived.",
    ),
    Shown(
        "Test calls and texts, time",
        {"{{channel}} {{phone}}": "max by (channel, phone) (dispatchd_probe_seconds)"},
        "s",
        "From the request of a test to the phone's answer.",
    ),
)
WITHIN: Final = (
    Shown(
        "Since the last good backup",
        {"{{host}}": "time() - max by (host) (dispatchd_backup_good_at_seconds)"},
        "s",
        "By the host that makes them.",
    ),
    Shown(
        "Alerts, notices, copies",
        {
            "alerts {{sink}} {{result}}": _rate("alerts_total", "sink", "result"),
            "notices {{kind}} {{result}}": _rate("notices_total", "kind", "result"),
            "{{kind}} {{result}}": _rate("client_deliveries_total", "kind", "result"),
        },
        "ops",
        "What else leaves: to leads and dispatchers, to people on call, to clients.",
    ),
    Shown(
        "Leases lost, cues too late, lines opened",
        {
            "leases lost": _rate("lease_lost_total"),
            "cues of ended jobs": _rate("stale_cue_total"),
            "lines opened": _rate("breakers_opened_total"),
        },
        "ops",
        "What should be seldom.",
    ),
    Shown(
        "Versions",
        {"{{version}}": "count by (version) (dispatchd_build_info)"},
        "short",
        "How many processes run which version.",
    ),
)
ROWS: Final = (
    ("Tonight", TONIGHT, 4, 3),
    ("Promises", PROMISES, 8, 7),
    ("Dispatching", DISPATCHING, 8, 8),
    ("Carrier", OUTSIDE, 8, 8),
    ("Within", WITHIN, 6, 7),
)
"""Each row: its title, its panels, and each panel's width and height on Grafana's grid."""
