"""The numbers of an account, and where each sends the texts and calls that come in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from adapters.simulator.core import SPARE_NUMBER, Core, rfc2822
from adapters.simulator.errors import RestError, unknown_resource
from adapters.simulator.forms import Form
from adapters.simulator.orders import read_link

URLS = {"SmsUrl": "SmsMethod", "VoiceUrl": "VoiceMethod"}
PLAIN = ("SmsMethod", "VoiceMethod", "SmsApplicationSid", "VoiceApplicationSid", "FriendlyName")
PAGE_SIZE, BAD_URL = 50, 21502


@dataclass(slots=True)
class Numbers:
    """The book of numbers; what was never set follows where the simulator is told we are."""

    core: Core
    _set: dict[str, dict[str, str]] = field(default_factory=dict)

    def page(self, path: str, query: Form) -> dict[str, Any]:
        """Give one page in the vendor's shape; `PhoneNumber` finds by a part of the number."""
        wanted = query.get("PhoneNumber").replace("*", "")
        found = [one for one in self._owned() if wanted in one]
        size, number = _whole(query, "PageSize", PAGE_SIZE) or PAGE_SIZE, _whole(query, "Page", 0)
        shown = found[number * size : (number + 1) * size]
        more = f"{path}?PageSize={size}&Page={number + 1}"
        return {
            "incoming_phone_numbers": [self._shape(one) for one in shown],
            "page": number,
            "page_size": size,
            "uri": path,
            "next_page_uri": more if len(found) > (number + 1) * size else None,
        }

    def get(self, sid: str) -> dict[str, Any]:
        """Show one number; RestError 20404."""
        return self._shape(self._number(sid))

    def update(self, sid: str, form: Form) -> dict[str, Any]:
        """Change where a number sends what comes in; RestError 20404, 21502 for a bad URL."""
        number = self._number(sid)
        changed = {name: form.get(name) for name in PLAIN if form.has(name)}
        for name, method in URLS.items():
            if form.has(name):
                read_link(form, name, method, BAD_URL)
                changed[name] = form.get(name)
        self._set.setdefault(number, {}).update(changed)
        return self._shape(number)

    def target(self, number: str, name: str) -> str:
        """Give where a number sends what comes in; `name` is SmsUrl or VoiceUrl."""
        return self._fields(number)[name]

    def _owned(self) -> Iterator[str]:
        yield from sorted(self.core.options.numbers or (SPARE_NUMBER,))

    def _number(self, sid: str) -> str:
        found = [number for number in self._owned() if self._sid(number) == sid]
        if not found:
            raise unknown_resource(self.core.path(f"IncomingPhoneNumbers/{sid}.json"))
        return found[0]

    def _sid(self, number: str) -> str:
        # Not by the dice: what else a seed brings about stays as it was.
        name = sha256(number.encode()).hexdigest()[:32]
        return str(UUID(name)) if self.core.options.compat else f"PN{name}"

    def _fields(self, number: str) -> dict[str, str]:
        options = self.core.options
        public = options.public.rstrip("/")
        plain = {
            "FriendlyName": number,
            "SmsUrl": f"{public}/twilio/sms{options.inbound_fragment}",
            "SmsMethod": "POST",
            "SmsApplicationSid": "",
            "VoiceUrl": f"{public}/twilio/voice",
            "VoiceMethod": "POST",
            "VoiceApplicationSid": "",
        }
        return plain | self._set.get(number, {})

    def _shape(self, number: str) -> dict[str, Any]:
        now: datetime = self.core.clock()
        sid = self._sid(number)
        written = {_snake(name): value for name, value in self._fields(number).items()}
        return {
            **written,
            "sid": sid,
            "account_sid": self.core.account,
            "phone_number": number,
            "trunk_sid": None,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "status": "in-use",
            "date_created": rfc2822(now),
            "date_updated": rfc2822(now),
            "uri": self.core.path(f"IncomingPhoneNumbers/{sid}.json"),
        }


def perform(numbers: Numbers, asked: tuple[str, str, str | None], forms: tuple[Form, Form]) -> Any:  # noqa: ANN401 - JSON
    """Answer a request: (method, path, SID) with its (query, form); RestError 20004 for others."""
    method, path, sid = asked
    query, form = forms
    if sid is None and method == "GET":
        return numbers.page(path, query)
    if sid is not None and method == "GET":
        return numbers.get(sid)
    if sid is not None and method == "POST":
        return numbers.update(sid, form)
    raise RestError(20004, "Method not allowed", 405)


def _whole(query: Form, name: str, default: int) -> int:
    raw = query.get(name) or str(default)
    if not raw.isdecimal():
        raise RestError(20001, f"{name} must be a number, not {raw}")
    return int(raw)


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).lstrip("_")
