"""TwiML on a call that was answered: fetched, spoken, and waiting for keys."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from urllib.parse import urldefrag, urljoin

from adapters.simulator.agenda import LAST, USUAL, Action, Entry
from adapters.simulator.core import Core
from adapters.simulator.forms import Pairs
from adapters.simulator.progress import Progress, call_pairs
from adapters.simulator.records import Call, Link, OpenGather
from adapters.simulator.twiml import (
    Gather,
    Hangup,
    Message,
    Pause,
    Redirect,
    Reject,
    Say,
    TwimlError,
    Verb,
    read_twiml,
)
from adapters.simulator.webhooks import Hook, is_success

FETCH_FAILED = 11200
NO_CONTENT = 204
MOST_FETCHES = 40


@dataclass(frozen=True, slots=True)
class Voice:
    """Plays documents on calls. Every new document is a new turn; older turns fall silent."""

    core: Core
    progress: Progress

    async def fetch(self, call: Call, link: Link, extra: Pairs, at: datetime) -> None:
        """Fetch a document and play it; on failure the FallbackUrl once, else the call ends."""
        if self._loops(call, at):
            self.progress.end(call, "completed", at, str(FETCH_FAILED))
            return
        call.turn += 1
        turn = call.turn
        verbs, fault = await self._fetched(call, link, extra)
        if fault is not None and call.order.fallback is not None and call.turn == turn:
            lost = [("ErrorCode", str(fault)), ("ErrorUrl", link.url)]
            link = call.order.fallback
            verbs, fault = await self._fetched(call, link, lost)
        now = self.later(at)
        if call.turn != turn:
            return
        if fault is not None:
            call.error = str(fault)
            self.progress.end(call, "completed", now, call.error)
            return
        await self.play(call, verbs, link.url, now)

    async def play(self, call: Call, verbs: tuple[Verb, ...], url: str, at: datetime) -> None:
        """Play a document that came from `url` (empty: it came with a request)."""
        self.silence(call)
        call.document, call.verbs = url, deque(verbs)
        await self._go_on(call, call.turn, at)

    async def play_inline(self, call: Call, twiml: str, at: datetime) -> None:
        """Play a document that came with a request; a broken one ends the call."""
        try:
            verbs = read_twiml(twiml)
        except TwimlError as fault:
            self.progress.end(call, "completed", at, str(fault.code))
            return
        await self.play(call, verbs, "", at)

    def silence(self, call: Call) -> None:
        """Break off what is playing; an answer still under way will not be played either."""
        call.turn += 1
        if call.gather is not None:
            call.gather.expiry.drop()
            call.gather = None

    async def press(self, call: Call, digit: str, at: datetime) -> None:
        """Press one key; without an open gather nobody hears it."""
        gather = call.gather
        if gather is None or call.over or not gather.verb.keys:
            return
        gather.expiry.drop()
        if digit in gather.verb.finish:
            await self._finish(call, gather, digit, at)
            return
        gather.digits += digit
        if len(gather.digits) == gather.verb.most:
            await self._finish(call, gather, "", at)
        else:
            gather.expiry = self._expire(call, at + timedelta(seconds=gather.verb.timeout))

    def later(self, at: datetime) -> datetime:
        """Give the clock's instant after a wait, never before the planned one."""
        return max(at, self.core.clock())

    async def _go_on(self, call: Call, turn: int, at: datetime) -> None:
        while call.turn == turn and not call.over:
            verb = call.verbs.popleft() if call.verbs else Hangup()
            if isinstance(verb, Say):
                call.heard.append(verb.text)
            elif isinstance(verb, Pause):
                self._pause(call, turn, at + timedelta(seconds=verb.seconds))
                return
            elif not isinstance(verb, Message):
                await self._turn(call, verb, at)
                return

    async def _turn(
        self, call: Call, verb: Gather | Redirect | Hangup | Reject, at: datetime
    ) -> None:
        match verb:
            case Gather():
                self._open(call, verb, at)
            case Redirect():
                await self.fetch(call, self._from(call, verb.url, verb.method), [], at)
            case Hangup() | Reject():
                self.progress.end(call, "completed", at)
            case _:
                assert_never(verb)

    def _pause(self, call: Call, turn: int, until: datetime) -> None:
        async def go_on(at: datetime) -> None:
            await self._go_on(call, turn, at)

        self.plan(call, until, go_on)

    def _open(self, call: Call, verb: Gather, at: datetime) -> None:
        silent = 0
        for prompt in verb.prompts:
            if isinstance(prompt, Pause):
                silent += prompt.seconds
            else:
                call.heard.append(prompt.text)
        expiry = self._expire(call, at + timedelta(seconds=silent + verb.timeout))
        call.gather = OpenGather(verb, "", expiry)

    def _expire(self, call: Call, until: datetime) -> Entry:
        async def expire(at: datetime) -> None:
            if call.gather is not None:
                await self._finish(call, call.gather, "", at)

        return self.plan(call, until, expire, LAST)

    async def _finish(self, call: Call, gather: OpenGather, key: str, at: datetime) -> None:
        call.gather = None
        if not gather.digits and not gather.verb.on_empty:
            await self._go_on(call, call.turn, at)
            return
        extra = [("Digits", gather.digits)]
        if key:
            extra.append(("FinishedOnKey", key))
        link = self._from(call, gather.verb.action, gather.verb.method)
        await self.fetch(call, link, extra, at)

    def plan(self, call: Call, at: datetime, action: Action, rank: int = USUAL) -> Entry:
        """Plan something that only makes sense while the call lasts."""
        entry = self.core.agenda.add(at, call.sid, action, rank)
        call.pending.append(entry)
        return entry

    def _from(self, call: Call, url: str, method: str) -> Link:
        if not url:
            return Link(call.document, method)
        return Link(urljoin(urldefrag(call.document)[0], url), method)

    def _loops(self, call: Call, at: datetime) -> bool:
        instant, count = call.fetches
        call.fetches = (at, count + 1 if instant == at else 1)
        return call.fetches[1] > MOST_FETCHES

    async def _fetched(
        self, call: Call, link: Link, extra: Pairs
    ) -> tuple[tuple[Verb, ...], int | None]:
        pairs = call_pairs(call, self.core.account, call.status) + extra
        answer = await self.core.webhooks.send(Hook(link.url, link.method, pairs))
        if answer is None or not is_success(answer[0]):
            return (), FETCH_FAILED
        if answer[0] == NO_CONTENT:
            return (), None
        try:
            return read_twiml(answer[1]), None
        except TwimlError as fault:
            return (), fault.code
