"""Explaining a message: its rounds retraced, its history replayed, as values for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain.history import Broken, stamp
from gateway.domain.retrace import Round, Step
from gateway.domain.state import State


@dataclass(frozen=True, slots=True)
class Explained:
    """A message explained: how it stands, its history, its rounds, where its chain breaks.

    `differs` names whatever is stored otherwise than the history, replayed, says.
    """

    state: State
    items: Sequence[dict[str, Any]]
    rounds: Sequence[Round]
    broken: Broken | None
    differs: Sequence[str]

    @property
    def mismatches(self) -> list[str]:
        """Whatever the record says otherwise than the documents, the chain and the rows."""
        found = [f"round {one.number}: {words}" for one in self.rounds for words in one.mismatches]
        if self.broken:
            found.append(f"the history is broken at item {self.broken.seq}: {self.broken.why}")
        return [*found, *self.differs]


def as_values(found: Explained) -> dict[str, Any]:
    """Return the explanation as JSON values."""
    message = found.state.message
    return {
        "ucn": message.key.ucn,
        "account": message.key.account,
        "state": message.state.value,
        "evidence": message.evidence,
        "delivered_to": message.delivered_to,
        "rounds": [
            {
                "round": one.number,
                "at": stamp(one.at),
                "document": one.document or None,
                "steps": [_step(step) for step in one.steps],
                "mismatches": one.mismatches,
            }
            for one in found.rounds
        ],
        "mismatches": found.mismatches,
    }


def _step(step: Step) -> Mapping[str, Any]:
    item = step.item
    values = {name: item[name] for name in ("seq", "at", "kind", "outcome", "actor", "text")}
    return {**values, "data": item["data"], "because": step.because or None}
