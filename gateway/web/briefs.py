"""What is set aside of a message, in brief, as every answer about it shows it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from gateway.domain.aside import Park, Review
from gateway.domain.history import stamp


class ParkBrief(BaseModel):
    """For which skill a message is parked, by whom and since when, and who has claimed it.

    A claim whose `claimed_until` has passed is nobody's any more.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    skill: str
    parked_by: str
    parked_at: str
    claimed_by: str | None
    claimed_until: str | None


class ReviewBrief(BaseModel):
    """Since when an account manager is to look at a message."""

    flagged_at: str


def review_brief(review: Review) -> dict[str, Any]:
    """Show a flag."""
    return {"flagged_at": stamp(review.at)}


def park_brief(park: Park) -> dict[str, Any]:
    """Show a park."""
    return {
        "skill": park.skill,
        "parked_by": park.by,
        "parked_at": stamp(park.at),
        "claimed_by": park.owner,
        "claimed_until": _instant(park.until),
    }


def _instant(at: datetime | None) -> str | None:
    return stamp(at) if at else None
