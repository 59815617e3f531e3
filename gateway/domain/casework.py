"""Casework: what people do with a case, whatever it is about (S4). Pure.

Every case has an owner: a person, or a team that takes whole cases. Assignments are tasks for
other teams and change no owner.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, assert_never

from gateway.domain import mentions
from gateway.domain.casebook import OWNERS, VOIDED, Casebook, Team, folded
from gateway.domain.cases import Case, clock, closed
from gateway.domain.casework_facts import BACK, Assignment, LastReview, Task
from gateway.domain.deeds import Person, RefusedError
from gateway.domain.history import Outcome
from gateway.domain.matters import Alarm, Item, Letter, Written
from gateway.domain.reviewing import MOST_WORDS

# S4-20: exactly this row; the comments are what was written.
ROW: Final[Mapping[str, str | None]] = MappingProxyType(
    {"subject": "Case Review", "name": None, "due_date": None, "status": "Completed"}
)
# What tokens are named, with or without their role; nothing else may enter the chain as an owner.
_NAMED: Final = re.compile(r"[A-Za-z0-9_.@:-]{1,80}")
SENT_BACK: Final = "Assignment sent back"


@dataclass(frozen=True, slots=True)
class Assign:
    """Give a task to another team (S4-04); the two people go with what needs them (S4-27)."""

    team: str
    reason: str
    comments: str
    account_manager: str | None = None
    sales_manager: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a team says to the assignment `n`: done, returned or rejected (S4-14)."""

    n: int
    state: Literal["done", "returned", "rejected"]
    reason: str


@dataclass(frozen=True, slots=True)
class LogReview:
    """The owner's own word on where the case stands (S4-16)."""

    comments: str


@dataclass(frozen=True, slots=True)
class Comment:
    """Anybody's words; who is mentioned hears of it (S4-23)."""

    text: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Name another owner: a person, or a team that takes cases (S4-09, S4-25)."""

    owner: str


@dataclass(frozen=True, slots=True)
class Close:
    """End a case for a reason."""

    reason: str


Step = Assign | Answer | LogReview | Comment | HandOver | Close


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step is taken with: the casebook, and where the case can be read."""

    book: Casebook
    link: str


def owns(case: Case, who: Person) -> bool:
    """Tell whether a case is theirs; it may name them with or without their role."""
    return case.owner in {who.actor, who.name}


def in_queue(case: Case, book: Casebook) -> bool:
    """Tell whether a case waits for whoever takes it: a team has it, or a market's queue."""
    market = case.escalation.destination_queue if case.escalation else None
    return case.owner == market or book.team(case.owner) is not None


def do(case: Case, step: Step, desk: Desk, who: Person, now: datetime) -> Written[Case]:
    """Take a step; RefusedError says by its code why it cannot be taken."""
    if not case.open and not isinstance(step, Comment):
        raise RefusedError("case_closed", "the case is closed; a comment can still be made")
    match step:
        case Assign():
            return _assign(case, step, desk, who, now)
        case Answer():
            return _answer(case, step, who, now)
        case LogReview():
            return _review(case, step, who, now)
        case Comment():
            return _comment(case, step, desk, who)
        case HandOver():
            return _hand_over(case, step, desk, who)
        case Close():
            return _close(case, step, desk, who, now)
        case _:
            assert_never(step)


def must_be_voided(case: Case, book: Casebook) -> bool:
    """Tell whether a case can only be closed as void (S4-14).

    The newest assignment that ended at a team that voids says so: one that was given again counts
    once it is done.
    """
    teams = {folded(one.name) for one in book.teams if one.voids}
    theirs = [one for one in case.work.assignments if folded(one.team) in teams]
    ended = [one.state for one in theirs if one.state != "open"]
    return bool(ended) and ended[-1] in BACK


def _written(
    case: Case, item: Item, letters: tuple[Letter, ...] = (), alarms: tuple[Alarm, ...] = ()
) -> Written[Case]:
    return Written(case, (item,), clock(case), letters, alarms)


def _assign(case: Case, step: Assign, desk: Desk, who: Person, now: datetime) -> Written[Case]:
    team = _team(step.team, desk.book)
    managers = _referred(case, step, team)
    known = case.work.assignments
    n = len(known) + 1
    given = Assignment(n, team.name, step.reason, step.comments, now, who.actor)
    given = replace(given, account_manager=managers[0], sales_manager=managers[1])
    case = replace(case, work=replace(case.work, assignments=(*known, given)))
    facts = {"n": n, "team": team.name}
    words = f"{step.reason}\n{step.comments}"
    text = f"{team.name} is assigned; {case.owner} stays the owner."
    return _written(case, Item("case.assigned", text, data=facts, words=words))


def _team(name: str, book: Casebook) -> Team:
    """Return the team that takes the assignment; a queue of cases takes none (S4-25)."""
    team = book.team(name)
    if team is None:
        known = ", ".join(one.name for one in book.teams if one.takes == "assignments")
        raise RefusedError("unknown_team", f"there is no team {name!r}, but {known}")
    if team.takes == "cases":
        words = f"{team.name} takes cases, not assignments: make it the owner"
        raise RefusedError("not_assignable", words)
    return team


