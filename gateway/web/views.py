"""Views: what the API answers, and how domain objects become it."""

from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from gateway.domain.content import Content
from gateway.domain.history import stamp
from gateway.domain.jobs import Job
from gateway.domain.keeping import source_of
from gateway.domain.messages import Message
from gateway.domain.outlook import Next
from gateway.domain.taking import Taken
from gateway.store.messages import Shown
from gateway.store.worklist import class_of
from gateway.web.briefs import ParkBrief, ReviewBrief, park_brief, review_brief
from gateway.web.shapes import DueClass, PriorityWord, StateWord

Json = dict[str, Any]


class Answer(Response):
    """A JSON answer, written as it is."""

    def __init__(self, content: object, status_code: int = 200) -> None:
        super().__init__(orjson.dumps(content), status_code, media_type="application/json")


class View(BaseModel):
    """A part of an answer, for the OpenAPI document."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class JobStub(View):
    """A job of a message just taken."""

    id: str
    state: StateWord
    due_at: str | None


class Receipt(View):
    """What a message just taken is answered with."""

    ucn: str
    state: str
    jobs: list[JobStub]


class TargetView(View):
    """Whom a person named."""

    contact: str
    reason: str


class RoundView(View):
    """How far the walk through the rotation has got."""

    number: int
    started_at: str | None
    open: bool
    protocol: str
    schedule: str


class JobView(View):
    """A job; instants are UTC. `class` is null for a job that is not due any more."""

    id: str
    ucn: str
    account: str
    priority: PriorityWord
    source: str
    state: StateWord
    created_at: str
    due_at: str | None
    next_at: str | None
    cue_at: str | None
    reason: str | None
    owner: str | None
    target: TargetView | None
    active_seconds: int
    round: RoundView


class PersonView(View):
    """Who is being reached, or comes next."""

    contact: str
    name: str
    method: str
    address: str | None
    source: str
    reason: str
    notes: str | None
    requires_human: bool


class ListedJob(JobView):
    """A job of the dispatch list, with who is reached and the last items of its history."""

    due_class: DueClass | None = Field(alias="class")
    under_way: PersonView | None
    next: PersonView | None
    history: list[dict[str, Any]]
    specials: list[dict[str, Any]]


class CallerView(View):
    """Who called."""

    name: str | None
    phone: str | None


class MessageView(View):
    """A message; its details are null where they were erased."""

    ucn: str
    account: str
    priority: PriorityWord
    form: str | None
    state: str
    evidence: str | None
    delivered_to: str | None
    delivered_at: str | None
    taken_by: str
    taken_at: str
    sent: bool
    has_pending_job: bool
    park: ParkBrief | None
    am_review: ReviewBrief | None
    text: str | None
    caller: CallerView | None
    fields: dict[str, str] | None
    jobs: list[JobView]


def instant(at: datetime | None) -> str | None:
    """Write an instant as the API does: UTC with six decimals."""
    return stamp(at) if at else None


def receipt(taken: Taken) -> Json:
    """Answer a message just taken."""
    return stub(taken.message, taken.jobs)


def stub(message: Message, jobs: tuple[Job, ...]) -> Json:
    """Name a message, its state and its jobs."""
    return {
        "ucn": message.key.ucn,
        "state": message.state.value,
        "jobs": [
            {"id": str(job.id), "state": job.state.value, "due_at": instant(job.due_at)}
            for job in jobs
        ],
    }


def job_view(job: Job) -> Json:
    """Show a job."""
    one = job.round
    return {
        "id": str(job.id),
        "ucn": job.key.ucn,
        "account": job.key.account,
        "priority": job.priority.word,
        "source": source_of(job),
        "state": job.state.value,
        "created_at": stamp(job.created_at),
        "due_at": instant(job.due_at),
        "next_at": instant(job.next_at),
        "cue_at": instant(job.cue_at),
        "reason": job.reason,
        "owner": job.owner,
        "target": {"contact": job.target.contact, "reason": job.target.reason}
        if job.target
        else None,
        "active_seconds": job.active_seconds,
        "round": {
            "number": one.number,
            "started_at": instant(one.at),
            "open": one.open,
            "protocol": one.protocol,
            "schedule": one.schedule,
        },
    }


def listed_job(
    job: Job, now: datetime, people: tuple[Next | None, Next | None], items: list[Json]
) -> Json:
    """Show a job of the dispatch list: `people` are the one being reached and the next."""
    reached, following = people
    return {
        **job_view(job),
        "class": class_of(job, now),
        "under_way": person_view(reached),
        "next": person_view(following),
        "history": items,
    }


def person_view(one: Next | None) -> Json | None:
    """Show who is reached."""
    if one is None:
        return None
    return {
        "contact": one.contact,
        "name": one.name,
        "method": one.method,
        "address": one.address,
        "source": one.source,
        "reason": one.reason,
        "notes": one.notes,
        "requires_human": one.requires_human,
    }


def message_view(shown: Shown) -> Json:
    """Show a message with its details and jobs."""
    m = shown.message
    return {
        **message_head(m, shown.jobs),
        **_details(shown.content),
        "jobs": [job_view(job) for job in shown.jobs],
    }


def message_head(m: Message, jobs: tuple[Job, ...]) -> Json:
    """Show a message without its details."""
    return {
        "ucn": m.key.ucn,
        "account": m.key.account,
        "priority": m.priority.word,
        "form": m.form,
        "state": m.state.value,
        "evidence": m.evidence,
        "delivered_to": m.delivered_to,
        "delivered_at": instant(m.delivered_at),
        "taken_by": m.taken_by,
        "taken_at": stamp(m.taken_at),
        "sent": m.sent,
        "has_pending_job": any(not job.state.terminal for job in jobs),
        "park": park_brief(m.aside.park) if m.aside.park else None,
        "am_review": review_brief(m.aside.review) if m.aside.review else None,
    }


def _details(content: Content | None) -> Json:
    if content is None:
        return {"text": None, "caller": None, "fields": None}
    caller = {"name": content.caller_name, "phone": content.caller_phone}
    return {"text": content.text, "caller": caller, "fields": dict(content.fields)}
