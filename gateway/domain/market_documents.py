"""The table of a market as an operator writes it: zone, hours, cut-offs, queues, words (S2).

What is left out is as shipped (A13, A14); `markets` compiles it.
"""

from datetime import time, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt, model_validator

from gateway.domain.document_fields import Duration, Line, Text, Weekly, Zone, between
from gateway.domain.document_models import Holidays, calendar_named
from gateway.domain.document_schedules import Part
from schedules.hours import calendar

Sunday = Literal["allowed", "not_accommodated", "no_quota"]
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_TURN: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _known_calendar(days: Holidays) -> Holidays:
    if days.calendar is not None:
        calendar(days.calendar)
    return days


def _whole_name(name: str) -> str:
    """Refuse a name of which nothing is left once blanks and dashes are out of the way."""
    if not any(map(str.isalnum, name)):
        raise ValueError("must hold letters or digits")
    return name


Name = Annotated[Line, AfterValidator(_whole_name)]
ClockTime = Annotated[Text, Field(pattern=_TURN, examples=["09:00"])]
Said = Annotated[Text, Field(min_length=1, max_length=2_000)]
DaysOff = Annotated[Holidays, BeforeValidator(calendar_named), AfterValidator(_known_calendar)]


class Place(Part):
    """A part of the market whose clocks differ, such as El Paso in Texas (S2-31)."""

    name: Name
    timezone: Zone


class Queues(Part):
    """Where cases go, by what they are about; `{market}` stands for the market's code (S2-30)."""

    quota: Line = "Dispatch {market} Quota Escalations"
    combine: Line = "Dispatch {market} Combined Work Orders"
    unresolved: Line = "Dispatch {market} Unresolved and Repeat"
    go_back: Line = "Dispatch {market} Tech Go Back"
    left_behind: Line = "Dispatch {market} Left Behind Items"
    lead_technician: Line = "Dispatch {market} Lead Technician"


class AdviceTexts(Part):
    """What the customer is told before a case is saved, word for word (S2-22 to S2-25)."""

    quota: Said = (
        "I am immediately escalating your appointment request to Dispatch for consideration. "
        "You will ONLY hear back from Dispatch if we are able to accommodate your request, "
        "typically within 30 minutes; at the end of the business day, contact is made the next "
        "business day after 9:00am. Your original appointment stands unless you receive a call "
        "back."
    )
    standard: Said = (
        "I am immediately escalating your appointment request to Dispatch for consideration. "
        "Contact is typically made in 30 minutes; at the end of the business day, contact is "
        "made the next business day after 9:00am."
    )
    combine: Said = (
        "I am immediately escalating your appointment request to Dispatch for consideration. "
        "You will be contacted by the next business day after 9:00am."
    )
    left_behind: Said = (
        "I am notifying the technician now. The items that were left behind will not be "
        "addressed until the next day."
    )
    offer: Said = (
        "We have many open appointments beginning with {openings}. "
        "What one of these works best for you?"
    )

    @model_validator(mode="after")
    def _says_the_openings(self) -> Self:
        if "{openings}" not in self.offer:
            raise ValueError("offer must say where the {openings} go")
        return self


class Appointments(Part):
    """The arrival windows that are offered before a quota case, and how many at once (S2-25)."""

    windows: Annotated[tuple[Weekly, ...], Field(min_length=1, max_length=20)] = (
        "Mon-Sat 08:00-12:00",
        "Mon-Sat 13:00-17:00",
    )
    offered: Annotated[StrictInt, Field(ge=1, le=10)] = 3


class MarketDocument(Part):
    """One market's table; hours are its local time, ends included to the second (S2-17).

    `business`: when customers are contacted, `morning` being the first contact of a day;
    `contact_within` is the usual promise. `pickup`: when Dispatch picks cases up (absent: always).
    """

    market: Annotated[Text, Field(pattern=r"^[A-Z0-9]{1,12}(-[A-Z0-9]{1,12})?$")]
    name: Name
    timezone: Zone
    places: Annotated[list[Place], Field(max_length=100)] = Field(default_factory=list)
    business: Weekly = "Mon-Fri 09:00-17:00"
    morning: ClockTime = "09:00"
    holidays: DaysOff = Holidays(calendar="US")
    contact_within: Annotated[Duration, between(_MINUTE, _DAY)] = timedelta(minutes=30)
    pickup: Weekly | None = None
    weeknight_rollover: Literal["next_business_morning", "monday_literal"] = "next_business_morning"
    tech_go_back_until: ClockTime | None = None
    sunday: Sunday = "not_accommodated"
    left_behind: Literal["next_day", "next_business_day"] = "next_day"
    appointments: Appointments = Appointments()
    queues: Queues = Queues()
    advice: AdviceTexts = AdviceTexts()


def clock_time(text: str) -> time:
    """Read a time of day such as `15:00`."""
    return time.fromisoformat(text)
