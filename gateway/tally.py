"""Tally: every committed change counted for Prometheus and put into one log line."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.domain.change import Change
from gateway.metrics import Metrics

_METHODS = {"dial": "call", "sms": "sms", "secure": "secure", "email": "email", "vm": "call"}
_ENDS = frozenset(
    {
        *("no_answer", "busy", "failed", "voicemail", "hung_up", "no_confirm", "canceled", "lost"),
        *("undelivered", "timeout"),
    }
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts what a change says happened (CONTRACT section 9)."""

    metrics: Metrics
    # Bound once: a lazy logger would be put together anew for each of thousands of lines a second.
    log: FilteringBoundLogger = field(
        default_factory=lambda: structlog.get_logger("gateway.decisions").bind()
    )

    # What to count for a kind of item: looked up once, None for most.
    counters: dict[str, Callable[[], None] | None] = field(default_factory=dict)

    def __call__(self, change: Change) -> None:
        """Count one committed change and log the decision: never a detail, never a secret."""
        kinds = [item.kind for item in change.items]
        for kind in kinds:
            count = self.counters[kind] if kind in self.counters else self._counter(kind)
            if count is not None:
                count()
        if change.closes and change.message and change.message.evidence:
            message = change.message
            self.metrics.deliveries_total.labels(message.evidence).inc()
            took = (change.at - message.taken_at).total_seconds()
            self.metrics.time_to_delivery_seconds.observe(max(0.0, took))
        if kinds and self.log.is_enabled_for(logging.INFO):
            self._say(change, ",".join(kinds))

    def _counter(self, kind: str) -> Callable[[], None] | None:
        self.counters[kind] = count = self._counting(kind)
        return count

    def _counting(self, kind: str) -> Callable[[], None] | None:
        simple: dict[str, Callable[[], None]] = {
            "gap.detected": self.metrics.gaps_total.inc,
            "limit.reached": self.metrics.limits_reached_total.inc,
            "job.exhausted": self.metrics.exhausted_total.inc,
        }
        if kind in simple:
            return simple[kind]
        family, _, outcome = kind.partition(".")
        if family in _METHODS and outcome in _ENDS:
            return self.metrics.attempts_total.labels(_METHODS[family], outcome).inc
        if family == "relay":
            return self.metrics.attempts_total.labels("any", outcome).inc
        return None

    def _say(self, change: Change, kinds: str) -> None:
        touched = change.begun or change.attempts
        self.log.info(
            "decision",
            action=kinds,
            account=change.key.account,
            ucn=change.key.ucn,
            job=change.jobs[0].id if change.jobs else None,
            attempt=touched[0].id if touched else None,
        )
