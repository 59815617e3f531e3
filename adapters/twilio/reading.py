"""Reading at the carrier: one record, or a list from its newest record backwards.

Nothing found and nothing read are told apart: what could not be read raises WireError.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, NamedTuple, TypeVar

from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]

from adapters.twilio import sdk
from adapters.wire import Unread, WireError

UNREADABLE: Final = "the carrier's answer could not be read"
_ENDLESS: Final = "the carrier's list does not end"
MISREAD: Final = (ValueError, TypeError, AttributeError, KeyError, TwilioException)
# Most lists are short. A long one is begun anew with large pages: half of the most there is, since
# a reply has to be whole within seconds, and nothing else is done while it is taken apart.
_SMALL: Final = 50
_LARGE: Final = 500
_PAGES: Final = 10
_One = TypeVar("_One")
_Turn = Callable[[], Awaitable[Any]]


async def look(request: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - no types in the SDK
    """Make one request that only reads; sdk.Rejected passes through."""
    try:
        return await request()
    except MISREAD:
        raise Unread(UNREADABLE) from None


def unread(error: sdk.Rejected) -> Unread:
    """Say that the carrier would not have a request that only reads."""
    status = error.reply.status
    return Unread(f"the carrier answered HTTP {status}", status)


class _Page(NamedTuple):
    """A page: the names of its records, those that are new enough, and how to turn it."""

    sids: list[str]
    fresh: dict[str, Any]
    following: _Turn | None


class Walk(Generic[_One]):
    """The records of a list that are new enough, newest first, until a page holds none.

    Nothing is filtered by the carrier's own dates: those of sending are empty while queued, and
    its filters are sure of whole days only. So a long list is read by following its pages.
    """

    def __init__(
        self,
        ask: Callable[[int], Awaitable[Any]],
        reach: Callable[[], datetime],
        shape: Callable[[Any], _One | None],
    ) -> None:
        """`ask` requests the first page, of so many records; `reach` is the oldest instant of note.

        `shape` returns None for what is not meant; a record without a date is new. `more` tells
        whether there may be records that were not read yet.
        """
        self.more = True
        self._ask = ask
        self._reach = reach
        self._shape = shape
        self._turn: _Turn = partial(ask, _SMALL)
        self._is_long = False
        self._before: set[str] = set()
        self._fault: WireError | None = None

    async def whole(self) -> list[_One]:
        """Return all records of a list that is short by nature. Raises WireError."""
        found = await self.piece()
        if self.more:
            raise self._fault or Unread(_ENDLESS)
        return found

    async def piece(self) -> list[_One]:
        """Return the records of the next pages; WireError only when not even one could be read.

        What was read before a fault is returned; the next piece asks for that page again.
        """
        found: dict[str, _One] = {}
        for turned in range(_PAGES):
            try:
                fresh = await self._page()
            except WireError as fault:
                if not turned:
                    raise
                self._fault = fault
                break
            shapes = ((sid, self._shape(one)) for sid, one in fresh.items())
            found.update((sid, one) for sid, one in shapes if one is not None)
            if not self.more:
                break
        return [*found.values()]

    async def _page(self) -> dict[str, Any]:
        """Turn a page; return what on it is new enough, by SID."""
        try:
            page: _Page = await look(self._read)
        except sdk.Rejected as error:
            raise unread(error) from None
        if not page.fresh or page.following is None:
            self.more = False
        elif len(page.fresh) >= _SMALL and not self._is_long:
            self._is_long, self._turn = True, partial(self._ask, _LARGE)
        elif page.sids[-1] in self._before:
            raise Unread(_ENDLESS)
        else:
            self._before, self._turn = {*page.sids}, page.following
        return page.fresh

    async def _read(self) -> _Page:
        page = await self._turn()
        # Known only now: the reply tells the carrier's time.
        records, reach = [*page], self._reach()
        fresh = {one.sid: one for one in records if (one.date_created or reach) >= reach}
        following = page.next_page_async if page.next_page_url else None
        return _Page([one.sid for one in records], fresh, following)
