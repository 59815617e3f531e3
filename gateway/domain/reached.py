"""Reached: who would really be tried by a round, in order and by what way."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from gateway.domain.accounts import Account
from gateway.domain.edges import edges
from gateway.domain.heeding import in_force, roster_for
from gateway.domain.jobs import Job
from gateway.domain.specials import Special
from gateway.domain.state import State
from gateway.domain.walk import address_of, slots, why_skipped

PERSON: Final = "person"


class Reached(NamedTuple):
    """Somebody who would really be tried: contact key, name, method (or `person`) and address."""

    contact: str
    name: str
    method: str
    address: str | None

    def as_before(self, other: "Reached") -> bool:
        """Tell whether it is the same person by the same way, whatever became of key or name."""
        same = self.contact == other.contact or self.name == other.name
        return same and (self.method, self.address) == (other.method, other.address)


People = tuple[Reached, ...]


def reached(state: State, schedule: str | None, job: Job, at: datetime) -> People:
    """Return whom a round that began at that instant would try, each person once, in order.

    Nobody is reached while a special holds the job.
    """
    account = state.account
    if account is None or schedule is None:
        return ()
    special = in_force(account, at, state.specials)
    if special and special.hold and not job.target:
        return ()
    protocol = account.protocol_for(job.priority.word, state.message.form, at)
    found: dict[str, Reached] = {}
    roster = roster_for(account, job, schedule, at, state.specials)
    for slot in slots(account, protocol, roster, job):
        if slot.contact in found or why_skipped(state, job, slot, at):
            continue
        contact = account.contacts.get(slot.contact)
        method = PERSON if contact and contact.requires_human else slot.method
        name = contact.name if contact else slot.contact
        found[slot.contact] = Reached(slot.contact, name, method, address_of(account, slot))
    return tuple(found.values())


def differ(was: People, now: People) -> bool:
    """Tell whether other people are reached, in another order, or by another way."""
    if len(was) != len(now):
        return True
    return not all(one.as_before(other) for one, other in zip(was, now, strict=True))


def instants(
    both: Iterable[tuple[Account | None, str | None]],
    start: datetime,
    end: datetime,
    posted: Sequence[Special] = (),
) -> list[datetime]:
    """Return start, end and every instant between them at which somebody else may be reached."""
    found = {start, end}
    for account, schedule in both:
        if account is not None and schedule is not None:
            found |= edges(account, schedule, start, end, posted)
    return sorted(found)
