"""The carrier's door: every webhook verified, parsed, absorbed and answered in one go."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.twilio import reply, voice
from adapters.twilio.signature import Webhook
from adapters.twilio.words import UNKNOWN, call_word, text_word
from gateway.domain.events import Pressed, Progress
from gateway.domain.speech import Ask
from gateway.store.desk import ContentionError
from gateway.store.parties import OtherSidError
from gateway.store.pool import AWAY
from gateway.store.whereabouts import UnknownAttemptError
from gateway.tracing import step
from gateway.web.inbound import Caller, Inbound
from gateway.web.inbox import Inbox
from gateway.web.on_the_line import Calls, Line
from gateway.web.parts import Parts
from gateway.web.seals import Seals

_log = structlog.get_logger(__name__)
XML = "text/xml"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'
LARGEST = 65_536
# The carrier tries again what was not answered well (`#rc=5&rp=all`): 503 asks it to.
LATER: tuple[type[Exception], ...] = (*AWAY, ContentionError)
RESULTS = {200: "accepted", 403: "refused", 503: "away"}
Form = dict[str, str]


class RefusedWebhookError(Exception):
    """A webhook that is not what it should be: 403, and nothing changes."""


@dataclass(frozen=True, slots=True)
class CarrierDoor:
    """Answers the carrier's webhooks."""

    parts: Parts
    seals: Seals

    def routes(self) -> list[Route]:
        """All webhook routes, those that are asked for most often first."""
        call, text = "/twilio/call/{attempt:uuid}", "/twilio/text/{attempt:uuid}"
        return [
            self._route(f"{text}/status", "text_status", self._text_status),
            self._route(f"{call}/status", "call_status", self._call_status),
            self._route(f"{call}/answer", "answer", self._answer),
            self._route(f"{call}/key", "key", self._key),
            self._route(f"{call}/machine", "machine", self._machine),
            self._route("/twilio/sms", "sms", self._sms),
            self._route("/twilio/voice", "voice", self._voice),
        ]

    def _route(
        self, path: str, kind: str, answer: Callable[[Request, Form], Awaitable[str]]
    ) -> Route:
        async def endpoint(request: Request) -> Response:
            began = self.parts.clock.monotonic()
            with step("webhook", kind=kind, attempt=request.path_params.get("attempt", "")):
                body, status = await self._answered(kind, request, answer)
            self.parts.metrics.webhooks_total.labels(kind, RESULTS[status]).inc()
            took = self.parts.clock.monotonic() - began
            self.parts.metrics.webhook_seconds.observe(took)
            return Response(body, status, media_type=XML if body else None)

        return Route(path, endpoint, methods=["POST"], name=kind)

    async def _answered(
        self, kind: str, request: Request, answer: Callable[[Request, Form], Awaitable[str]]
    ) -> tuple[str, int]:
        """Answer a webhook that is genuine; what is amiss is logged, and said by the status."""
        try:
            form = await self._genuine(request)
            return await answer(request, form), 200
        except (RefusedWebhookError, LookupError, ClientDisconnect) as fault:
            why = _why(fault)
            _log.warning("webhook refused", action="webhook.refused", kind=kind, why=why)
            return "", 403
        except LATER as fault:
            _log.warning("database away", action="webhook.away", kind=kind, fault=repr(fault))
            return "", 503

    async def _genuine(self, request: Request) -> Form:
        """Return the form of a webhook that the carrier signed; RefusedWebhookError otherwise."""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise RefusedWebhookError("too large")
        params = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        raw = request.scope["raw_path"].split(b"?", 1)[0].decode("ascii", "replace")
        query = request.scope["query_string"].decode("ascii", "replace")
        target = f"{raw}?{query}" if query else raw
        webhook = Webhook(
            target=target,
            params=params,
            body=body,
            signature=_first(request, "x-twilio-signature", "x-signalwire-signature"),
            settings=request.headers.get("x-twilio-webhooks-signature-settings"),
        )
        attempt, to = request.path_params.get("attempt"), dict(params).get("To", "")
        if not await self.seals.genuine(webhook, self.parts.desk.pool, attempt, to):
            raise RefusedWebhookError("the signature is wrong")
        if any("\0" in value for _, value in params):
            raise RefusedWebhookError("it holds what no text can hold")
        return dict(params)

    async def _answer(self, request: Request, form: Form) -> str:
        attempt, sid = request.path_params["attempt"], form.get("CallSid")
        return self._say(await Calls(self.parts).answered(attempt, sid))

    async def _key(self, request: Request, form: Form) -> str:
        attempt, sid = request.path_params["attempt"], form.get("CallSid")
        step = request.query_params.get("step", "0")
        if not step.isdecimal():
            raise RefusedWebhookError("no step")
        event = Pressed(attempt, sid, int(step), form.get("Digits", ""))
        return self._say(await Calls(self.parts).pressed(event))

    def _say(self, line: Line) -> str:
        """Render what the call says next."""
        attempt, speech = line
        if speech is None:
            return EMPTY
        if not isinstance(speech, Ask):
            return voice.render(voice.Tell(speech.say))
        url = f"{self.parts.settings.public_url}/twilio/call/{attempt}/key?step={speech.step}"
        ask = voice.Ask(speech.say, f"{url}#ct=2000&rc=2&rp=all", speech.timeout, speech.digits)
        return voice.render(ask)

    async def _call_status(self, request: Request, form: Form) -> str:
        attempt, sid = request.path_params["attempt"], form.get("CallSid")
        status = call_word(form.get("CallStatus"), form.get("SipResponseCode"))
        if status != UNKNOWN:
            code = form.get("ErrorCode") or (
                form.get("SipResponseCode") if status == "failed" else None
            )
            event = Progress(attempt, sid, status, code or None)
            await Calls(self.parts).tell(attempt, sid, event)
        return EMPTY

    async def _machine(self, request: Request, form: Form) -> str:
        attempt, sid = request.path_params["attempt"], form.get("CallSid")
        await Calls(self.parts).machine(attempt, sid, form.get("AnsweredBy", "unknown"))
        return EMPTY

    async def _text_status(self, request: Request, form: Form) -> str:
        attempt, sid = request.path_params["attempt"], form.get("MessageSid")
        status = text_word(form.get("MessageStatus"))
        if status != UNKNOWN:
            event = Progress(attempt, sid, status, form.get("ErrorCode") or None)
            await Calls(self.parts).tell(attempt, sid, event)
        return EMPTY

    async def _sms(self, _request: Request, form: Form) -> str:
        inbox = Inbox(self.parts)
        answer = await inbox.take(form.get("MessageSid", ""), form)
        return reply.render(answer)

    async def _voice(self, _request: Request, form: Form) -> str:
        caller = Caller(form.get("CallSid", ""), form.get("From", ""), form.get("To") or None)
        return self._say(await Inbound(self.parts).called(caller))


def _first(request: Request, *names: str) -> str | None:
    """Return the first of these headers that there is."""
    return next((value for name in names if (value := request.headers.get(name))), None)


def _why(fault: Exception) -> str:
    """Say why a webhook was refused; only our own words, never what was sent."""
    ours = (RefusedWebhookError, OtherSidError, UnknownAttemptError)
    return str(fault) if isinstance(fault, ours) else type(fault).__name__
