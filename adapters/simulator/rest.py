"""The REST API: who asks, for what, and the vendor's JSON back."""

import base64
import binascii
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.simulator.calls import Calls
from adapters.simulator.core import API, Core, rfc2822
from adapters.simulator.errors import RestError, unknown_resource
from adapters.simulator.forms import Form
from adapters.simulator.listings import Listing, list_page
from adapters.simulator.numbers import Numbers, perform
from adapters.simulator.records import Call, Text
from adapters.simulator.texts import Texts

Answer = tuple[int, dict[str, str], bytes]
OWNED = "IncomingPhoneNumbers"
PLACE = re.compile(
    rf"{API}/Accounts/(?P<account>[^/.]+)(?:/(?P<noun>Calls|Messages|{OWNED})(?:/(?P<sid>[^/.]+))?)?\.json"
)
UNAUTHORIZED, CREATED, OK = 401, 201, 200


@dataclass(frozen=True, slots=True)
class Ask:
    """One REST request, taken apart."""

    method: str
    path: str
    query: Form
    form: Form
    authorization: str


def read_ask(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Ask:
    """Take a request apart; header names in any case, the body is read as a form."""
    path, _, query = target.partition("?")
    auth = next((v for k, v in headers.items() if k.lower() == "authorization"), "")
    return Ask(method.upper(), path, Form.read(query), Form.read(body), auth)


@dataclass(frozen=True, slots=True)
class Rest:
    """Answers requests for one account; RestError becomes the vendor's error body."""

    core: Core
    token: str
    calls: Calls
    texts: Texts
    numbers: Numbers

    def answer(self, ask: Ask) -> tuple[Answer, str | None]:
        """Perform a request; gives the answer and the SID if something was created."""
        try:
            self._admit(ask)
            return self._perform(ask)
        except RestError as fault:
            return give(fault.status, fault.shape()), None

    def _admit(self, ask: Ask) -> None:
        kind, _, raw = ask.authorization.partition(" ")
        try:
            user, _, secret = base64.b64decode(raw, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user = secret = ""
        wanted = {self.core.account: self.token, **self.core.options.keys}.get(user)
        right = wanted is not None and hmac.compare_digest(wanted.encode(), secret.encode())
        if kind.lower() != "basic" or not right:
            raise RestError(20003, "Authenticate", UNAUTHORIZED)

    def _perform(self, ask: Ask) -> tuple[Answer, str | None]:
        known = ask.path.startswith(self.core.prefix)
        place = PLACE.fullmatch(ask.path.removeprefix(self.core.prefix)) if known else None
        if place is None or place["account"] != self.core.account:
            raise unknown_resource(ask.path)
        if place["noun"] is None:
            return give(OK, self._account()), None
        if place["noun"] == "Calls":
            return self._calls(ask, place["sid"])
        if place["noun"] == OWNED:
            asked = (ask.method, ask.path, place["sid"])
            return give(OK, perform(self.numbers, asked, (ask.query, ask.form))), None
        return self._messages(ask, place["sid"])

    def _calls(self, ask: Ask, sid: str | None) -> tuple[Answer, str | None]:
        if sid is None and ask.method == "GET":
            listing = Listing("calls", ask.path, self.core.account, CALL_MOMENTS)
            return give(OK, list_page(self.calls.by_sid.values(), listing, ask.query)), None
        if sid is None and ask.method == "POST":
            return self._created(self.calls.create(ask.form))
        return self._one(ask, sid, self.calls.get, self.calls.update)

    def _messages(self, ask: Ask, sid: str | None) -> tuple[Answer, str | None]:
        if sid is None and ask.method == "GET":
            listing = Listing("messages", ask.path, self.core.account, TEXT_MOMENTS)
            return give(OK, list_page(self.texts.by_sid.values(), listing, ask.query)), None
        if sid is None and ask.method == "POST":
            return self._created(self.texts.create(ask.form))
        return self._one(ask, sid, self.texts.get, self.texts.update)

    def _one(
        self,
        ask: Ask,
        sid: str | None,
        get: Callable[[str], Call | Text],
        update: Callable[[str, Form], Call | Text],
    ) -> tuple[Answer, str | None]:
        if sid is not None and ask.method == "GET":
            return give(OK, get(sid).shape(self.core.account)), None
        if sid is not None and ask.method == "POST":
            return give(OK, update(sid, ask.form).shape(self.core.account)), None
        raise RestError(20004, "Method not allowed", 405)

    def _created(self, record: Call | Text) -> tuple[Answer, str]:
        return give(CREATED, record.shape(self.core.account)), record.sid

    def _account(self) -> dict[str, Any]:
        return {
            "sid": self.core.account,
            "friendly_name": "simulated",
            "status": "active",
            "type": "Full",
            "owner_account_sid": self.core.account,
            "date_created": rfc2822(self.core.clock()),
            "date_updated": rfc2822(self.core.clock()),
            "uri": f"{API}/Accounts/{self.core.account}.json",
            "subresource_uris": {},
        }


CALL_MOMENTS = {"StartTime": lambda call: call.started, "EndTime": lambda call: call.ended}
TEXT_MOMENTS = {"DateSent": lambda text: text.sent}


def give(status: int, shape: dict[str, Any], **headers: str) -> Answer:
    """Make an answer of the vendor's JSON; header names take `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(shape).encode()
