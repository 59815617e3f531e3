"""A call moves on: its status, the callbacks that tell of it, and its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.simulator.core import API_VERSION, Core, rfc2822
from adapters.simulator.forms import Pairs
from adapters.simulator.records import Call
from adapters.simulator.webhooks import Hook

SIP = {"completed": "200", "busy": "486", "no-answer": "487", "failed": "404", "canceled": "487"}
MINUTE = 60


def call_pairs(call: Call, account: str, status: str) -> Pairs:
    """Give the fields that every webhook about a call carries."""
    pairs = [
        ("CallSid", call.sid),
        ("AccountSid", account),
        ("From", call.from_),
        ("To", call.to),
        ("Caller", call.from_),
        ("Called", call.to),
        ("CallStatus", status),
        ("Direction", call.direction),
        ("ApiVersion", API_VERSION),
    ]
    if call.answered_by and call.order.detection.startswith("sync"):
        pairs.append(("AnsweredBy", call.answered_by))
    return pairs


@dataclass(frozen=True, slots=True)
class Progress:
    """Writes a call's status and plans its callbacks at that very instant, in order."""

    core: Core

    def tell(self, call: Call, event: str, status: str, at: datetime) -> None:
        """Plan the callback of an event, if it was asked for; events are numbered from 0."""
        pairs = call_pairs(call, self.core.account, status)
        pairs += [
            ("Timestamp", rfc2822(at) or ""),
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(call.events_sent)),
        ]
        call.events_sent += 1
        call.updated = at
        link = call.order.status
        if link is None or event not in call.order.events:
            return
        if event == "completed":
            pairs += _final_pairs(call)
        self._plan(call, Hook(link.url, link.method, pairs), at)

    def tell_machine(self, call: Call, verdict: str, took: timedelta, at: datetime) -> None:
        """Plan the asynchronous machine-detection callback; `took` counts from the answer."""
        call.answered_by = verdict
        link = call.order.detection_hook
        if link is None:
            return
        pairs = [
            ("CallSid", call.sid),
            ("AccountSid", self.core.account),
            ("AnsweredBy", verdict),
            ("MachineDetectionDuration", str(round(took / timedelta(milliseconds=1)))),
        ]
        self._plan(call, Hook(link.url, link.method, pairs), at)

    def end(self, call: Call, status: str, at: datetime, error: str | None = None) -> None:
        """End the call once; what was still planned for it is dropped."""
        if call.over:
            return
        call.status, call.ended = status, at
        call.turn += 1
        call.gather = None
        call.error = error
        call.sip = call.sip or SIP[status]
        for entry in call.pending:
            entry.drop()
        self.tell(call, "completed", status, at)

    def _plan(self, call: Call, hook: Hook, at: datetime) -> None:
        async def leave(now: datetime) -> None:
            await self.core.webhooks.callback(call.sid, hook, now)

        self.core.agenda.add(at, call.sid, leave)


def _final_pairs(call: Call) -> Pairs:
    pairs = [
        ("CallDuration", str(call.seconds)),
        ("Duration", str(-(-call.seconds // MINUTE))),
        ("SipResponseCode", call.sip or ""),
    ]
    return [*pairs, ("ErrorCode", call.error)] if call.error else pairs
