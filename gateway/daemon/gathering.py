"""Gathering: texts that reached the carrier while nobody answered its webhooks.

The carrier brings an inbound text once. What came while the web side or the database was away
stands in its list, and is read from there, however much it is: STOP first, strangers last.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

import structlog

from adapters.twilio.client import InboundText, TwilioWire
from adapters.wire import WireError
from gateway.daemon.carriers import Carriers
from gateway.daemon.missed import Listed, read
from gateway.domain.notices import answer_to
from gateway.store import notices, replies
from gateway.store.desk import ContentionError, Desk, UnknownMessageError
from gateway.store.pool import AWAY
from gateway.store.whereabouts import UnknownAttemptError

_log = structlog.get_logger(__name__)
EVERY: Final = timedelta(seconds=60)
# A text's own webhook may still be on its way; it is answered at once and better.
SETTLED: Final = timedelta(seconds=30)
# The carrier's list may be a little behind, and our clock have been set since by five minutes.
_OVERLAP: Final = timedelta(minutes=6)
# So many lists are asked for at the same time at one carrier, which may be slow to answer each.
_AT_ONCE: Final = 4
# So many texts are dealt with well within a turn.
_A_WHILE: Final = 500
# A text that takes longer, in seconds, is left for the next turn: the others wait for it.
_LONGEST: Final = 30.0
# A text that cannot be dealt with is tried again for so long.
_TRIED_FOR: Final = timedelta(days=1)


class Take(Protocol):
    """Deals with a text that the carrier had at an instant, once by its SID."""

    def __call__(
        self, sid: str, form: dict[str, str], sent_at: datetime, /, *, opted_out: bool | None
    ) -> Awaitable[str]:
        """Return what its sender is told ("" for nothing); see `Inbox.take`."""
        ...


def _places() -> defaultdict[TwilioWire, asyncio.Semaphore]:
    return defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))


class _Turn(NamedTuple):
    """A number to list at an instant, and up to when its texts were read before."""

    number: str
    since: datetime
    now: datetime


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
    _slots: defaultdict[TwilioWire, asyncio.Semaphore] = field(init=False, default_factory=_places)
    # Texts are dealt with one at a time: the connections are for those who bring theirs.
    _one: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)
    _under_way: set[str] = field(init=False, default_factory=set)

    async def keep(self) -> None:
        """Look again and again, also after the database was away; cancel to end."""
        async with asyncio.TaskGroup() as lists:
            while True:
                try:
                    await self._begin(lists)
                except AWAY as fault:
                    _blind(fault)
                except Exception:  # noqa: BLE001 - logged, and tried again
                    _log.exception("texts not listed", action="texts.failed")
                await self.desk.clock.sleep(EVERY.total_seconds())

    async def look(self) -> None:
        """List each number whose turn it is, and return when all of them are."""
        async with asyncio.TaskGroup() as lists:
            await self._begin(lists)

    async def _begin(self, lists: asyncio.TaskGroup) -> None:
        """Begin to list each number whose turn it is; among all daemons each is once a minute.

        None waits for another: a carrier may swallow requests, a number have thousands of texts.
        """
        for number in self.numbers:
            if number in self._under_way:
                continue
            now = self.desk.clock.now()
            async with self.desk.pool.acquire() as conn:
                since = await replies.claim_listing(conn, number, now, now + EVERY)
            if since is not None:
                self._under_way.add(number)
                lists.create_task(self._see_to(_Turn(number, since, now)))

    async def _see_to(self, turn: _Turn) -> None:
        try:
            await self._list(turn)
        except AWAY as fault:
            _blind(fault)
        except WireError as fault:
            _log.warning("texts not listed", action="texts.failed", fault=str(fault))
        except Exception:  # noqa: BLE001 - logged, and tried again
            _log.exception("texts not listed", action="texts.failed")
        finally:
            self._under_way.discard(turn.number)

    async def _list(self, turn: _Turn) -> None:
        """Take in what was sent to a number, a piece at a time however much it is."""
        carrier, until = self.carriers.of(turn.number), turn.now - self.settled
        left: list[datetime] = []
        walk = carrier.list_inbound(turn.number, turn.since - _OVERLAP, turn.now)
        while walk.more:
            async with self._slots[carrier]:
                piece = await walk.piece()
            listed = await asyncio.to_thread(read, piece)
            for count, one in enumerate(await self._missed(listed, until)):
                if count % _A_WHILE == 0:
                    await self._keep_turn(turn.number)
                async with self._one, asyncio.timeout(_LONGEST):
                    dealt_with = await self._take(one, listed.was_opted_out(one))
                if not dealt_with and one.created > turn.now - _TRIED_FOR:
                    left.append(one.created)
        async with self.desk.pool.acquire() as conn:
            await replies.note_listed(conn, turn.number, min([until, *left]))

    async def _keep_turn(self, number: str) -> None:
        """Have no other daemon begin with a number while its texts are dealt with."""
        async with self.desk.pool.acquire() as conn:
            await replies.keep_turn(conn, number, self.desk.clock.now() + EVERY)

    async def _missed(self, listed: Listed, until: datetime) -> list[InboundText]:
        """Return what nobody dealt with, in turn; STARTs that were heard get the carrier's time."""
        if not listed.texts:
            return []
        async with self.desk.pool.acquire() as conn:
            seen = await replies.texts_seen(conn, [one.sid for one in listed.texts])
            missed = listed.missed(seen, until)
            for one in listed.taken_back(seen, missed):
                await replies.note_opt_in(conn, one.from_, one.created)
            known = await replies.phones_known(conn, [one.from_ for one in missed])
        return listed.in_turn(missed, known)

    async def _take(self, one: InboundText, opted_out: bool | None) -> bool:
        """Deal with a text; False: it is left. What it is answered leaves as a text of its own."""
        form = {"MessageSid": one.sid, "From": one.from_, "To": one.to, "Body": one.body}
        try:
            answer = await self.take(one.sid, form, one.created, opted_out=opted_out)
        except (UnknownMessageError, UnknownAttemptError) as fault:
            # It will not be there another time, either.
            _log.warning("text left", action="text.left", sid=one.sid, fault=type(fault).__name__)
            return True
        except ContentionError as fault:
            _log.warning("text left", action="text.left", sid=one.sid, fault=type(fault).__name__)
            return False
        except AWAY:
            raise
        except Exception:  # noqa: BLE001 - logged, and tried again: it holds up no other text
            _log.exception("text left", action="text.left", sid=one.sid)
            return False
        _log.info("text found", action="text.gathered", sid=one.sid)
        if answer:
            await self._answer(one, answer)
        return True

    async def _answer(self, one: InboundText, answer: str) -> None:
        now = self.desk.clock.now()
        async with self.desk.pool.acquire() as conn:
            known = await replies.phone(conn, one.from_)
            if known.contacts:
                told = answer_to(one.sid, known.contacts[0], answer, now)
                await notices.add(conn, [told], now, self.desk.rates)


def _blind(fault: BaseException) -> None:
    _log.warning("database away", action="texts.blind", fault=type(fault).__name__)
