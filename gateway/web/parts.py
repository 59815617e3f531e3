"""Parts: what the web side is built from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.clock import Clock
from gateway.domain.chance import Chance
from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.store.desk import Desk
from gateway.store.doorkeeper import Doorkeeper

# Answers what is amiss beyond the database, in words; nothing when all is well.
Ready = Callable[[], Awaitable[tuple[str, ...]]]


async def nothing_amiss() -> tuple[str, ...]:
    """Answer that nothing is amiss: the readiness of a process without an engine."""
    return ()


@dataclass(frozen=True, slots=True)
class Parts:
    """The desk, the time, and what else a request may need.

    `ready` adds to `/readyz`; `alive` to `/healthz`: what only a new process mends.
    """

    desk: Desk
    clock: Clock
    settings: Settings
    metrics: Metrics
    chance: Chance
    ready: Ready = nothing_amiss
    alive: Ready = nothing_amiss
    doorkeeper: Doorkeeper = field(init=False)

    def __post_init__(self) -> None:
        """Have a doorkeeper at the desk's own door."""
        object.__setattr__(self, "doorkeeper", Doorkeeper(self.desk.pool))
