"""Texts that leave: queued, sent, delivered or not, and the person's reply."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from adapters.simulator.core import API_VERSION, SPARE_NUMBER, Core
from adapters.simulator.errors import RestError, unknown_resource
from adapters.simulator.forms import Form, Pairs
from adapters.simulator.gsm import count_segments
from adapters.simulator.orders import read_text
from adapters.simulator.people import TextScript
from adapters.simulator.records import Text, TextLine
from adapters.simulator.webhooks import Hook

CODE = (
    re.compile(r"\breply\s+(\d+)\s+to\s+accept", re.IGNORECASE),
    re.compile(r"\breply\s+(\d+)", re.IGNORECASE),
)
Reply = Callable[[str, str, str], Awaitable[None]]


async def _nobody(_phone: str, _body: str, _to: str) -> None:
    """Stand in until somebody takes replies."""


@dataclass(slots=True)
class Texts:
    """All texts of the account, oldest first, and who blocked whom."""

    core: Core
    by_sid: dict[str, Text] = field(default_factory=dict)
    left: list[TextLine] = field(default_factory=list)
    blocked: set[tuple[str, str]] = field(default_factory=set)
    reply: Reply = _nobody

    def create(self, form: Form) -> Text:
        """Take a message request; RestError if it is faulty or the person said STOP (21610)."""
        hook = read_text(form, self.core.options.numbers)
        sender, to = form.get("MessagingServiceSid") or form.get("From"), form.get("To")
        from_ = self._number(sender, form.get("From"))
        if {(sender, to), (from_, to)} & self.blocked:
            raise RestError(21610, f"Attempt to send to unsubscribed recipient {to}")
        is_service = sender.startswith("MG")
        text = self._record(from_, to, form.get("Body"), "outbound-api")
        text.sender, text.hook = sender, hook
        text.status = "accepted" if is_service else "queued"
        self._send(text, is_service)
        return text

    def answer(self, to: str, from_: str, body: str) -> None:
        """Send a text that a webhook's TwiML asked for; a person who said STOP gets none."""
        if (from_, to) not in self.blocked:
            self._send(self._record(from_, to, body, "outbound-reply"), is_service=False)

    def keep_inbound(self, phone: str, to: str, body: str) -> Text:
        """Record a text that a person wrote to us."""
        text = Text(
            sid=self.core.sid("SM"),
            to=to,
            from_=phone,
            body=body,
            created=self.core.clock(),
            direction="inbound",
            status="received",
            sender=self._pool_of(to),
            segments=count_segments(body),
        )
        text.sent = text.created
        self.by_sid[text.sid] = text
        return text

    def get(self, sid: str) -> Text:
        """Find a text; RestError 20404."""
        if sid not in self.by_sid:
            raise unknown_resource(self.core.path(f"Messages/{sid}.json"))
        return self.by_sid[sid]

    def update(self, sid: str, form: Form) -> Text:
        """Redact a text (empty Body), the one change the vendor allows here."""
        text = self.get(sid)
        if form.get("Body") or not form.has("Body"):
            raise RestError(20001, "Only Body= (empty) can be set")
        text.body = ""
        return text

    def last_to(self, phone: str) -> Text | None:
        """Give the last text that went to that phone."""
        mine = (t for t in reversed(self.by_sid.values()) if t.to == phone)
        return next((text for text in mine if text.direction != "inbound"), None)

    def on_phone(self, phone: str) -> list[Text]:
        """Give the texts that reached that phone, newest first."""
        lost = ("failed", "undelivered")
        return [
            text
            for text in reversed(self.by_sid.values())
            if text.to == phone and text.direction != "inbound" and text.status not in lost
        ]

    def _pool_of(self, number: str) -> str:
        """Name the messaging service that has a number, empty for none."""
        pools = self.core.options.services.items()
        return next((service for service, pool in pools if number in pool), "")

    def _number(self, sender: str, named: str) -> str:
        if not sender.startswith("MG"):
            return sender
        pool = self.core.options.services.get(sender, ()) or self.core.options.numbers
        return named or (pool[0] if pool else SPARE_NUMBER)

    def _record(self, from_: str, to: str, body: str, direction: str) -> Text:
        text = Text(
            sid=self.core.sid("SM"),
            to=to,
            from_=from_,
            body=body,
            created=self.core.clock(),
            direction=direction,
            status="queued",
            sender=from_,
            segments=count_segments(body),
        )
        self.by_sid[text.sid] = text
        self.left.append(TextLine(text.created, to, from_, body))
        return text

    def _send(self, text: Text, is_service: bool) -> None:
        script = self.core.people.next_text(text.to)

        async def send(at: datetime) -> None:
            if is_service:
                self._become(text, "queued", at)
            self._sent(text, script, at)

        self.core.agenda.add(text.created, text.sid, send)

    def _sent(self, text: Text, script: TextScript, at: datetime) -> None:
        if script.failed is not None:
            text.error = script.failed
            self._become(text, "failed", at)
            return
        text.sent = at
        self._become(text, "sent", at)
        if script.undelivered is not None:
            text.error = script.undelivered
            self._become(text, "undelivered", at)
            return
        arrival = at
        if script.delivered_after is not None:
            arrival = at + script.delivered_after
            self._deliver(text, arrival)
        if script.reply is not None:
            self._plan_reply(text, script.reply, arrival + script.reply_after)

    def _deliver(self, text: Text, arrival: datetime) -> None:
        async def deliver(at: datetime) -> None:
            self._become(text, "delivered", at)

        self.core.agenda.add(arrival, text.sid, deliver)

    def _plan_reply(self, text: Text, words: str, instant: datetime) -> None:
        """Plan the reply; who looks for a code and finds none in the text does not reply."""
        if "{code}" in words:
            code = find_code(text.body)
            if code is None:
                return
            words = words.replace("{code}", code)

        async def write(_: datetime) -> None:
            await self.reply(text.to, words, text.from_)

        self.core.agenda.add(instant, text.to, write)

    def _become(self, text: Text, status: str, at: datetime) -> None:
        text.status, text.updated = status, at
        link = text.hook
        if link is None:
            return
        hook = Hook(link.url, link.method, self._pairs(text, at))

        async def tell(now: datetime) -> None:
            await self.core.webhooks.callback(text.sid, hook, now)

        self.core.agenda.add(at, text.sid, tell)

    def _pairs(self, text: Text, at: datetime) -> Pairs:
        pairs = [
            ("MessageSid", text.sid),
            ("SmsSid", text.sid),
            ("AccountSid", self.core.account),
            ("From", text.from_),
            ("To", text.to),
            ("MessageStatus", text.status),
            ("SmsStatus", text.status),
            ("ApiVersion", API_VERSION),
        ]
        if text.sender.startswith("MG"):
            pairs.append(("MessagingServiceSid", text.sender))
        if text.status in ("delivered", "undelivered"):
            pairs.append(("RawDlrDoneDate", at.strftime("%y%m%d%H%M")))
        return [*pairs, ("ErrorCode", text.error)] if text.error else pairs


def find_code(body: str) -> str | None:
    """Find the reply code that a text names: `Reply 41 to accept`, else the first `Reply 41`."""
    found = next((hit for pattern in CODE if (hit := pattern.search(body))), None)
    return found[1] if found else None
