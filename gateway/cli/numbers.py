"""Whether the carrier sends what reaches our numbers to us, and having it do so."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from adapters.twilio.numbers import Inbound, OurNumber, OurNumbers
from adapters.wire import WireError
from gateway.cli.points import Point

_BY_HAND: Final = "in the carrier's console, or run `dispatchd check --fix`"


@dataclass(frozen=True, slots=True)
class Wish:
    """The numbers of one carrier, our public URL, and whether to change what is wrong.

    `pool`: texts are sent by a messaging service, whose own setting may say where replies go.
    """

    numbers: tuple[str, ...]
    public_url: str
    pool: bool
    fix: bool

    @property
    def texts(self) -> str:
        """Where texts are to go."""
        return f"{self.public_url}/twilio/sms"

    @property
    def calls(self) -> str:
        """Where calls are to go."""
        return f"{self.public_url}/twilio/voice"


async def numbers_of(carrier: OurNumbers, wish: Wish) -> list[Point]:
    """Look at each of our numbers as the carrier has it; with `fix`, point wrong ones at us."""
    points: list[Point] = []
    for number in wish.numbers:
        try:
            found = await carrier.find(number)
            points += await _judged(carrier, wish, number, found)
        except WireError as fault:
            remedy = "let the API key read phone numbers, and ask again"
            points.append(Point(f"number {number}", "fail", f"not shown: {fault}", remedy))
    return points


async def _judged(
    carrier: OurNumbers, wish: Wish, number: str, found: OurNumber | None
) -> list[Point]:
    name = f"number {number}"
    if found is None:
        words = "is no number of this account at the carrier"
        return [Point(name, "fail", words, "buy it there, or take it out of DISPATCHD_TWILIO_FROM")]
    amiss = list(_amiss(found, wish))
    if not amiss:
        return [Point(name, "ok", "the carrier sends texts and calls to us")]
    if not wish.fix:
        return [Point(name, point.result, point.words, point.remedy) for point in amiss]
    now = await carrier.point(found.sid, wish.texts, wish.calls)
    was = f"texts went to {_shown(found.texts)}, calls to {_shown(found.calls)}"
    left = [Point(name, one.result, one.words, one.remedy) for one in _amiss(now, wish)]
    return [Point(name, "ok", f"points at us now; {was}"), *left]


def _amiss(found: OurNumber, wish: Wish) -> Iterator[Point]:
    """Name what goes elsewhere."""
    if not _reaches(found.texts, wish.texts):
        words = f"texts go to {_shown(found.texts)}, not to {_plain(wish.texts)}"
        if wish.pool:
            remedy = "right where the messaging service itself brings replies to us; else set it "
            yield Point("", "warn", words, remedy + _BY_HAND)
        else:
            yield Point("", "fail", words, f"set “a message comes in” {_BY_HAND}")
    if not _reaches(found.calls, wish.calls):
        words = f"calls go to {_shown(found.calls)}, not to {_plain(wish.calls)}"
        remedy = f"set “a call comes in” {_BY_HAND}"
        if found.calls.instead.startswith("TK"):
            remedy = "take the number off its SIP trunk in the carrier's console"
        yield Point("", "fail", words, remedy)


def _reaches(inbound: Inbound, wanted: str) -> bool:
    # What follows a # (the carrier's own retries) is neither sent nor signed.
    url = inbound.url.partition("#")[0]
    return not inbound.instead and url == wanted and inbound.method.upper() == "POST"


def _shown(inbound: Inbound) -> str:
    if inbound.instead:
        return inbound.instead
    if not inbound.url:
        return "nowhere"
    return f"{_plain(inbound.url)} by {inbound.method.upper()}"


def _plain(url: str) -> str:
    """Show a URL without what may be a secret in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
