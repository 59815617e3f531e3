"""Twilio's REST API: place and end calls, send texts, look up what became of them.

Each method makes exactly one request (a list: one per page) and never repeats it: the carrier
knows no idempotency key, so a repeat is a second call. What may have happened is Unsure.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.twilio import sdk
from adapters.twilio.errors import answer_for
from adapters.twilio.reading import MISREAD, UNREADABLE, Walk, look, unread
from adapters.twilio.words import call_word, text_word
from adapters.wire import Accepted, Answer, NotSent, Refused, Transport, Unsure, WireError

_EVENTS: Final = ["initiated", "ringing", "answered", "completed"]
_NOT_FOUND: Final = 404
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CallRequest:
    """One call. `ring` and `time_limit` in seconds; every URL carries the attempt's id.

    What is said comes from `answer_url`, or is given as `twiml` (at most 4000 characters); without
    a `status_url` the carrier does not tell what becomes of it. With a `machine_url` it listens for
    an answering machine while the script plays, and tells that URL when the greeting has ended
    (TWILIO: DetectMessageEnd, asynchronous).
    """

    attempt: str
    to: str
    from_: str
    answer_url: str | None
    status_url: str | None
    machine_url: str | None
    ring: int
    time_limit: int
    twiml: str | None = None


@dataclass(frozen=True, slots=True)
class TextRequest:
    """One text. `from_` is a number or a messaging service SID; `validity` in seconds, 1-36000.

    Without a `status_url` the carrier does not tell what becomes of it.
    """

    attempt: str
    to: str
    from_: str
    body: str
    status_url: str | None
    validity: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A call or text as the carrier has it; `status` is our word, `code` the carrier's error."""

    sid: str
    to: str
    from_: str
    status: str
    code: int | None
    created: datetime
    body: str | None


@dataclass(frozen=True, slots=True)
class InboundText:
    """A text somebody sent to one of our numbers."""

    sid: str
    from_: str
    to: str
    body: str
    created: datetime


