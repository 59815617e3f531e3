"""Specials as the API takes and shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field

from gateway.domain.history import stamp
from gateway.domain.specials import Special, active, plain
from gateway.domain.state import State
from gateway.store import specials
from gateway.store.specials import Posted
from gateway.web.problems import ProblemError
from gateway.web.shapes import LOCAL, ContactKey, Shape
from gateway.web.views import Json, View, instant
from schedules.walltime import first_instant, last_instant

StateOf = Literal["pending", "approved", "rejected"]
# Of a special that stands in the account document: whoever put that in force answers for it.
_DOCUMENT: Final = "document"


def _said(text: str) -> str:
    if not plain(text):
        raise ValueError("must say something besides marks")
    return text


# One line, as it is posted to a channel; not of marks and blanks alone.
Instruction = Annotated[
    str,
    Field(pattern=r"^[^\x00-\x1f\x7f]*[^\s/*\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", max_length=1000),
    AfterValidator(_said),
]
When = Annotated[
    str,
    Field(
        pattern=LOCAL,
        description="A date (its first minute), a local time of the account, or an instant.",
        examples=["2026-01-05", "2026-01-05T08:00", "2026-01-05T13:00:00Z"],
    ),
]


class Replace(Shape):
    """Somebody is reached in place of the schedule's people."""

    replace: ContactKey


class Hold(Shape):
    """Jobs are held until the special ends."""

    hold: Literal[True]


class NewSpecial(Shape):
    """A special as it is posted; without an effect it is words for people."""

    text: Instruction
    start: When
    end: When
    effect: Replace | Hold | None = None

    def special(self, id_: UUID, zone: ZoneInfo) -> Special:
        """Return it with its span as instants; ProblemError when the end is not after the start."""
        start, end = _at(self.start, zone, last=False), _at(self.end, zone, last=True)
        if end <= start:
            raise impossible("the end is not after the start")
        return Special(
            id=str(id_),
            text=plain(self.text),
            start=start,
            end=end,
            replace=self.effect.replace if isinstance(self.effect, Replace) else None,
            hold=isinstance(self.effect, Hold),
        )


class EffectView(BaseModel):
    """What a special does; the other key is left out."""

    replace: str | None = None
    hold: bool | None = None


class SpecialView(View):
    """A special; `active` at the instant asked for, else now. Instants are UTC."""

    id: str
    account: str
    text: str
    start: str
    end: str
    effect: EffectView | None
    state: StateOf
    active: bool
    posted_by: str
    posted_at: str | None
    reviewed_by: str | None
    reviewed_at: str | None


class AccountItem(View):
    """Something that happened to the account itself, and to no message."""

    at: str
    actor: str
    kind: str
    outcome: str
    text: str
    data: dict[str, Any]


def _at(text: str, zone: ZoneInfo, *, last: bool) -> datetime:
    """Read a date, a local time (of a doubled end the last) or an instant."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        return found
    return last_instant(found, zone) if last else first_instant(found, zone)


def impossible(words: str) -> ProblemError:
    """Return the refusal of a span that cannot be."""
    errors = [{"place": "body.end", "words": words}]
    return ProblemError(422, "invalid", f"body.end: {words}", errors=errors)


def of_document(own: Sequence[Special]) -> list[Posted]:
    """Return the specials of the account document, which nobody has to review."""
    return [Posted(one, specials.APPROVED, _DOCUMENT, None) for one in own]


def special_view(account: str, one: Posted, at: datetime) -> Json:
    """Show a special as it stood at an instant."""
    special = one.special
    ended = one.state == specials.REJECTED and one.reviewed_at and one.reviewed_at <= at
    return {
        "id": special.id,
        "account": account,
        "text": special.text,
        "start": stamp(special.start),
        "end": stamp(special.end),
        "effect": _effect(special),
        "state": one.state,
        "active": special.holds_at(at) and not ended,
        "posted_by": one.posted_by,
        "posted_at": instant(one.posted_at),
        "reviewed_by": one.reviewed_by,
        "reviewed_at": instant(one.reviewed_at),
    }


def briefs(state: State, at: datetime) -> list[Json]:
    """Show the specials that a job's account has at an instant, whatever they do (S3-43)."""
    own = state.account.specials if state.account else ()
    return [
        {
            "id": one.id,
            "text": one.text,
            "start": stamp(one.start),
            "end": stamp(one.end),
            "effect": _effect(one),
        }
        for one in active((*own, *state.specials), at)
    ]


def _effect(special: Special) -> Json | None:
    if special.replace is not None:
        return {"replace": special.replace}
    return {"hold": True} if special.hold else None
