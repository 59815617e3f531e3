"""Previews as the API and `load --diff --json` give them."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from gateway.domain.history import stamp
from gateway.domain.masking import mask_address
from gateway.domain.moves import Kind, Move
from gateway.domain.preview import Preview
from gateway.domain.reached import People
from gateway.web.views import Json


class EditView(BaseModel):
    """One difference between the document in force and the one given; PINs are masked."""

    path: str
    change: Literal["added", "removed", "changed"]
    was: Any = None
    now: Any = None


class ReachedView(BaseModel):
    """Somebody who would be tried; `method` is call, sms, secure, email or person."""

    contact: str
    name: str
    method: str
    address: str | None = Field(description="Masked.")


class KindView(BaseModel):
    """A kind of message; `form` null: one without a form that a protocol names."""

    priority: str
    form: str | None


class MoveView(BaseModel):
    """Who would be reached differently from `start` to `end` (half-open), in order."""

    schedule: str
    kinds: list[KindView]
    start: str
    end: str
    was: list[ReachedView]
    now: list[ReachedView]


class AffectedView(BaseModel):
    """An open message that would go on otherwise."""

    ucn: str
    why: list[Literal["schedule", "reached", "protocol", "details"]]


class PreviewView(BaseModel):
    """What would change; nothing was applied. `version` is the one in force."""

    account: str
    version: int | None
    changed: bool
    start: str
    end: str
    changes: list[EditView]
    reached: list[MoveView]
    messages: list[AffectedView]


def preview_view(preview: Preview) -> Json:
    """Show a preview; instants are UTC, addresses masked."""
    return {
        "account": preview.account.account,
        "version": preview.version,
        "changed": bool(preview.edits),
        "start": stamp(preview.start),
        "end": stamp(preview.end),
        "changes": [
            {"path": one.path, "change": one.change, "was": one.was, "now": one.now}
            for one in preview.edits
        ],
        "reached": [_move(one) for one in preview.moves],
        "messages": [{"ucn": one.ucn, "why": list(one.why)} for one in preview.messages],
    }


def _move(move: Move) -> Json:
    return {
        "schedule": move.schedule,
        "kinds": [_kind(kind) for kind in move.kinds],
        "start": stamp(move.start),
        "end": stamp(move.end),
        "was": _people(move.was),
        "now": _people(move.now),
    }


def _kind(kind: Kind) -> Json:
    return {"priority": kind.priority.word, "form": kind.form}


def _people(people: People) -> list[Json]:
    return [
        {
            "contact": one.contact,
            "name": one.name,
            "method": one.method,
            "address": mask_address(one.address) if one.address else None,
        }
        for one in people
    ]
