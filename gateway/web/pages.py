"""Pages: what people open by a link, without a token of theirs."""

from gateway.web.calendars import CalendarDoor
from gateway.web.handoff_door import HandoffDoor
from gateway.web.parts import Parts
from gateway.web.secure import SecureDoor
from gateway.web.survey import SurveyDoor


def pages(parts: Parts) -> tuple[SecureDoor, SurveyDoor, HandoffDoor, CalendarDoor]:
    """Return the doors of secure messages, surveys, hand-offs and calendars."""
    return SecureDoor(parts), SurveyDoor(parts), HandoffDoor(parts), CalendarDoor(parts)
