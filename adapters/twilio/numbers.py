"""What Twilio does with the texts and calls that reach our own numbers, and changing that."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]

from adapters.twilio import sdk
from adapters.wire import Transport, Unread

_PAGE = 50
_MISREAD = (ValueError, TypeError, AttributeError, KeyError, TwilioException)


@dataclass(frozen=True, slots=True)
class Inbound:
    """Where one kind goes: a URL by a method; `instead` names what overrules the URL, or is ''."""

    url: str
    method: str
    instead: str


@dataclass(frozen=True, slots=True)
class OurNumber:
    """A number of the account as the carrier has it."""

    sid: str
    number: str
    texts: Inbound
    calls: Inbound


class OurNumbers:
    """The numbers of one account at Twilio, over any transport."""

    def __init__(
        self,
        account_sid: str,
        key: str,
        secret: str,
        transport: Transport,
        base_url: str | None = None,
    ) -> None:
        """Take the same as TwilioWire."""
        client = sdk.client(account_sid, (key, secret), transport, base_url)
        self._numbers: Any = client.incoming_phone_numbers

    async def find(self, number: str) -> OurNumber | None:
        """Look up one number (E.164); None: it is not this account's. Raises WireError."""
        page = await _read(
            lambda: self._numbers.page_async(phone_number=number, page_size=_PAGE), list
        )
        return next((one for one in map(_ours, page) if one.number == number), None)

    async def point(self, sid: str, texts: str, calls: str) -> OurNumber:
        """Have texts and calls posted to these URLs, and take away applications. WireError.

        A SIP trunk is left alone: it is a choice of its own, and nothing of ours was there before.
        """
        record = await _read(
            lambda: self._numbers(sid).update_async(
                sms_url=texts,
                sms_method="POST",
                sms_application_sid="",
                voice_url=calls,
                voice_method="POST",
                voice_application_sid="",
            ),
            lambda one: [one],
        )
        return _ours(record[0])


async def _read(
    ask: Callable[[], Awaitable[Any]], records: Callable[[Any], list[Any]]
) -> list[Any]:
    try:
        return records(await ask())
    except sdk.Rejected as error:
        status = error.reply.status
        raise Unread(f"the carrier answered HTTP {status}", status) from None
    except _MISREAD:
        raise Unread("the carrier's answer could not be read") from None


def _ours(record: Any) -> OurNumber:  # noqa: ANN401 - the SDK ships no types
    texts = Inbound(record.sms_url or "", record.sms_method or "", record.sms_application_sid or "")
    instead = record.trunk_sid or record.voice_application_sid or ""
    calls = Inbound(record.voice_url or "", record.voice_method or "", instead)
    return OurNumber(str(record.sid), str(record.phone_number), texts, calls)
