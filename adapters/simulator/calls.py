"""Calls: taken on request, ringing at a person, answered or not, changed while they last."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.simulator.agenda import LIMIT
from adapters.simulator.core import Core
from adapters.simulator.errors import RestError, unknown_resource
from adapters.simulator.forms import Form
from adapters.simulator.numbers import Numbers
from adapters.simulator.orders import read_call, read_link
from adapters.simulator.people import CallScript
from adapters.simulator.progress import Progress
from adapters.simulator.records import Call, CallLine, CallOrder, Link
from adapters.simulator.voice import Voice

SIP_DIGITS = 3
LONGEST_CALL = 14_400


@dataclass(slots=True)
class Calls:
    """All calls of the account, oldest first."""

    core: Core
    numbers: Numbers
    by_sid: dict[str, Call] = field(default_factory=dict)
    progress: Progress = field(init=False)
    voice: Voice = field(init=False)

    def __post_init__(self) -> None:
        """Build the parts that move a call on."""
        self.progress = Progress(self.core)
        self.voice = Voice(self.core, self.progress)

    def create(self, form: Form) -> Call:
        """Take a call request (RestError if it is faulty); it is dialed at this very instant."""
        order = read_call(form, self.core.options.numbers)
        to, from_ = form.get("To"), form.get("From")
        now, sid = self.core.clock(), self.core.sid("CA")
        call = Call(sid, to, from_, now, order, self.core.people.next_call(to))
        self.by_sid[sid] = call

        async def dial(at: datetime) -> None:
            self._dial(call, at)

        self.voice.plan(call, now, dial)
        return call

    async def receive(self, phone: str, number: str, script: CallScript) -> Call:
        """Let a person call a number of ours; it is answered at once, by the inbound webhook."""
        now, sid = self.core.clock(), self.core.sid("CA")
        link = Link(self.numbers.target(number, "VoiceUrl"))
        order = CallOrder(link, "", None, None, frozenset(), 0, LONGEST_CALL, "", None)
        call = Call(sid, number, phone, now, order, script, started=now, direction="inbound")
        self.by_sid[sid] = call
        await self._answer(call, now)
        return call

    def get(self, sid: str) -> Call:
        """Find a call; RestError 20404."""
        if sid not in self.by_sid:
            raise unknown_resource(self.core.path(f"Calls/{sid}.json"))
        return self.by_sid[sid]

    def update(self, sid: str, form: Form) -> Call:
        """Cancel, hang up or redirect a call; RestError 21220 when it has ended."""
        call = self.get(sid)
        if call.over:
            raise _not_in_progress()
        status, now = form.get("Status"), self.core.clock()
        if status:
            self._stop(call, status, now)
            return call
        link = read_link(form, "Url", "Method", 21205)
        twiml = form.get("Twiml")
        if link is None and not twiml:
            raise RestError(21218, "Url, Twiml or Status is required")
        if call.status != "in-progress":
            raise _not_in_progress()
        self._redirect(call, link, twiml, now)
        return call

    def lines(self) -> list[CallLine]:
        """Give what left, in order."""
        return [
            CallLine(c.created, c.to, c.from_, c.ended, c.outcome(), tuple(c.heard))
            for c in self.by_sid.values()
            if c.direction != "inbound"
        ]

    def _stop(self, call: Call, status: str, now: datetime) -> None:
        if status not in ("canceled", "completed"):
            raise RestError(20001, f"Invalid Status: {status}")
        if call.status != "in-progress":
            self.progress.end(call, "canceled", now)
        elif status == "completed":
            self.progress.end(call, "completed", now)

    def _redirect(self, call: Call, link: Link | None, twiml: str, now: datetime) -> None:
        self.voice.silence(call)

        async def go(at: datetime) -> None:
            if link is not None:
                await self.voice.fetch(call, link, [], at)
            else:
                await self.voice.play_inline(call, twiml, at)

        self.voice.plan(call, now, go)

    def _dial(self, call: Call, at: datetime) -> None:
        script = call.script
        call.started = at
        self.progress.tell(call, "initiated", "initiated", at)
        if script.failed is not None:
            is_sip = len(script.failed) == SIP_DIGITS
            call.sip = script.failed if is_sip else None
            self.progress.end(call, "failed", at, None if is_sip else script.failed)
        elif script.busy:
            self.progress.end(call, "busy", at)
        else:
            call.status = "ringing"
            self.progress.tell(call, "ringing", "ringing", at)
            self._ring(call, at)

    def _ring(self, call: Call, at: datetime) -> None:
        patience = timedelta(seconds=call.order.ring)
        after = call.script.answer_after

        async def give_up(now: datetime) -> None:
            self.progress.end(call, "no-answer", now)

        async def answer(now: datetime) -> None:
            await self._answer(call, now)

        if after is None or after > patience:
            self.voice.plan(call, at + patience, give_up)
        else:
            self.voice.plan(call, at + after, answer)

    async def _answer(self, call: Call, at: datetime) -> None:
        call.answered, call.status = at, "in-progress"
        wait = self._detect(call, at)
        self.progress.tell(call, "answered", "in-progress", at)
        at_once = self.core.options.fetch_first and not wait
        if not at_once:
            self._plan_begin(call, at + wait)
        self._plan_keys(call, at)
        self._plan_limits(call, at)
        if at_once:
            await self._begin(call, at)

    def _plan_begin(self, call: Call, instant: datetime) -> None:
        async def begin(at: datetime) -> None:
            await self._begin(call, at)

        self.voice.plan(call, instant, begin)

    async def _begin(self, call: Call, at: datetime) -> None:
        if call.order.answer is not None:
            await self.voice.fetch(call, call.order.answer, [], at)
        else:
            await self.voice.play_inline(call, call.order.twiml, at)

    def _detect(self, call: Call, at: datetime) -> timedelta:
        """Plan the verdict on who answered; give how long a synchronous one takes."""
        mode, _, kind = call.order.detection.partition(" ")
        if not mode:
            return timedelta()
        verdict, wait = "human", timedelta()
        if call.script.voicemail:
            ended = kind == "DetectMessageEnd"
            verdict = "machine_end_beep" if ended else "machine_start"
            wait = call.script.greeting if ended else wait
        if mode == "sync":
            call.answered_by = verdict
            return wait

        async def decide(now: datetime) -> None:
            self.progress.tell_machine(call, verdict, wait, now)

        self.voice.plan(call, at + wait, decide)
        return timedelta()

    def _plan_keys(self, call: Call, at: datetime) -> None:
        for key in call.script.keys:
            self._plan_key(call, key.press, at + key.after)

    def _plan_key(self, call: Call, digits: str, at: datetime) -> None:
        async def press(now: datetime) -> None:
            for digit in digits:
                await self.voice.press(call, digit, now)

        self.voice.plan(call, at, press)

    def _plan_limits(self, call: Call, at: datetime) -> None:
        async def hang_up(now: datetime) -> None:
            self.progress.end(call, "completed", now)

        if call.script.hang_up_after is not None:
            self.voice.plan(call, at + call.script.hang_up_after, hang_up)
        self.voice.plan(call, at + timedelta(seconds=call.order.time_limit), hang_up, LIMIT)


def _not_in_progress() -> RestError:
    return RestError(21220, "Call is not in-progress. Cannot redirect.")
