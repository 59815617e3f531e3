"""Webhooks leave here: signed, repeated by the rules of their URL, lost when the fault says so."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from adapters.simulator.agenda import Agenda
from adapters.simulator.faults import Faults
from adapters.simulator.forms import FORM_TYPE, Pairs, encode
from adapters.simulator.signing import Policy, sign, split_policy

Deliver = Callable[[str, str, dict[str, str], bytes], Awaitable[tuple[int, str]]]
SUCCESS, REDIRECT, CLIENT_FAULT, SERVER_FAULT = 200, 300, 400, 500


@dataclass(frozen=True, slots=True)
class Hook:
    """One request to us: fields travel in the form (POST) or in the query (GET)."""

    url: str
    method: str
    pairs: Pairs


@dataclass(slots=True)
class Webhooks:
    """Sends hooks through `deliver`; what cannot be delivered is lost, as at the vendor."""

    token: str
    deliver: Deliver
    faults: Faults
    agenda: Agenda
    dice: Random
    header: str = "X-Twilio-Signature"
    held: dict[str, list[Hook]] = field(default_factory=dict)

    async def send(self, hook: Hook) -> tuple[int, str] | None:
        """Deliver one hook and give (status, body); None if it was not answered at all."""
        bare, policy = split_policy(hook.url)
        method, url, headers, body = self._prepare(hook, bare)
        answer: tuple[int, str] | None = None
        for _ in range(1 + policy.retries):
            failure, answer = await self._once((method, url, headers, body))
            if not _again(failure, policy):
                break
        return answer

    async def callback(self, lane: str, hook: Hook, now: datetime) -> None:
        """Deliver a status or machine-detection callback, with the faults that strike those."""
        if self.faults.loses(now):
            return
        if self.faults.struck(self.faults.late):
            self._later(lane, hook, now)
        elif self.faults.struck(self.faults.disordered):
            self.held.setdefault(lane, []).append(hook)
            self._release_at(lane, now)
        else:
            await self._repeated(hook)
            await self._release(lane)

    async def _repeated(self, hook: Hook) -> None:
        await self.send(hook)
        if self.faults.struck(self.faults.doubled):
            await self.send(hook)

    def _later(self, lane: str, hook: Hook, now: datetime) -> None:
        async def send(_: datetime) -> None:
            await self._repeated(hook)

        self.agenda.add(now + self.faults.late_by, lane, send)

    def _release_at(self, lane: str, now: datetime) -> None:
        async def release(_: datetime) -> None:
            await self._release(lane)

        self.agenda.add(now + self.faults.disorder_span, lane, release)

    async def _release(self, lane: str) -> None:
        for hook in reversed(self.held.pop(lane, [])):
            await self._repeated(hook)

    def _prepare(self, hook: Hook, bare: str) -> tuple[str, str, dict[str, str], bytes]:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": f"{self.dice.getrandbits(128):032x}",
        }
        token = self.token + ("?" if self.faults.forged else "")
        if hook.method == "GET":
            url = bare
            if hook.pairs:
                url += ("&" if "?" in bare else "?") + encode(hook.pairs).decode()
            headers[self.header] = sign(token, url, [])
            return "GET", url, headers, b""
        headers["Content-Type"] = FORM_TYPE
        headers[self.header] = sign(token, bare, hook.pairs)
        return "POST", bare, headers, encode(hook.pairs)

    async def _once(
        self, request: tuple[str, str, dict[str, str], bytes]
    ) -> tuple[str, tuple[int, str] | None]:
        method, url, headers, body = request
        try:
            answer = await self.deliver(method, url, dict(headers), body)
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            return "rt", None
        except OSError:
            return "ct", None
        return _failure(answer[0]), answer


def _failure(status: int) -> str:
    if status >= SERVER_FAULT:
        return "5xx"
    return "4xx" if status >= CLIENT_FAULT else ""


def _again(failure: str, policy: Policy) -> bool:
    return failure in policy.after


def is_success(status: int) -> bool:
    """Tell whether a webhook was answered well."""
    return SUCCESS <= status < REDIRECT
