"""The tables that are shipped: every state, in the zone where most of it lives (S2-14 to S2-20)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from gateway.domain.market_documents import MarketDocument, Place

_ZONES: Final = {
    "America/New_York": (
        "CT Connecticut; DC District of Columbia; DE Delaware; FL Florida; GA Georgia; IN Indiana; "
        "KY Kentucky; MA Massachusetts; MD Maryland; ME Maine; NC North Carolina; "
        "NH New Hampshire; NJ New Jersey; NY New York; OH Ohio; PA Pennsylvania; RI Rhode Island; "
        "SC South Carolina; VA Virginia; VT Vermont; WV West Virginia"
    ),
    "America/Detroit": "MI Michigan",
    "America/Chicago": (
        "AL Alabama; AR Arkansas; IA Iowa; IL Illinois; KS Kansas; LA Louisiana; MN Minnesota; "
        "MO Missouri; MS Mississippi; ND North Dakota; NE Nebraska; OK Oklahoma; SD South Dakota; "
        "TN Tennessee; TX Texas; WI Wisconsin"
    ),
    "America/Denver": "CO Colorado; MT Montana; NM New Mexico; UT Utah; WY Wyoming",
    "America/Boise": "ID Idaho",
    "America/Phoenix": "AZ Arizona",
    "America/Los_Angeles": "CA California; NV Nevada; OR Oregon; WA Washington",
    "America/Anchorage": "AK Alaska",
    "Pacific/Honolulu": "HI Hawaii",
}
_NO_QUOTA: Final[dict[str, Any]] = {"sunday": "no_quota"}
_OWN: Final[dict[str, dict[str, Any]]] = {
    "CA": _NO_QUOTA,
    "OR": _NO_QUOTA,
    "WA": _NO_QUOTA,
    "TX": {
        "places": [Place(name="El Paso", timezone="America/Denver")],
        "business": "Mon-Fri 09:00-20:00",
        "pickup": "Mon-Fri 00:00-20:00; Sat 00:00-17:00",
        "tech_go_back_until": "15:00",
    },
}


def _shipped() -> dict[str, MarketDocument]:
    states = [(zone, one) for zone, text in _ZONES.items() for one in text.split("; ")]
    tables = [(zone, *one.split(" ", 1)) for zone, one in states]
    return {
        code: MarketDocument(market=code, name=name, timezone=zone, **_OWN.get(code, {}))
        for zone, code, name in tables
    }


SHIPPED: Final[Mapping[str, MarketDocument]] = MappingProxyType(_shipped())
