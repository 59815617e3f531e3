"""The simulated carrier: Twilio's REST API in front, people with phones behind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from adapters.simulator.calls import Calls
from adapters.simulator.core import Core, Options, build_core
from adapters.simulator.errors import RestError
from adapters.simulator.faults import Fault, Faults
from adapters.simulator.numbers import Numbers
from adapters.simulator.people import CallScript, People
from adapters.simulator.phones import Phones
from adapters.simulator.records import Booked, Call, CallLine, Text, TextLine
from adapters.simulator.rest import Answer, Rest, give, read_ask
from adapters.simulator.texts import Texts
from adapters.simulator.webhooks import Deliver

BROKEN = RestError(20500, "Internal server error", 500)
LIMITED = RestError(20429, "Too many requests", 429)


@dataclass(slots=True)
class Carrier:
    """A carrier on anybody's clock.

    clock gives aware instants; deliver(method, url, headers, body) → (status, body) brings
    webhooks to us and raises OSError when we are away. The owner loops: set the clock to
    `next_instant()`, then `await advance(instant)`.
    """

    account_sid: str
    auth_token: str
    clock: Callable[[], datetime]
    deliver: Deliver
    people: People = field(default_factory=People)
    options: Options = field(default_factory=Options)
    core: Core = field(init=False)
    phones: Phones = field(init=False)
    _calls: Calls = field(init=False)
    _texts: Texts = field(init=False)
    _rest: Rest = field(init=False)
    _busy: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Put the parts together."""
        account = (self.account_sid, self.auth_token)
        self.core = build_core(account, self.clock, self.deliver, self.people, self.options)
        numbers = Numbers(self.core)
        self._calls, self._texts = Calls(self.core, numbers), Texts(self.core)
        self.phones = Phones(self.core, self._texts, numbers)
        self._texts.reply = self._replied
        self._rest = Rest(self.core, self.auth_token, self._calls, self._texts, numbers)

    @property
    def faults(self) -> Faults:
        """Give the faults, to be set and cleared at will."""
        return self.core.faults

    @property
    def calls(self) -> list[CallLine]:
        """Give the calls that left, in order of dialing."""
        return self._calls.lines()

    @property
    def texts(self) -> list[TextLine]:
        """Give the texts that left, TwiML answers included, in order."""
        return list(self._texts.left)

    def ledger(self) -> list[Booked]:
        """Give every call and text that was asked for, as this side knows it, oldest first."""
        calls = [
            Booked(
                "call",
                c.sid,
                c.to,
                c.created,
                c.ended,
                c.order.status.url if c.order.status else "",
            )
            for c in self._calls.by_sid.values()
            if c.direction == "outbound-api"
        ]
        texts = [
            Booked("text", t.sid, t.to, t.created, t.created, t.hook.url if t.hook else "")
            for t in self._texts.by_sid.values()
            if t.direction == "outbound-api"
        ]
        return [*calls, *texts]

    async def handle(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Answer one REST request (target: raw path and query), dated by the carrier's clock.

        Raises ConnectionRefusedError when nothing was received and ConnectionResetError when the
        connection broke after the request was accepted; both only by a fault asked for.
        """
        status, named, words = await self._answer(method, target, headers, body)
        at = self.core.clock().astimezone(UTC)
        return status, {**named, "Date": format_datetime(at, usegmt=True)}, words

    async def _answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        faults = self.core.faults
        if delay := faults.delay(target):
            await self.core.agenda.wait(self.clock() + delay)
        fault = faults.of_request(method.upper(), self.clock())
        refused = _refusal(fault)
        if refused is not None:
            return refused
        answer, sid = self._rest.answer(read_ask(method, target, headers, body))
        if sid is not None and faults.early:
            await self._perform_lane(sid)
        return _spoilt(fault, answer)

    def next_instant(self) -> datetime | None:
        """Give the earliest instant at which something is to happen here."""
        return self.core.agenda.next_instant()

    def quiet(self) -> bool:
        """Tell whether nothing is planned at all."""
        return self.next_instant() is None

    async def advance(self, now: datetime) -> None:
        """Perform everything due up to `now`, in order, also what comes due meanwhile.

        A call from inside (or beside) a running advance returns at once: that one does it all.
        """
        if self._busy:
            return
        self._busy = True
        try:
            while (entry := self.core.agenda.pop(now)) is not None:
                await entry.action(entry.at)
        finally:
            self._busy = False

    async def text_from(self, phone: str, body: str, to: str | None = None) -> Text:
        """Let a person write to us (see Phones.text_from)."""
        return await self.phones.text_from(phone, body, to)

    async def call_from(self, phone: str, script: CallScript, to: str | None = None) -> Call:
        """Let a person call us, at the number that texted them last unless `to` names one."""
        return await self._calls.receive(phone, to or self.phones.number_for(phone), script)

    async def open_link(self, phone: str, *, tap: bool) -> tuple[int, str]:
        """Let a person, or a link preview, open the last secure link (see Phones.open_link)."""
        return await self.phones.open_link(phone, tap=tap)

    async def _replied(self, phone: str, body: str, to: str) -> None:
        await self.phones.text_from(phone, body, to)

    async def _perform_lane(self, lane: str) -> None:
        while (entry := self.core.agenda.pop_lane(lane, self.clock())) is not None:
            await entry.action(entry.at)


def _refusal(fault: Fault | None) -> Answer | None:
    match fault:
        case Fault(kind="refuse"):
            raise ConnectionRefusedError("the carrier is down")
        case Fault(kind="error_before"):
            return give(BROKEN.status, BROKEN.shape())
        case Fault(kind="limit", retry_after=seconds):
            return give(LIMITED.status, LIMITED.shape(), Retry_After=str(seconds))
        case _:
            return None


def _spoilt(fault: Fault | None, answer: Answer) -> Answer:
    match fault:
        case Fault(kind="error_after"):
            return give(BROKEN.status, BROKEN.shape())
        case Fault(kind="drop"):
            raise ConnectionResetError("the connection broke after the request was taken")
        case _:
            return answer