def _referred(case: Case, step: Assign, team: Team) -> tuple[str | None, str | None]:
    """Return the account manager and the sales manager: for teams that need them only (S4-27)."""
    stated = step.account_manager, step.sales_manager
    if not team.referred:
        if any(stated):
            raise RefusedError("no_referral", f"{team.name} is told of no account or sales manager")
        return None, None
    support = case.support
    looked_up = (support.account_manager, support.sales_manager) if support else (None, None)
    return stated[0] or looked_up[0], stated[1] or looked_up[1]


def _answer(case: Case, step: Answer, who: Person, now: datetime) -> Written[Case]:
    work = case.work
    if not 0 < step.n <= len(work.assignments):
        raise RefusedError("unknown_assignment", f"the case has no assignment {step.n}")
    given = work.assignments[step.n - 1]
    if given.state != "open":
        raise RefusedError("assignment_ended", f"assignment {step.n} is {given.state}")
    ended = replace(given, state=step.state, answer=step.reason)
    assignments = (*work.assignments[: step.n - 1], ended, *work.assignments[step.n :])
    tasks, told, row = work.tasks, "", {}
    if step.state in BACK:
        tasks = (*tasks, Task(SENT_BACK, "Open", step.reason, case.owner, now))
        told = f" {case.owner} has a task."
        row = {**ROW, "subject": SENT_BACK, "status": "Open"}
    case = replace(case, work=replace(work, assignments=assignments, tasks=tasks))
    facts = {**row, "n": step.n, "team": given.team, "state": step.state}
    kind = "case.returned" if step.state in BACK else "case.assignment_done"
    outcome = Outcome.FAILURE if step.state in BACK else Outcome.SUCCESS
    text = f"{given.team}: the assignment is {step.state}, says {who.actor}.{told}"
    return _written(case, Item(kind, text, outcome, facts, step.reason))


def _review(case: Case, step: LogReview, who: Person, now: datetime) -> Written[Case]:
    _owner_only(case, who, "log a review; a comment is open to all")
    if len(step.comments) > MOST_WORDS:
        words = f"a review has at most {MOST_WORDS} characters, and this has {len(step.comments)}"
        raise RefusedError("too_long", words, characters=len(step.comments))
    review = LastReview(step.comments, who.actor, now)
    case = replace(case, work=replace(case.work, review=review))
    text = f"{who.actor} reviewed the case."
    return _written(case, Item("case.reviewed", text, Outcome.SUCCESS, ROW, step.comments))


def _comment(case: Case, step: Comment, desk: Desk, who: Person) -> Written[Case]:
    case = replace(case, work=replace(case.work, comments=case.work.comments + 1))
    said = mentions.meant(step.text, desk.book, case.owner, mentions.around(case))
    names = [one.name for one in said.mentions]
    facts = {"n": case.work.comments, "mentions": names, "unknown": len(said.unknown)}
    item = Item("case.commented", f"{who.actor} commented.", data=facts, words=step.text)
    letters = tuple(mentions.letters(case, said, who.actor, desk.link))
    return _written(case, item, letters, tuple(mentions.alarms(case, said, who.actor, desk.link)))


def _hand_over(case: Case, step: HandOver, desk: Desk, who: Person) -> Written[Case]:
    team = desk.book.team(step.owner)
    if team is not None and team.takes != "cases":
        words = f"cases are owned by {OWNERS}, never by {team.name}: give it an assignment"
        raise RefusedError("not_an_owner", words)
    if not (owns(case, who) or who.leads or in_queue(case, desk.book)):
        raise RefusedError("not_owner", f"the case is {case.owner}'s: they hand it over, or a lead")
    queue = case.escalation.destination_queue if case.escalation else None
    if team is None and step.owner != queue and not _NAMED.fullmatch(step.owner):
        raise RefusedError("not_an_owner", "an owner is a person by the name of their token")
    before, owner = case.owner, team.name if team else step.owner
    tasks = tuple(replace(one, owner=owner) for one in case.work.tasks)
    case = replace(case, owner=owner, work=replace(case.work, tasks=tasks))
    facts = {"owner": owner, "before": before}
    return _written(case, Item("case.owner_changed", f"{owner} owns the case now.", data=facts))


def _close(case: Case, step: Close, desk: Desk, who: Person, now: datetime) -> Written[Case]:
    if not in_queue(case, desk.book):
        _owner_only(case, who, "close it")
    if folded(step.reason) != folded(VOIDED) and must_be_voided(case, desk.book):
        words = f"an assignment was sent back: the closed reason is {VOIDED!r}"
        raise RefusedError("must_be_case_voided", words)
    reason = VOIDED if folded(step.reason) == folded(VOIDED) else step.reason
    case = closed(replace(case, work=replace(case.work, tasks=())), reason, now)
    text, facts = f"{who.actor} closed the case.", {"voided": reason == VOIDED}
    return _written(case, Item("case.closed", text, Outcome.SUCCESS, facts, reason))


def _owner_only(case: Case, who: Person, deed: str) -> None:
    if not owns(case, who):
        raise RefusedError("not_owner", f"only the owner, {case.owner}, may {deed}")
