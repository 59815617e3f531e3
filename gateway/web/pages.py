"""Pages: what people open by a link, without a token of theirs."""

from gateway.web.calendars import CalendarDoor
from gateway.web.parts import Parts
from gateway.web.secure import SecureDoor
from gateway.web.survey import SurveyDoor


def pages(parts: Parts) -> tuple[SecureDoor, SurveyDoor, CalendarDoor]:
    """Return the doors of secure messages, surveys and calendars."""
    return SecureDoor(parts), SurveyDoor(parts), CalendarDoor(parts)
