"""Cases that the gateway opens itself where dispatch fails: somebody owns what follows (S4). Pure.

One is open at a time for a message and a cause; what happens again is added to it. It stays with
its owner, who closes it, whatever becomes of the message.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from gateway.domain.accounts import Account
from gateway.domain.cases import Case, CaseType, clock
from gateway.domain.casework import ROW
from gateway.domain.casework_facts import Assignment, LastReview, Work
from gateway.domain.dispatch_cause import Cause, DispatchCause
from gateway.domain.draft import Draft
from gateway.domain.events import CaseOpened
from gateway.domain.history import Outcome, stamp
from gateway.domain.matters import Item, Written
from gateway.domain.messages import Key
from schedules.hours import Holidays, Hours
from schedules.windows import parse_weekly

# S4-03: cases are owned by Support; the gateway's own ones wait there while no lead is on duty.
NOBODY: Final = "Support"
# Half an hour of the client's office hours (S2-20), or of a plain business day without any.
_PATIENCE: Final = timedelta(minutes=30)
_PLAIN: Final = parse_weekly("Mon-Fri 09:00-17:00")
_HAPPENED: Final[Mapping[Cause, str]] = MappingProxyType(
    {
        "limit_reached": "active dispatch reached its limit",
        "exhausted": "nobody could be tried in a whole round",
        "gap": "no attempt was made for too long",
        "resend": "the message was asked for again within seven days",
    }
)


# Who has a task at once: a gap is the machine's own fault, the rest is between us and a client.
_TEAMS: Final[Mapping[Cause, str]] = MappingProxyType(
    {
        "limit_reached": "Account Manager",
        "exhausted": "Account Manager",
        "gap": "IT",
        "resend": "Account Manager",
    }
)
_GATEWAY: Final = "gateway"


@dataclass(frozen=True, slots=True)
class Failed:
    """What failed: which message, by which item of its history, for which job, and when."""

    cause: Cause
    key: Key
    seq: int
    job: UUID | None
    at: datetime

    @property
    def subject(self) -> str:
        """By what a second open case about the like is kept from being opened."""
        account, month, ucn = self.key
        return f"dispatch\n{account}\n{month}\n{ucn}\n{self.cause}"


class Whose(NamedTuple):
    """Who a new case is given to: the lead on duty (None: nobody is), and the client's hours."""

    lead: str | None
    account: Account | None


def opened(case_id: UUID, failed: Failed, whose: Whose, now: datetime) -> Written[Case]:
    """Open a case about what failed, with a task for a team and its review log begun."""
    account, _, ucn = failed.key
    case = Case(
        id=case_id,
        type=CaseType.DISPATCH,
        owner=f"lead:{whose.lead}" if whose.lead else NOBODY,
        created_by=_GATEWAY,
        created_at=now,
        account=account,
        ucns=(ucn,),
        subject=failed.subject,
        contact_due=contact_due(whose.account, now),
        dispatch=DispatchCause(failed.cause, account, ucn, failed.seq, failed.job, 1, failed.at),
        work=_begun(failed, now),
    )
    facts = {**_facts(failed), "type": case.type.value, "owner": case.owner}
    facts["contact_due"] = stamp(case.contact_due) if case.contact_due else None
    words = f"Case opened for {case.owner}: {_HAPPENED[failed.cause]}."
    item = Item("case.created", words, Outcome.SUCCESS, facts)
    return Written(case, (item, *_first_items(case)), clock(case))


def _begun(failed: Failed, now: datetime) -> Work:
    """Give the first task, and say in the review log how the case came about (S4-04, S4-16)."""
    happened = _HAPPENED[failed.cause]
    task = Assignment(1, _TEAMS[failed.cause], failed.cause, happened, now, _GATEWAY)
    status = f"Current status: {happened}.\nPending action items: {task.team} finds out why."
    return Work(assignments=(task,), review=LastReview(status, _GATEWAY, now))


def _first_items(case: Case) -> tuple[Item, Item]:
    (task,), review = case.work.assignments, case.work.review
    said = f"{task.reason}\n{task.comments}"
    text = f"{task.team} is assigned; {case.owner} stays the owner."
    facts = {"n": task.n, "team": task.team}
    words = review.comments if review else ""
    return (
        Item("case.assigned", text, data=facts, words=said),
        Item("case.reviewed", "The review log was begun.", Outcome.SUCCESS, ROW, words),
    )


def again(case: Case, failed: Failed) -> Written[Case]:
    """Add to an open case that the like has happened once more."""
    cause = case.dispatch
    if cause is not None:
        cause = replace(cause, times=cause.times + 1, last_at=failed.at)
        case = replace(case, dispatch=cause)
    times = cause.times if cause else 1
    words = f"It happened again: {_HAPPENED[failed.cause]}."
    item = Item("case.recurred", words, Outcome.INFO, {**_facts(failed), "times": times})
    return Written(case, (item,), clock(case))


def _facts(failed: Failed) -> dict[str, str | int | None]:
    job = str(failed.job) if failed.job else None
    return {
        "reason": failed.cause,
        "message": failed.key.ucn,
        "message_seq": failed.seq,
        "message_job": job,
    }


def told(draft: Draft, event: CaseOpened) -> None:
    """Put on a message's record that a case was opened about it."""
    words = f"A case was opened for {event.owner}: {_HAPPENED[event.cause]}."
    job = next((one.id for one in draft.state.jobs if one.id == event.job), None)
    draft.note(
        "case.created",
        words,
        Outcome.SUCCESS,
        job=job,
        case=str(event.case),
        reason=event.cause,
        owner=event.owner,
    )


def contact_due(account: Account | None, now: datetime) -> datetime | None:
    """Return by when the client is to hear of it: after half an hour of their office hours.

    An account without hours (or whose office never opens) is taken to keep Monday to Friday, 9 to
    17, in its own zone. None without an account: there is no client to call.
    """
    if account is None:
        return None
    hours = account.office.hours if account.office else None
    due = hours.after_open(now, _PATIENCE) if hours else None
    return due or Hours(_PLAIN, Holidays(()), account.zone).after_open(now, _PATIENCE)
