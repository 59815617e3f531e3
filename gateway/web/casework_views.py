"""What people did with a case, and what somebody asked for, as the API shows it (S4)."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from gateway.domain.casebook import OWNERS
from gateway.domain.cases import Case
from gateway.domain.casework import ROW
from gateway.domain.casework_facts import Assignment, LastReview, Task
from gateway.domain.history import stamp
from gateway.domain.support_facts import Support
from gateway.web.views import Json, View

_ACTIVITIES: Final = frozenset({"case.reviewed", "case.returned"})
_SUPPORT: Final = tuple(Support.__dataclass_fields__)


class SupportView(View):
    """What a homeowner or an installer asked for, and who looks after the organization above."""

    contact_name: str
    request_type: str
    subtype: str
    description: str
    source: str
    parent: Literal["contract", "account", "contact"]
    contract: str | None
    contract_state: str | None
    confirmed_by: str | None
    homeowner: str | None
    installer: str | None
    installer_contact: str | None
    organization: str | None
    account_manager: str | None
    sales_manager: str | None


class AssignmentView(View):
    """A task given to another team."""

    n: int
    team: str
    reason: str
    comments: str
    status: Literal["open", "done", "returned", "rejected"]
    answer: str | None
    at: str
    by: str
    account_manager: str | None
    sales_manager: str | None


class TaskView(View):
    """Something the owner has to do."""

    subject: str
    name: str | None
    due_date: str | None
    status: str
    comments: str
    owner: str
    at: str


class ReviewView(View):
    """The newest log review."""

    comments: str
    by: str
    at: str


class WorkView(View):
    """What people did with a case; `last_reviewed_at` is null until somebody reviews it."""

    owner_team: str
    support: SupportView | None
    assignments: list[AssignmentView]
    tasks: list[TaskView]
    last_review: ReviewView | None
    last_reviewed_at: str | None


class ActivityView(View):
    """A row of the case's activities; none of them is ever changed."""

    subject: str
    name: str | None
    due_date: str | None
    status: str
    comments: str | None
    kind: str
    at: str
    by: str


def work_view(case: Case) -> Json:
    """Show what people did with a case."""
    review, support = case.work.review, case.support
    return {
        "owner_team": OWNERS,
        "support": {name: getattr(support, name) for name in _SUPPORT} if support else None,
        "assignments": [_assignment(one) for one in case.work.assignments],
        "tasks": [_task(one) for one in case.work.tasks],
        "last_review": {"comments": review.comments, "by": review.by, "at": stamp(review.at)}
        if review
        else None,
        "last_reviewed_at": stamp(review.at) if review else None,
    }


def is_activity(item: Mapping[str, Any]) -> bool:
    """Tell whether an item of a case's history is a row of its activities."""
    return item["kind"] in _ACTIVITIES


def activity_view(item: Mapping[str, Any]) -> Json:
    """Show an item of a case's history as a row of its activities (S4-20)."""
    row = {name: item["data"][name] for name in ROW}
    source = {"kind": item["kind"], "at": item["at"], "by": item["actor"]}
    return {**row, "comments": item.get("content"), **source}


def review_activity(review: LastReview) -> Json:
    """Show the row that a log review has just written."""
    source = {"kind": "case.reviewed", "at": stamp(review.at), "by": review.by}
    return {**ROW, "comments": review.comments, **source}


def _assignment(one: Assignment) -> Json:
    return {
        "n": one.n,
        "team": one.team,
        "reason": one.reason,
        "comments": one.comments,
        "status": one.state,
        "answer": one.answer,
        "at": stamp(one.at),
        "by": one.by,
        "account_manager": one.account_manager,
        "sales_manager": one.sales_manager,
    }


def _task(one: Task) -> Json:
    return {
        "subject": one.subject,
        "name": one.name,
        "due_date": one.due_date,
        "status": one.status,
        "comments": one.comments,
        "owner": one.owner,
        "at": stamp(one.at),
    }
