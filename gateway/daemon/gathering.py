"""Gathering: texts that reached the carrier while nobody answered its webhooks.

The carrier brings an inbound text once. What came while the web side or the database was away
stands in its list, and is read from there: STOP first, then in the order in which they were sent.
"""

from collections.abc import Awaitable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from adapters.twilio.client import InboundText
from adapters.wire import WireError
from gateway.daemon.carriers import Carriers
from gateway.domain.notices import answer_to
from gateway.domain.replies import OptIn, OptOut, Said, parse
from gateway.store import notices, replies
from gateway.store.desk import ContentionError, Desk
from gateway.store.pool import AWAY

_log = structlog.get_logger(__name__)
EVERY: Final = timedelta(seconds=60)
# A text's own webhook may still be on its way; it is answered at once and better.
SETTLED: Final = timedelta(seconds=30)
# The carrier's list may be a little behind, and our clock have been set since by five minutes.
_OVERLAP: Final = timedelta(minutes=6)


class Take(Protocol):
    """Deals with a text that the carrier had at an instant, once by its SID."""

    def __call__(
        self, sid: str, form: dict[str, str], sent_at: datetime, /, *, opted_out: bool | None
    ) -> Awaitable[str]:
        """Return what its sender is told ("" for nothing); see `Inbox.take`."""
        ...


@dataclass(frozen=True, slots=True)
class Gathering:
    """Lists the texts to our numbers and takes in those that nobody has dealt with.

    `settled` is the age at which a text's webhook is given up.
    """

    desk: Desk
    carriers: Carriers
    numbers: Sequence[str]
    take: Take
    settled: timedelta = SETTLED

    async def keep(self) -> None:
        """Look again and again, also after the database was away; cancel to end."""
        while True:
            try:
                await self.look()
            except AWAY as fault:
                _log.warning("database away", action="texts.blind", fault=type(fault).__name__)
            except Exception:  # noqa: BLE001 - logged, and tried again
                _log.exception("texts not listed", action="texts.failed")
            await self.desk.clock.sleep(EVERY.total_seconds())

    async def look(self) -> None:
        """List each number whose turn it is; among all daemons each is listed once a minute."""
        for number in self.numbers:
            now = self.desk.clock.now()
            async with self.desk.pool.acquire() as conn:
                since = await replies.claim_listing(conn, number, now, now + EVERY)
            if since is not None:
                await self._list(number, since - _OVERLAP, now)

    async def _list(self, number: str, since: datetime, now: datetime) -> None:
        until = now - self.settled
        try:
            listed = await self.carriers.of(number).list_inbound(number, since, now)
        except WireError as fault:
            _log.warning("texts not listed", action="texts.failed", fault=str(fault))
            return
        for one in await self._missed(listed, until):
            await self._take(one, _was_opted_out(one, listed))
        async with self.desk.pool.acquire() as conn:
            await replies.note_listed(conn, number, until)

    async def _missed(self, listed: Sequence[InboundText], until: datetime) -> list[InboundText]:
        """Return what nobody dealt with, opt-outs first with each START that one takes back."""
        if not listed:
            return []
        async with self.desk.pool.acquire() as conn:
            seen = await replies.texts_seen(conn, [one.sid for one in listed])
            missed = [one for one in listed if one.sid not in seen and one.created <= until]
            if any(isinstance(_said(one), OptOut) for one in missed):
                for one in _taken_back(one for one in listed if one.sid in seen):
                    await replies.note_opt_in(conn, one.from_, one.created)
        stops = {one.from_: one.created for one in missed if isinstance(_said(one), OptOut)}

        def later(one: InboundText) -> bool:
            """Tell whether it may be dealt with after the opt-outs."""
            said = _said(one)
            taken_back = isinstance(said, OptIn) and one.created < stops.get(one.from_, one.created)
            return not (isinstance(said, OptOut) or taken_back)

        return sorted(missed, key=lambda one: (later(one), one.created))

    async def _take(self, one: InboundText, opted_out: bool | None) -> None:
        """Deal with a text; what it is answered leaves as a text of its own."""
        form = {"MessageSid": one.sid, "From": one.from_, "To": one.to, "Body": one.body}
        try:
            answer = await self.take(one.sid, form, one.created, opted_out=opted_out)
        except (ContentionError, LookupError) as fault:
            _log.warning("text left", action="text.left", sid=one.sid, fault=type(fault).__name__)
            return
        _log.info("text found", action="text.gathered", sid=one.sid)
        if answer:
            await self._answer(one, answer)

    async def _answer(self, one: InboundText, answer: str) -> None:
        now = self.desk.clock.now()
        async with self.desk.pool.acquire() as conn:
            known = await replies.phone(conn, one.from_)
            if known.contacts:
                told = answer_to(one.sid, known.contacts[0], answer, now)
                await notices.add(conn, [told], now, self.desk.rates)


def _taken_back(seen: Iterable[InboundText]) -> Iterator[InboundText]:
    """Yield the STARTs among texts that were dealt with, each a YES too: the carrier's time counts.

    An opt-out of before one of them, found now, was taken back since.
    """
    return (one for one in seen if isinstance(parse(one.body, opted_out=True), OptIn))


def _was_opted_out(one: InboundText, listed: Iterable[InboundText]) -> bool | None:
    """Tell whether a text's sender took no texts then, by their last word on it; None: none here.

    Their YES before a STOP accepts, although the STOP is heard first: it takes back no accept.
    """
    before = (told for told in listed if told.from_ == one.from_ and told.created < one.created)
    said = [parse(told.body, opted_out=True) for told in sorted(before, key=lambda x: x.created)]
    words = [isinstance(word, OptOut) for word in said if isinstance(word, OptOut | OptIn)]
    return words[-1] if words else None


def _said(one: InboundText) -> Said:
    return parse(one.body)
