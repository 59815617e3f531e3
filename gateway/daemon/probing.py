"""Probing: a test call or text over the street's own wire, judged by what arrives.

It takes a sending number's turn and, for a call, the phone, as every attempt does, so that it never
disturbs one. It belongs to no message and leaves nothing behind but its figures.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

from adapters.twilio import voice
from adapters.twilio.client import CallRequest, TextRequest, TwilioWire
from adapters.wire import Accepted, Answer, Refused, Unsure, WireError
from gateway.clock import Clock
from gateway.daemon.carriers import Carriers
from gateway.domain.chance import Chance
from gateway.domain.change import CallOut, TextOut
from gateway.store import probes
from gateway.store.pool import AWAY, Connection, DatabaseError
from gateway.store.rates import Rates
from gateway.store.verdicts import NoToken, PhoneTaken, Verdict, Written

Channel = Literal["call", "text"]
Result = Literal["arrived", "failed", "silent", "unmade"]
"""Silent: nothing was heard within the time. Unmade: no request was made, so it shows nothing."""
Connect: TypeAlias = Callable[[], Awaitable[Connection]]

WORDS: Final = "This is a test of the answering service's dispatching. Nothing is to be done."
_RING, _SPEAKS = 45, 30
_LOOKS, _TURN = 1.0, 5.0
_AWAY: Final[tuple[type[Exception], ...]] = (*AWAY, DatabaseError)
_ENDS_BY: Final = timedelta(seconds=_RING + _SPEAKS + 60)
_ARRIVED: Final = {"call": {"answered", "completed"}, "text": {"delivered", "read"}}
_FAILED: Final = {
    "call": {"busy", "no_answer", "failed", "canceled"},
    "text": {"undelivered", "failed", "canceled"},
}


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a test; `seconds` from the request to its arrival, where it arrived."""

    channel: Channel
    result: Result
    words: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to test, for how long to wait, and whether a text is to be replied to."""

    to: str
    within: timedelta
    reply: bool = False


class _Over(Exception):  # noqa: N818 - the end of a test, not an error
    """A test has ended otherwise than by its arrival."""

    def __init__(self, result: Result, words: str) -> None:
        super().__init__(words)
        self.result: Result = result


@dataclass(frozen=True, slots=True)
class Prober:
    """Makes tests; `connect` gives a connection for a moment."""

    connect: Connect
    clock: Clock
    chance: Chance
    rates: Rates
    carriers: Carriers

    async def probe(self, channel: Channel, wish: Wish) -> Found:
        """Make one test and wait for what comes of it; never raises for what went wrong."""
        attempt = self.chance.uuid()
        try:
            sender = await self._claimed(channel, wish, attempt)
            try:
                return await self._made(channel, wish, sender)
            finally:
                await self._let_go(channel, attempt)
        except _Over as end:
            return Found(channel, end.result, str(end))
        except _AWAY:
            return Found(channel, "unmade", "the database is away")

    async def _claimed(self, channel: Channel, wish: Wish, attempt: UUID) -> str:
        """Wait for a sending number and the phone; return the number."""
        gives_up = self.clock.monotonic() + wish.within.total_seconds()
        while True:
            match await self._claim(channel, wish.to, attempt):
                case Written(sender):
                    return sender or ""
                case NoToken(free_at=at) | PhoneTaken(until=at):
                    if self.clock.monotonic() >= gives_up:
                        raise _Over("unmade", "the phone or our sending numbers are in use")
                    wait = (at - self.clock.now()).total_seconds()
                    await self.clock.sleep(min(max(wait, 0.1), _TURN))
                case _:
                    raise _Over("unmade", "that phone opted out of texts, or is suspended")

    async def _claim(self, channel: Channel, to: str, attempt: UUID) -> Verdict:
        conn = await self.connect()
        try:
            now = self.clock.now()
            wire: CallOut | TextOut = TextOut(attempt, to, WORDS, "", 1, now)
            if channel == "call":
                wire = CallOut(attempt, to, _RING, _SPEAKS, machine=False, deadline=now)
            until = now + _ENDS_BY if channel == "call" else None
            return await probes.claim(conn, wire, until, now, self.rates)
        finally:
            await conn.close()

    async def _let_go(self, channel: Channel, attempt: UUID) -> None:
        if channel == "text":
            return
        try:
            conn = await self.connect()
        except _AWAY:
            return  # it ends by itself
        try:
            await probes.let_go(conn, attempt)
        finally:
            await conn.close()

    async def _made(self, channel: Channel, wish: Wish, sender: str) -> Found:
        """Make the request and wait for its arrival."""
        carrier, since = self.carriers.of(sender), self.clock.now()
        began = self.clock.monotonic()
        sid = _sid_of(await _request(carrier, channel, wish, sender))
        ends = began + wish.within.total_seconds()
        replied = (sender, wish.to, since) if wish.reply and channel == "text" else None
        try:
            while (words := await self._arrival(carrier, channel, sid, replied)) is None:
                if self.clock.monotonic() >= ends:
                    raise _Over("silent", f"nothing within {wish.within.total_seconds():.0f} s")
                await self.clock.sleep(_LOOKS)
            took = self.clock.monotonic() - began
        finally:
            if channel == "call":
                await self._ended(carrier, sid)
        return Found(channel, "arrived", words, took)

    async def _arrival(
        self,
        carrier: TwilioWire,
        channel: Channel,
        sid: str,
        replied: tuple[str, str, datetime] | None,
    ) -> str | None:
        """Say by what it is seen to have arrived; None: it may yet. Over when it cannot."""
        try:
            seen = await carrier.fetch(sid, call=channel == "call")
            if seen is not None and seen.status in _FAILED[channel]:
                raise _Over("failed", f"{seen.status}{f' ({seen.code})' if seen.code else ''}")
            if replied is None:
                return seen.status if seen and seen.status in _ARRIVED[channel] else None
            ours, theirs, since = replied
            texts = await carrier.list_inbound(
                ours, since - timedelta(seconds=_TURN), self.clock.now()
            ).whole()
            return "replied" if any(one.from_ == theirs for one in texts) else None
        except WireError:
            return None  # a look that failed is made again

    async def _ended(self, carrier: TwilioWire, sid: str) -> None:
        """Let what was answered be heard out, then see to it that the call is over."""
        gives_up = self.clock.monotonic() + _SPEAKS
        while self.clock.monotonic() < gives_up:
            try:
                seen = await carrier.fetch(sid, call=True)
            except WireError:
                seen = None
            if seen is not None and seen.status != "answered":
                break
            await self.clock.sleep(_LOOKS)
        await carrier.hang_up(sid)


async def _request(carrier: TwilioWire, channel: Channel, wish: Wish, sender: str) -> Answer:
    if channel == "call":
        twiml = voice.render(voice.Tell((WORDS,)))
        call = CallRequest("probe", wish.to, sender, None, None, None, _RING, _SPEAKS, twiml)
        return await carrier.place_call(call)
    validity = max(1, int(wish.within.total_seconds()))
    asked = f"{WORDS} Please reply to it." if wish.reply else WORDS
    return await carrier.send_text(TextRequest("probe", wish.to, sender, asked, None, validity))


def _sid_of(answer: Answer) -> str:
    """Return what the carrier calls it; Over when it took none."""
    match answer:
        case Accepted(sid):
            return sid
        case Refused(code=code, words=words):
            raise _Over("failed", f"refused: {words}{f' ({code})' if code else ''}")
        case Unsure(words):
            raise _Over("failed", f"no clear answer: {words}")