class TwilioWire:
    """One account at Twilio, over any transport."""

    def __init__(
        self,
        account_sid: str,
        key: str,
        secret: str,
        transport: Transport,
        base_url: str | None = None,
    ) -> None:
        """`key` and `secret`: an API key (SK...) and its secret, or account SID and auth token."""
        client = sdk.client(account_sid, (key, secret), transport, base_url)
        self._calls: Any = client.calls
        self._messages: Any = client.messages
        self._http: sdk.OneTry = client.http_client

    async def place_call(self, request: CallRequest) -> Answer:
        """Start a call; Accepted means queued, never answered."""
        machine = {} if request.machine_url is None else _listening(request.machine_url)
        script = {"url": request.answer_url} if request.twiml is None else {"twiml": request.twiml}
        status = request.status_url
        told = {"status_callback": status, "status_callback_event": _EVENTS} if status else {}
        return await _ask(
            lambda: self._calls.create_async(
                to=request.to,
                from_=request.from_,
                timeout=request.ring,
                time_limit=request.time_limit,
                **{**script, **told, **machine},
            )
        )

    async def send_text(self, request: TextRequest) -> Answer:
        """Send a text; Accepted means queued, never delivered."""
        return await _ask(
            lambda: self._messages.create_async(
                to=request.to,
                body=request.body,
                validity_period=request.validity,
                **{_sender(request.from_): request.from_},
                **({"status_callback": request.status_url} if request.status_url else {}),
            )
        )

    async def hang_up(self, sid: str) -> Answer:
        """End a call in whatever state; Refused 21220: it had already ended."""
        return await _ask(lambda: self._calls(sid).update_async(status="completed"))

    async def say(self, sid: str, twiml: str) -> Answer:
        """Put new script (at most 4000 characters) on a live call; Refused 21220: it had ended."""
        return await _ask(lambda: self._calls(sid).update_async(twiml=twiml))

    async def fetch(self, sid: str, *, call: bool | None = None) -> Seen | None:
        """Look up one call or text; None: there is none. Raises WireError.

        Unless `call` tells which, its SID does (CA...); not every carrier's are of that shape.
        """
        call = sid.startswith("CA") if call is None else call
        try:
            record = await look((self._calls if call else self._messages)(sid).fetch_async)
        except sdk.Rejected as error:
            if error.reply.status == _NOT_FOUND:
                return None
            raise unread(error) from None
        return _seen(record, call=call, created=_EPOCH)

    async def list_calls(
        self, to: str, from_: str, since: datetime, now: datetime | None = None
    ) -> list[Seen]:
        """List our calls to that number created at or after `since`. Raises WireError.

        `now`: what the caller's clock says. Where the carrier's is behind that, `since` is moved
        back as much: a clock of ours that was set ahead hides no call (likewise for texts).
        """
        walk = Walk(
            lambda size: self._calls.page_async(to, from_, page_size=size),
            lambda: self._by_its_clock(since, now),
            lambda one: _seen(one, call=True, created=since) if _ours(one) else None,
        )
        return await walk.whole()

    async def list_texts(
        self, to: str, from_: str, since: datetime, now: datetime | None = None
    ) -> list[Seen]:
        """List our texts to that number created at or after `since`. Raises WireError."""
        pool = _sender(from_) == "messaging_service_sid"
        wanted = {"to": to} if pool else {"to": to, "from_": from_}

        def shape(one: Any) -> Seen | None:  # noqa: ANN401 - see _ours
            meant = _ours(one) and (not pool or one.messaging_service_sid == from_)
            return _seen(one, call=False, created=since) if meant else None

        walk = Walk(
            lambda size: self._messages.page_async(**wanted, page_size=size),
            lambda: self._by_its_clock(since, now),
            shape,
        )
        return await walk.whole()

    def list_inbound(
        self, to: str, since: datetime, now: datetime | None = None
    ) -> Walk[InboundText]:
        """List texts sent to our number `to` at or after `since`, or to any of a messaging service.

        Anybody may send any number of them, so they are read a piece at a time.
        """
        pool = _sender(to) == "messaging_service_sid"
        wanted = {} if pool else {"to": to}

        def shape(one: Any) -> InboundText | None:  # noqa: ANN401 - see _ours
            meant = one.direction == "inbound" and (not pool or one.messaging_service_sid == to)
            created = one.date_created or since
            text = InboundText(one.sid, one.from_, one.to, one.body or "", created)
            return text if meant else None

        return Walk(
            lambda size: self._messages.page_async(**wanted, page_size=size),
            lambda: self._by_its_clock(since, now),
            shape,
        )

    def _by_its_clock(self, since: datetime, now: datetime | None) -> datetime:
        """Move an instant back by as much as the carrier's clock is behind `now`."""
        told = self._http.dated
        return since if now is None or told is None else since - max(now - told, timedelta())


def _listening(url: str) -> dict[str, str]:
    # AsyncAmd is a string in the vendor's API, not a boolean.
    return {
        "machine_detection": "DetectMessageEnd",
        "async_amd": "true",
        "async_amd_status_callback": url,
    }


def _sender(from_: str) -> str:
    return "messaging_service_sid" if from_.startswith("MG") else "from_"


def _ours(record: Any) -> bool:  # noqa: ANN401 - the SDK ships no types
    # Replies given as TwiML stand in the same list; they are no attempts of ours.
    return record.direction not in {"inbound", "outbound-reply"}


def _seen(record: Any, *, call: bool, created: datetime) -> Seen:  # noqa: ANN401 - see _ours
    return Seen(
        sid=record.sid,
        to=record.to or "",
        # The SDK keeps a call's From as `_from` and a text's as `from_`.
        from_=getattr(record, "_from" if call else "from_") or "",
        status=call_word(record.status) if call else text_word(record.status),
        code=None if call else record.error_code,
        created=record.date_created or created,
        body=None if call else record.body,
    )


async def _ask(request: Callable[[], Awaitable[Any]]) -> Answer:
    """Make one request that changes something, and say what is known of it afterwards."""
    try:
        record = await request()
    except (WireError, sdk.Rejected, *MISREAD) as error:
        return _failed(error)
    if not isinstance(record.sid, str) or not record.sid:
        return Unsure("the carrier's answer names no call or text")
    return Accepted(record.sid, str(record.status or ""))


def _failed(error: Exception) -> Answer:
    match error:
        case NotSent():
            return Refused(None, f"not sent: {error}", again=True, ours=False, kind="retryable")
        case WireError():
            return Unsure(str(error))
        case sdk.Rejected():
            return answer_for(error.reply)
        case _:
            return Unsure(UNREADABLE)
