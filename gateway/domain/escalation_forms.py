"""The eight combinations of a market escalation's fields, letter by letter (S2-01 to S2-08)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.domain.deeds import RefusedError

RECORD_TYPE: Final = "Non Technical"
REASON: Final = "Work Order Inquiry/Escalation"
UPDATE: Final = "Work Order Update/Change"
FOLLOW_UP: Final = "Work Order Follow Up"
_BLANKS = re.compile(r"[\W_]+")


class Topic(StrEnum):
    """What an escalation is about, whatever its reason is called; names its queue and advice."""

    QUOTA = "quota"
    COMBINE = "combine"
    UNRESOLVED = "unresolved"
    GO_BACK = "go_back"
    LEFT_BEHIND = "left_behind"
    LEAD_TECHNICIAN = "lead_technician"

    __hash__ = str.__hash__


class Wanted(NamedTuple):
    """A note that must be filled in: its key, how people call it, and other keys it may have."""

    key: str
    label: str
    also: tuple[str, ...] = ()


class Form(NamedTuple):
    """A case reason with what goes with it."""

    case_reason: str
    reason_detail: str
    topic: Topic
    notes: tuple[Wanted, ...]


_WHY: Final = Wanted("reason", "Reason", ("reason_for_request",))
_REQUEST: Final = Wanted("reason_for_request", "Reason for request", ("reason",))
_BEST: Final = Wanted(
    "best_contact_number",
    "Best contact number",
    ("contact_number", "best_number", "number", "phone", "callback_number"),
)
_NUMBER: Final = Wanted(
    "contact_number",
    "Contact number",
    ("best_contact_number", "number", "phone", "callback_number"),
)
_TIME: Final = Wanted(
    "time_frame_requested",
    "Time frame requested",
    ("time_frame", "requested_time_frame", "timeframe", "timeframe_requested"),
)
_COMMENTS: Final = Wanted("pertinent_comments", "Pertinent comments", ("comments",))
_TECH: Final = Wanted(
    "tech_id", "Tech ID", ("tech", "tech_name_or_id", "technician", "technician_id", "last_tech_id")
)
_TECH_NAME: Final = Wanted(
    "tech_name_or_id", "Tech Name or ID", ("tech_id", "tech_name", "tech", "technician")
)
_SUPPORT: Final = Wanted(
    "name_of_support_person",
    "Name of support person",
    ("support_person", "support_person_name", "support_name", "support"),
)
_QUOTA: Final = (_BEST, _TIME, _COMMENTS)
_COMBINED: Final = (
    _WHY,
    Wanted("contact_name", "Contact Name", ("name",)),
    Wanted("number", "Number", ("contact_number", "best_contact_number", "phone")),
    Wanted("business_hours", "Business Hours", ("hours",)),
    _TECH,
)
_REPEATED: Final = (_WHY, _TIME, _NUMBER, _TECH, _SUPPORT)
_GOING_BACK: Final = (_REQUEST, _NUMBER, _TECH, _SUPPORT)
_LEAD: Final = (_WHY, _TIME, _NUMBER, _TECH_NAME, _COMMENTS)
_ROWS: Final = (
    Form("Quota Escalations/No Quota Available", UPDATE, Topic.QUOTA, _QUOTA),
    Form("Quota Escalations/Specific Time Frame Needed", UPDATE, Topic.QUOTA, _QUOTA),
    # The singular is the source's own.
    Form("Quota Escalation/Do Sooner Than 1st Available", UPDATE, Topic.QUOTA, _QUOTA),
    Form("Combine Multiple Work Orders", UPDATE, Topic.COMBINE, _COMBINED),
    Form("Business Unresolved/Repeat Issue", UPDATE, Topic.UNRESOLVED, _REPEATED),
    Form("Tech Go Back Request", UPDATE, Topic.GO_BACK, _GOING_BACK),
    Form("Tech Left Behind Items", UPDATE, Topic.LEFT_BEHIND, _GOING_BACK),
    Form("Requesting Lead/Supervisor Technician", FOLLOW_UP, Topic.LEAD_TECHNICIAN, _LEAD),
)
FORMS: Final[Mapping[str, Form]] = MappingProxyType({one.case_reason: one for one in _ROWS})


def form_of(case_reason: str, reason_detail: str | None) -> Form:
    """Return the form of a case reason; RefusedError where the detail is not its own (S2-29)."""
    form = FORMS.get(case_reason)
    if form is None:
        raise RefusedError("unknown_case_reason", "there is no such case reason")
    if reason_detail not in {None, form.reason_detail}:
        words = f"the reason detail of {form.case_reason!r} is {form.reason_detail!r}"
        raise RefusedError("wrong_reason_detail", words, reason_detail=form.reason_detail)
    return form


def noted(form: Form, notes: Mapping[str, str]) -> dict[str, str]:
    """Return the notes under their own keys, in order; RefusedError names those that are missing.

    Keys go by their letters: `Best contact number` and `best_contact_number` are one. Notes that
    nobody asked for are kept behind the others.
    """
    left = {_plain(key): (key, text.strip()) for key, text in notes.items()}
    taken: dict[str, str] = {}
    missing: list[Wanted] = []
    for one in form.notes:
        text = next(
            (left.pop(key)[1] for key in map(_plain, (one.key, *one.also)) if key in left), ""
        )
        if not text:
            missing.append(one)
        taken[one.key] = text
    if missing:
        words = f"these notes are missing: {', '.join(one.label for one in missing)}"
        raise RefusedError("missing_notes", words, missing=[one.key for one in missing])
    return {**taken, **{key: text for key, text in left.values() if text}}


def printed(form: Form, notes: Mapping[str, str]) -> str:
    """Write notes a line each, as people read them."""
    labels = {one.key: one.label for one in form.notes}
    return "\n".join(f"{labels.get(key, key)}: {text}" for key, text in notes.items())


def _plain(key: str) -> str:
    return _BLANKS.sub("", key).casefold()
