"""Who sees and does what of field jobs, notes and photos (S1-27 to S1-34). Pure."""

from typing import Final

from gateway.domain.deeds import Person
from gateway.domain.fieldjobs import Action, FieldJob, Status, brand_name

# Dispatchers, leads and admins always see all, public or private (S1-31).
_ALL: Final = frozenset({"dispatcher", "lead", "admin"})
# Agents find jobs, to escalate about them; of notes and photos they see what is public.
FINDERS: Final = frozenset({"agent"})
# What a technician does in the field; planning is a dispatcher's, or theirs who are both (S1-34).
_FIELD: Final = frozenset(
    {
        Action.ACCEPT,
        Action.DECLINE,
        Action.ON_MY_WAY,
        Action.START,
        Action.PAUSE,
        Action.COMPLETE,
    }
)


def commands(who: Person) -> bool:
    """Tell whether somebody sees and plans every job."""
    return bool(who.roles & _ALL)


def finds(who: Person) -> bool:
    """Tell whether somebody finds every job, to escalate about it."""
    return bool(who.roles & FINDERS)


def only_own(who: Person) -> str | None:
    """Return the technician whose visits alone somebody may work on; None: anybody's."""
    return None if commands(who) else who.name


def sees(who: Person, job: FieldJob) -> bool:
    """Tell whether somebody sees a job: all, one's own, or one's brand's; never a declined one."""
    if job.status is Status.DECLINED:
        return False
    if commands(who) or finds(who):
        return True
    if "technician" in who.roles and who.name in job.technicians:
        return True
    return "brand" in who.roles and job.brand is not None and who.name == brand_name(job.brand)


def sees_note(who: Person, job: FieldJob, *, public: bool) -> bool:
    """Tell whether somebody sees a note or photo of a job; no customer ever does (S1-29).

    A brand sees those that are public of jobs it provides (S1-30).
    """
    if not sees(who, job):
        return False
    if commands(who):
        return True
    return public or ("technician" in who.roles and who.name in job.technicians)


def may_write(who: Person, job: FieldJob) -> bool:
    """Tell whether somebody adds notes and photos: dispatchers, and technicians to their own."""
    return sees(who, job) and (
        commands(who) or ("technician" in who.roles and who.name in job.technicians)
    )


def may_act(who: Person, job: FieldJob, action: Action) -> bool:
    """Tell whether somebody may try an action on a job, whatever its status."""
    if commands(who):
        return True
    return action in _FIELD and "technician" in who.roles and who.name in job.technicians
