"""Parks as the API takes and shows them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.domain.aside import Park
from gateway.domain.messages import Message
from gateway.domain.people import Done
from gateway.store.messages import Shown
from gateway.store.parks import Parked
from gateway.web.briefs import ParkBrief, park_brief
from gateway.web.message_cases import LinkedView
from gateway.web.proof_shapes import audited
from gateway.web.shapes import PriorityWord, Said, Shape
from gateway.web.views import JobView, Json, View, job_view

Skill = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$", examples=["Dispatch"])]


class Parking(Shape):
    """What a message is parked for, and for whom."""

    skill: Skill
    text: Said


class ParkView(ParkBrief):
    """A park; `state` is open, claimed, released or closed."""

    ucn: str
    account: str
    state: Literal["open", "claimed", "released", "closed"]


class ParkAfter(ParkView):
    """A park after a deed, with the message's jobs."""

    jobs: list[JobView]


class ParkTold(ParkView):
    """A park with what it is for; `text` is null once erased."""

    text: str | None


class AnnotationView(View):
    """An annotation; `text` is null where it was erased."""

    seq: int
    at: str
    actor: str
    text: str | None
    directive: str | None


class ParkedItem(ParkTold):
    """A park as it is listed."""

    priority: PriorityWord
    message_state: str
    annotations: list[AnnotationView]


class ClaimedPark(View):
    """All that its claimer needs, read at one instant (S3-95)."""

    park: ParkTold
    message: LinkedView
    annotations: list[AnnotationView]
    history: list[dict[str, Any]]


def park_view(message: Message, park: Park, now: datetime) -> Json:
    """Show a park of a message as it is at an instant."""
    owner = park.owner_at(now)
    standing = park if owner else park._replace(owner=None, until=None)
    return {
        "ucn": message.key.ucn,
        "account": message.key.account,
        "state": "claimed" if owner else "open",
        **park_brief(standing),
    }


def after(done: Done, now: datetime, ended: str | None = None) -> Json:
    """Show a park after a deed, with its jobs; `ended` says how, where it is over."""
    park = done.message.aside.park or done.before.aside.park
    assert park is not None  # noqa: S101 - there was one, or the deed was refused
    view = park_view(done.message, park, now)
    state = {"state": ended} if ended else {}
    return {**view, **state, "jobs": [job_view(job) for job in done.jobs]}


def listed(parked: Parked, now: datetime) -> Json:
    """Show a park in the list."""
    message = parked.message
    park = message.aside.park
    assert park is not None  # noqa: S101 - the list holds no others
    return {
        **park_view(message, park, now),
        "text": parked.text,
        "priority": message.priority.word,
        "message_state": message.state.value,
        "annotations": annotations(parked.annotations),
    }


async def claimed(shown: Shown, items: list[Json], cases: list[Json], now: datetime) -> Json:
    """Show all that the claimer of a park needs: the message, its cases and its whole history."""
    park = shown.message.aside.park
    assert park is not None  # noqa: S101 - it was claimed just now
    words = {item["seq"]: item.get("content") for item in items}
    return {
        "park": {**park_view(shown.message, park, now), "text": words.get(park.seq)},
        "message": {**await audited(shown), "cases": cases},
        "annotations": annotations(items),
        "history": items,
    }


def annotations(items: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Show the annotations among a history's items, oldest first."""
    return [
        {
            "seq": item["seq"],
            "at": item["at"],
            "actor": item["actor"],
            "text": item.get("content"),
            "directive": item["data"].get("directive"),
        }
        for item in items
        if item["kind"] == "annotation.added"
    ]
