"""What views of field jobs are told when one changes, and who hears it (S1-21, S1-27, S1-30). Pure.

An event names the job and how it stands, never what anybody said or who the customer is.
"""

from typing import Final

from gateway.domain.deeds import Person
from gateway.domain.fieldjob_sight import FINDERS, commands
from gateway.domain.fieldjobs import FieldJob, Status, brand_name
from gateway.domain.matters import Item, News, Written

# What became of a text or an alert is on the job's record; no view of the job shows it.
_UNSHOWN: Final = ("fieldjob.letter_", "fieldjob.alert_")
# What its brand and agents see only where it is public.
_ADDED: Final = frozenset({"fieldjob.noted", "fieldjob.pictured"})


def news(before: FieldJob | None, written: Written[FieldJob]) -> News | None:
    """Return what views are told of a decision; None where they show nothing of it.

    `before`: the job as it was, None when it is opened.
    """
    shown = [item for item in written.items if not item.kind.startswith(_UNSHOWN)]
    if not shown:
        return None
    last, sees = shown[-1], _seen_by(written.facts)
    lost = _seen_by(before) - sees if before is not None else frozenset()
    whom = frozenset(one for one in sees | FINDERS if not _kept_from(one, last))
    return News(last.kind, written.facts.status.value, tuple(sorted(whom)), tuple(sorted(lost)))


def heard(who: Person, told: News) -> News | None:
    """Return what somebody hears of it: all, that it is theirs no more, or nothing (None).

    Whoever sees the job no longer hears a status of nobody's, as a declined offer has it.
    """
    mine = {f"{role}:{who.name}" for role in who.roles & {"technician", "brand"}}
    mine |= who.roles & FINDERS
    if commands(who) or not mine.isdisjoint(told.whom):
        return told
    if mine.isdisjoint(told.lost):
        return None
    return told._replace(state=Status.DECLINED.value)


def _seen_by(job: FieldJob) -> frozenset[str]:
    """Return who sees a job besides those who see all, as `sees` has it."""
    if job.status is Status.DECLINED:
        return frozenset()
    brands = {f"brand:{brand_name(job.brand)}"} if job.brand else set()
    return frozenset(brands | {f"technician:{one}" for one in job.technicians})


def _kept_from(one: str, item: Item) -> bool:
    private = item.kind in _ADDED and not item.data.get("public", False)
    return private and not one.startswith("technician:")
