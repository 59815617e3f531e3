"""What people have done with a case, of whatever type: assignments, tasks, the last review (S4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

DocumentKind = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/heif",
    "image/jpeg",
    "image/png",
    "image/webp",
]
AssignmentState = Literal["open", "done", "returned", "rejected"]
# What came back: nobody works it any more, and the owner has to do something.
BACK: Final = frozenset({"returned", "rejected"})


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task given to another team; the case's owner stays who it was (S4-03, S4-04).

    `answer`: what the team said when it was done or sent it back.
    """

    n: int
    team: str
    reason: str
    comments: str
    at: datetime
    by: str
    state: AssignmentState = "open"
    answer: str | None = None
    account_manager: str | None = None
    sales_manager: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something an owner has to do, or has done; `name` and `due_date` stay empty (S4-20)."""

    subject: str
    status: Literal["Open", "Completed"]
    comments: str
    owner: str
    at: datetime
    name: None = None
    due_date: None = None


@dataclass(frozen=True, slots=True)
class LastReview:
    """The newest log review; the one before is overwritten (S4-21)."""

    comments: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its case knows it; the bytes (`size`) are a file named by its id (S4-26)."""

    id: UUID
    name: str
    kind: DocumentKind
    size: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """What people have done with a case. `tasks` are the open ones; `comments` counts them."""

    assignments: tuple[Assignment, ...] = ()
    tasks: tuple[Task, ...] = ()
    review: LastReview | None = None
    comments: int = 0
    documents: tuple[Document, ...] = ()
