"""What people do with their phones by themselves: write to us, say STOP, open links."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urldefrag, urljoin

from adapters.simulator.core import API_VERSION, SPARE_NUMBER, Core
from adapters.simulator.forms import FORM_TYPE, Pairs, encode
from adapters.simulator.numbers import Numbers
from adapters.simulator.records import Text
from adapters.simulator.texts import Texts
from adapters.simulator.twiml import Message, TwimlError, read_twiml
from adapters.simulator.webhooks import Hook, is_success

STOP = frozenset(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"])
START = frozenset({"START", "YES", "UNSTOP"})
SECURE_LINK = re.compile(r"https?://[^\s<>\"]+/m/[A-Za-z0-9_\-.~]+")
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)"


@dataclass(slots=True)
class Page:
    """The first form of a page: where it goes, how, and the fields a browser would send."""

    action: str | None = None
    method: str = "GET"
    pairs: Pairs = field(default_factory=list)
    _pressed: bool = False
    _closed: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a page; `action` stays None if it has no form."""
        page, parser = cls(), HTMLParser()
        parser.handle_starttag = page.open_tag  # type: ignore[method-assign]
        parser.handle_endtag = page.close_tag  # type: ignore[method-assign]
        parser.feed(text)
        parser.close()
        return page

    def open_tag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form, its inputs, and the first button, which is the one tapped."""
        named = {name: value or "" for name, value in attrs}
        if self._closed:
            return
        if tag == "form" and self.action is None:
            self.action = named.get("action", "")
            self.method = named.get("method", "GET").upper()
        elif self.action is not None and tag in ("input", "button"):
            self._field(tag, named)

    def close_tag(self, tag: str) -> None:
        """Leave the form; only the first one counts."""
        self._closed = self._closed or (tag == "form" and self.action is not None)

    def _field(self, tag: str, named: dict[str, str]) -> None:
        kind = named.get("type", "submit" if tag == "button" else "text").lower()
        if kind == "submit":
            if self._pressed:
                return
            self._pressed = True
        if named.get("name") and kind not in ("button", "reset", "checkbox", "radio"):
            self.pairs.append((named["name"], named.get("value", "")))


@dataclass(slots=True)
class Phones:
    """The people's own doings; what they write arrives as a signed webhook."""

    core: Core
    texts: Texts
    numbers: Numbers
    lost: list[Text] = field(default_factory=list)

    async def text_from(self, phone: str, body: str, to: str | None = None) -> Text:
        """Let a person write to us; the answer's TwiML goes back as texts.

        Without `to` it goes to the number that last texted that phone, else the first of ours.
        A webhook that nobody answers is lost (see `lost`), but the carrier's list has the text.
        """
        number = to or self._known_number(phone)
        self._mind_stop(phone, number, body)
        text = self.texts.keep_inbound(phone, number, body)
        url = self.numbers.target(number, "SmsUrl")
        answer = await self.core.webhooks.send(Hook(url, "POST", self._pairs(text)))
        if answer is None or not is_success(answer[0]):
            self.lost.append(text)
            return text
        for words in _messages(answer[1]):
            self.texts.answer(phone, number, words)
        return text

    async def open_link(self, phone: str, *, tap: bool) -> tuple[int, str]:
        """Fetch the last secure link on that phone; a tap also submits the page's form.

        Gives the last (status, page), status 0 when nobody answered. LookupError: no link there,
        or no form to tap.
        """
        url = self.last_link(phone)
        if url is None:
            raise LookupError(f"no secure link was texted to {phone}")
        status, text = await self._browse("GET", url)
        if not tap or not is_success(status):
            return status, text
        page = Page.read(text)
        if page.action is None:
            raise LookupError(f"the page behind {url} has no form")
        target = urldefrag(urljoin(url, page.action)).url
        return await self._browse(page.method, target, page.pairs)

    async def _browse(self, method: str, url: str, pairs: Pairs | None = None) -> tuple[int, str]:
        headers = {"User-Agent": BROWSER, "Accept": "text/html"}
        if pairs is not None:
            headers["Content-Type"] = FORM_TYPE
        try:
            return await self.core.webhooks.deliver(method, url, headers, encode(pairs or []))
        except OSError:
            return 0, ""

    def last_link(self, phone: str) -> str | None:
        """Give the last secure link in the texts on that phone."""
        for text in self.texts.on_phone(phone):
            found = SECURE_LINK.findall(text.body)
            if found:
                return str(found[-1]).rstrip(".")
        return None

    def number_for(self, phone: str) -> str:
        """Give the number of ours that somebody would call back."""
        return self._known_number(phone)

    def _known_number(self, phone: str) -> str:
        last = self.texts.last_to(phone)
        if last is not None:
            return last.from_
        owned = self.core.options.numbers
        used = (t.from_ for t in self.texts.by_sid.values() if t.direction != "inbound")
        return owned[0] if owned else next(used, SPARE_NUMBER)

    def _mind_stop(self, phone: str, number: str, body: str) -> None:
        word = body.strip().upper()
        last = self.texts.last_to(phone)
        senders = {number} | ({last.sender} if last and last.from_ == number else set())
        pairs = {(sender, phone) for sender in senders}
        if word in STOP:
            self.texts.blocked |= pairs
        elif word in START:
            self.texts.blocked -= pairs

    def _pairs(self, text: Text) -> Pairs:
        return [
            ("MessageSid", text.sid),
            ("SmsSid", text.sid),
            ("SmsMessageSid", text.sid),
            ("AccountSid", self.core.account),
            ("From", text.from_),
            ("To", text.to),
            ("Body", text.body),
            ("NumMedia", "0"),
            ("NumSegments", str(text.segments)),
            ("SmsStatus", "received"),
            ("ApiVersion", API_VERSION),
        ]


def _messages(answer: str) -> list[str]:
    """Give the bodies of the texts an answer asks for; an answer that is no TwiML asks for none."""
    try:
        return [verb.body for verb in read_twiml(answer) if isinstance(verb, Message)]
    except TwimlError:
        return []
