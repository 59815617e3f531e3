"""Protocols: how an account wants its messages dispatched, and the default that governs else."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

# Lengths of time in whole seconds: `cue // SECOND`.
SECOND = timedelta(seconds=1)
EVIDENCE = ("key_press", "reply_code", "read_receipt", "human")


@dataclass(frozen=True, slots=True)
class Step:
    """Whom a step reaches (oncall, backup, permanent, office, contact:KEY), by which status.

    `by` status takes each line's own; `wait` is how long the step holds the round (None: calls
    until they end, texts and secure messages one cue, e-mail not at all); `repeat` walks it again.
    """

    reach: str
    by: str = "status"
    wait: timedelta | None = None
    repeat: int = 1


DEFAULT_STEPS = (Step("oncall"), Step("backup"), Step("permanent"))


@dataclass(frozen=True, slots=True)
class Applies:
    """When a protocol governs; an empty set or `any` matches everything."""

    priority: frozenset[str] = frozenset()
    form: frozenset[str] = frozenset()
    hours: Literal["office", "after", "any"] = "any"

    def fits(self, priority: str, form: str | None) -> bool:
        """Tell whether priority and form match; hours are judged by the account."""
        if self.priority and priority not in self.priority:
            return False
        return not self.form or form in self.form


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One protocol; cue, limit and ring are lengths of time."""

    name: str
    when: Applies = Applies()
    cue: timedelta = timedelta(minutes=15)
    limit: timedelta = timedelta(hours=2)
    ring: timedelta = timedelta(seconds=25)
    permanent: Literal["after_shift", "when_blank"] = "after_shift"
    voicemail: Literal["leave", "hang_up"] = "leave"
    steps: tuple[Step, ...] = DEFAULT_STEPS
    evidence: frozenset[str] = frozenset(EVIDENCE)
    hold: Literal["office_open"] | None = None
    rotation: Literal["whole", "one_per_cue"] = "whole"


DEFAULT_PROTOCOL = Protocol(name="default")
