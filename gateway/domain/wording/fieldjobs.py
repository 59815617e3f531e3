"""What customers of field jobs are told: somebody is on the way, how was it (S1-21, S1-24).

Never what the job is about: texts are read by whoever holds the phone.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain.wording import phrases

_NAME: Final = 60
_ROUNDED_UP: Final = timedelta(seconds=59)


def on_my_way(business: str, eta: datetime | None, zone: ZoneInfo | None, now: datetime) -> str:
    """Tell a customer that the technician has set out, and about when to expect them.

    Without a zone nobody knows what their clock shows: then it is said in how long.
    """
    about = ""
    if eta is not None and zone is not None:
        about = f" and should be with you about {phrases.moment(eta, zone)}"
    elif eta is not None and eta > now:
        about = f" and should be with you in about {phrases.span(eta - now + _ROUNDED_UP)}"
    return _from(business, f"your technician is on the way{about}.")


def survey(business: str, link: str) -> str:
    """Ask a customer how it was, by a page behind a link."""
    return _from(business, f"your appointment is complete. How did we do? {link}")


def _from(business: str, words: str) -> str:
    name = phrases.shortened(phrases.one_line(business), _NAME)
    return f"{name}: {words}" if name else phrases.capital(words)
