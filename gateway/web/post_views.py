"""Web posts as the API takes and shows them."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from gateway.domain.deliveries import FOR_PEOPLE, Delivery
from gateway.domain.history import stamp
from gateway.domain.posted import Fault
from gateway.web.shapes import Said, Shape
from gateway.web.views import Json, View

PostState = Literal["waiting", "blocked", "intended", "sent", "failed", "unsure", "dropped"]
_Field = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$")]
Value = Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")]


class Approving(Shape):
    """What a person approves: values by the client's fields; for all others the suggestions."""

    fields: dict[_Field, Value] = Field(
        default_factory=dict, max_length=200, json_schema_extra={"additionalProperties": False}
    )


class Dismissing(Shape):
    """How a person has dealt with a post in another way."""

    note: Said


class FaultView(View):
    """A character that the client does not take (S3-57); `field` is the client's."""

    field: str
    character: str
    codepoint: str = Field(examples=["U+00FC"])
    index: int = Field(description="Its place in the value, from 0.")
    value: str
    suggestion: str | None = Field(
        description="The value in characters that are taken; null where there is no such spelling."
    )
    email_changed: bool = Field(description="The suggestion is another e-mail address.")


class PostView(View):
    """A web post; `due_at`: when it is sent again, or its people are reminded."""

    id: str
    ucn: str
    account: str
    name: str
    kind: Literal["claim", "lead"]
    occasion: Literal["taken", "delivered"]
    state: PostState
    reason: str | None
    status: int | None = Field(description="What the client's side answered last.")
    tries: int
    created_at: str
    due_at: str | None
    faults: list[FaultView]


def post_view(one: Delivery, next_at: datetime | None, found: tuple[Fault, ...]) -> Json:
    """Show a post, with what its client does not take while it waits for a person."""
    return {
        "id": str(one.id),
        "ucn": one.key.ucn,
        "account": one.key.account,
        "name": one.name,
        "kind": one.kind,
        "occasion": one.occasion,
        "state": one.state,
        "reason": one.reason,
        "status": one.status,
        "tries": one.tries,
        "created_at": stamp(one.created_at),
        "due_at": stamp(next_at) if next_at else None,
        "faults": [asdict(fault) for fault in found] if one.state in FOR_PEOPLE else [],
    }
