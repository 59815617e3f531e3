"""Lists of calls and texts: filtered, newest first, in pages that new arrivals do not shift."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from adapters.simulator.errors import RestError
from adapters.simulator.forms import Form
from adapters.simulator.records import Call, Text

PAGE_SIZE, MOST = 50, 1000
Record = TypeVar("Record", Call, Text)


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed: its JSON key, its path, its fields for To, From, Status and instants."""

    key: str
    path: str
    account: str
    moments: dict[str, Callable[[Any], datetime | None]]


def list_page(records: Iterable[Record], listing: Listing, query: Form) -> dict[str, Any]:
    """Give one page in the vendor's shape; RestError 20001 for a filter it cannot read."""
    matches = _filter(listing, query)
    matching = [record for record in records if matches(record)]
    matching.reverse()
    size = _number(query, "PageSize", PAGE_SIZE)
    size = max(1, min(size, MOST))
    number, start = _number(query, "Page", 0), 0
    token = query.get("PageToken")
    if token:
        sids = [record.sid for record in matching]
        start = sids.index(token[2:]) + 1 if token[2:] in sids else number * size
    shown = matching[start : start + size]
    more = len(matching) > start + size
    return {
        listing.key: [record.shape(listing.account) for record in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(shown) - 1, 0),
        "uri": _address(listing, query, {}),
        "first_page_uri": _address(listing, query, {"PageSize": str(size), "Page": "0"}),
        "previous_page_uri": None,
        "next_page_uri": _address(listing, query, _next(size, number, shown)) if more else None,
    }


def _next(size: int, number: int, shown: list[Record]) -> dict[str, str]:
    return {"PageSize": str(size), "Page": str(number + 1), "PageToken": f"PA{shown[-1].sid}"}


def _address(listing: Listing, query: Form, extra: dict[str, str]) -> str:
    paging = ("PageSize", "Page", "PageToken") if extra else ()
    kept = [(name, value) for name, value in query.pairs if name not in paging]
    words = urlencode([*kept, *extra.items()])
    return f"{listing.path}?{words}" if words else listing.path


def _filter(listing: Listing, query: Form) -> Callable[[Call | Text], bool]:
    """Read the filters once: a list looks at every call there ever was."""
    to, from_, status = (query.get(name) for name in ("To", "From", "Status"))
    asked = [
        (moment, raw, side)
        for name, moment in listing.moments.items()
        for words, side in ((name, 0), (f"{name}<", -1), (f"{name}>", 1))
        if (raw := query.get(words))
    ]

    def matches(record: Call | Text) -> bool:
        if (to and record.to != to) or (from_ and record.from_ != from_):
            return False
        if status and record.status != status:
            return False
        return all(
            (at := moment(record)) is not None and _fits(at, raw, side)
            for moment, raw, side in asked
        )

    return matches


def _fits(at: datetime, raw: str, side: int) -> bool:
    """Compare as the vendor does: a bare date means the UTC day, both ends included."""
    try:
        limit = datetime.fromisoformat(raw)
    except ValueError as fault:
        raise RestError(20001, f"{raw} is neither a date nor an instant") from fault
    if len(raw) == len("2026-02-02"):
        day, border = at.astimezone(UTC).date(), limit.date()
        return day == border if side == 0 else (day - border).days * side >= 0
    limit = limit.replace(tzinfo=limit.tzinfo or UTC)
    return at == limit if side == 0 else (at - limit).total_seconds() * side >= 0


def _number(query: Form, name: str, default: int) -> int:
    raw = query.get(name)
    if raw and not raw.isdecimal():
        raise RestError(20001, f"{name} must be a number, not {raw}")
    return int(raw) if raw else default
