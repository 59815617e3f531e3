"""The figures of a chaos run: what came of it, and what of that must not be."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final

SILENCE: Final = 5.0
# A lease of 15 s, and a second to notice that it has ended.
TAKE_OVER: Final = 16.0
# Of so many attempts at most it may be that nothing was learnt. Which trouble kept an answer away
# the evidence cannot say: a look-up that ended with its daemon leaves no trace, and in a long story
# hardly a second is without trouble.
MOST_UNLEARNT: Final = 0.005
# Fewer prove nothing, and need no more to be shown.
FEW: Final = 3


@dataclass(slots=True)
class Figures:
    """What came of a run. The second group must be 0."""

    seed: int
    messages: int = 0
    seconds: float = 0.0
    delivered: int = 0
    with_a_lead: int = 0
    attempts: int = 0
    calls: int = 0
    texts: int = 0
    adopted: int = 0
    found_lost: int = 0
    given_up: int = 0
    unlearnt: int = 0
    judged: float = 0.0
    worst_silence: float = 0.0
    worst_standstill: float = 0.0
    worst_wait: float = 0.0
    accepts: int = 0
    take_overs: int = 0
    worst_take_over: float = 0.0
    troubles: dict[str, int] = field(default_factory=dict)
    load: float = 0.0
    still_worked: int = 0
    lost: int = 0
    for_nothing: int = 0
    never_told: int = 0
    unfinished: int = 0
    doubled: int = 0
    unsure: int = 0
    lost_though_placed: int = 0
    overlapping: int = 0
    broken_histories: int = 0
    wrongly_delivered: int = 0
    tracebacks: int = 0
    told: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def amiss(self) -> dict[str, float]:
        """What there must not be, and is."""
        names = (
            *("still_worked", "lost", "doubled", "unsure", "lost_though_placed", "overlapping"),
            *("broken_histories", "wrongly_delivered", "tracebacks", "told"),
            *("for_nothing", "never_told", "unfinished"),
        )
        found = {name: getattr(self, name) for name in names if getattr(self, name)}
        late = {"worst_silence": self.worst_silence} if self.worst_silence > SILENCE else {}
        if self.worst_take_over > TAKE_OVER:
            late["worst_take_over"] = self.worst_take_over
        return found | late | self._unasked

    @property
    def _unasked(self) -> dict[str, float]:
        """What was given up without an answer, if it is more than troubles explain.

        Of the attempts that the carrier has, and of all: had no look-up ever run, none would be
        found not to be there, and whatever is in doubt would be given up.
        """
        most = self.attempts * MOST_UNLEARNT
        limits = {"unlearnt": most, "given_up": max(most, self.found_lost, FEW)}
        return {
            name: getattr(self, name)
            for name, limit in limits.items()
            if getattr(self, name) > limit
        }

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {**asdict(self), "amiss": self.amiss}
