"""What is asked of a field job with an action, and which of its visits is meant. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from gateway.domain.deeds import RefusedError
from gateway.domain.fieldjobs import Action, Appointment, FieldJob


class Customer(NamedTuple):
    """Whom the texts go to, and in whose name (the brand, else the account)."""

    phone: str
    business: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One action with what came along with it.

    `reason`: one of `PauseReason` to pause; to cancel or decline free words, which can be erased.
    `new`: the id that a new appointment gets. `technician`: whose visit it is meant to be;
    `own`: a technician asks, who has only their own visits. `survey`: the link of the survey page.
    """

    action: Action
    customer: Customer
    new: UUID
    appointment: UUID | None = None
    start: datetime | None = None
    minutes: int | None = None
    technician: str | None = None
    eta: datetime | None = None
    reason: str | None = None
    own: str | None = None
    survey: str = ""


# Which visits an action means first, where none is named; the earliest of those.
_ORDER: Final[Mapping[Action, Callable[[Appointment], tuple[bool, bool]]]] = MappingProxyType(
    {
        Action.ON_MY_WAY: lambda one: (one.begun, False),
        Action.START: lambda one: (one.started_at is not None, not one.begun),
    }
)


def chosen(job: FieldJob, asked: Asked) -> Appointment:
    """Return the visit that is meant: the one named, else the one under way, else the next.

    Who sets out or arrives means one that nobody has set out for, or arrived at, if there is one.
    RefusedError `unknown_appointment` when it is not there or over, `which_appointment` when one
    of several would be deleted unnamed, `forbidden` when it is another technician's.
    """
    found = [one for one in job.planned if asked.appointment in {None, one.id}]
    if not found:
        words = f"there is no appointment {asked.appointment} to come or under way"
        raise RefusedError("unknown_appointment", words)
    own = [one for one in found if asked.own in {None, one.technician}]
    if not own:
        raise RefusedError("forbidden", "that appointment is somebody else's")
    if asked.action is Action.DELETE and len(own) > 1:
        raise RefusedError("which_appointment", "there are several appointments: name one")
    return min(own, key=_ORDER.get(asked.action, _under_way))


def _under_way(one: Appointment) -> tuple[bool, bool]:
    return not one.begun, False
