"""What `check` asks of the world: the carriers, their clock, and our own door from outside."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import SplitResult, urlsplit

from adapters.doorway import Doorway, DoorwayError, look
from adapters.transport import HttpTransport
from adapters.wire import Reply, Transport, WireError
from gateway.cli.numbers import Wish, numbers_of
from gateway.cli.points import Point, Result
from gateway.clock import SystemClock
from gateway.daemon.carriers import carrier, numbers, second_carrier, second_numbers
from gateway.settings import Settings

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_NO_CALL: Final = "CA" + "0" * 32
_CARRIER_SKEW_SECONDS: Final = 5.0
_CONNECT, _TOTAL = 3.0, 5.0
_OK: Final = 200
_SOON: Final = timedelta(days=14)
_TLS_PORT: Final = 443
_PROXY: Final = "have a reverse proxy answer there and pass everything on to DISPATCHD_HTTP_PORT"
NTP: Final = "have this host follow NTP, for instance by `timedatectl set-ntp true`"


class Dated:
    """A transport that notes how far this host's clock is ahead of the far side's, in seconds."""

    def __init__(self, inner: Transport) -> None:
        """Carry everything by `inner`."""
        self._inner = inner
        self.ahead: float | None = None

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """Return the reply, or raise NotSent or Broken."""
        reply = await self._inner.request(method, url, headers, body)
        try:
            date = parsedate_to_datetime(reply.header("Date") or "")
        except ValueError:
            return reply
        self.ahead = (SystemClock().now() - date).total_seconds()
        return reply

    async def close(self) -> None:
        """Close what carries it."""
        await self._inner.close()


async def outside(settings: Settings, *, fix: bool) -> list[Point]:
    """Check the public URL, then the carriers and, unless that URL is no good, our numbers."""
    plain = HttpTransport(timeout=_TOTAL, connect=_CONNECT)
    transport = Dated(plain)
    try:
        door = await _public(settings, plain)
        usable = not any(point.result == "fail" for point in door)
        points = await _carrier(settings, transport, fix=fix and usable)
        points += await _second(settings, plain, fix=fix and usable)
    finally:
        await plain.close()
    if fix and not usable:
        words = "nothing was changed at the carrier: it could not reach the public URL"
        points.append(Point("fix", "fail", words, "first see to the public URL"))
    return [*points, *_their_clock(transport), *door]


async def _carrier(settings: Settings, transport: Transport, *, fix: bool) -> list[Point]:
    """Ask for a call that cannot be: an answer shows that the credentials are good."""
    simulated = settings.carrier == "simulator"
    remedy = "set DISPATCHD_CARRIER=twilio when people shall be called"
    if simulated and settings.twilio_base_url is None:
        words = "simulator, started by `run`: nobody real is called"
        return [Point("carrier", "warn", words, remedy)]
    try:
        await carrier(settings, transport).fetch(_NO_CALL)
    except WireError as fault:
        words = f"the credentials could not be used: {fault}"
        return [Point("carrier", "fail", words, _credentials("TWILIO_ACCOUNT_SID, _API_KEY"))]
    found = Point("carrier", "warn", "simulator answers: nobody real is called", remedy)
    if not simulated:
        senders = ", ".join(settings.twilio_from)
        found = Point("carrier", "ok", f"the credentials are good; sending from {senders}")
    calling, pool = settings.calling_numbers, settings.text_senders != settings.calling_numbers
    wish = Wish(calling, settings.public_url, pool, fix)
    return [found, *await numbers_of(numbers(settings, transport), wish)]


async def _second(settings: Settings, transport: Transport, *, fix: bool) -> list[Point]:
    """Ask the second carrier the same, where there is one."""
    other, book = second_carrier(settings, transport), second_numbers(settings, transport)
    if other is None or book is None:
        return []
    try:
        await other.fetch(_NO_CALL, call=True)
    except WireError as fault:
        if not fault.declined:
            words = f"the credentials could not be used: {fault}"
            return [Point("second carrier", "fail", words, _credentials("SECOND_ACCOUNT"))]
    words = f"the credentials are good; sending from {', '.join(settings.second_from)}"
    wish = Wish(settings.second_from, settings.public_url, pool=False, fix=fix)
    return [Point("second carrier", "ok", words), *await numbers_of(book, wish)]


def _credentials(names: str) -> str:
    return f"compare DISPATCHD_{names} and their secret with the carrier's console"


def _their_clock(transport: Dated) -> list[Point]:
    if transport.ahead is None:
        return []
    side = "ahead of" if transport.ahead > 0 else "behind"
    words = f"this host is {abs(transport.ahead):.0f} s {side} the carrier"
    if abs(transport.ahead) > _CARRIER_SKEW_SECONDS:
        return [Point("carrier's clock", "warn", words, NTP)]
    return [Point("carrier's clock", "ok", "within 5 s of this host's")]


async def _public(settings: Settings, transport: Transport) -> list[Point]:
    parts = urlsplit(settings.public_url)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    inside = parts.hostname in _LOOPBACK
    if inside and settings.carrier == "twilio":
        words = f"{shown}: the carrier cannot reach this host there"
        return [_door("fail", words, "set DISPATCHD_PUBLIC_URL to what callers use from outside")]
    if not inside and parts.scheme != "https":
        words = f"{shown}: must be https outside this host"
        return [_door("fail", words, "put a reverse proxy with a certificate before it")]
    certificate = await _certificate(parts) if parts.scheme == "https" else []
    if any(point.result == "fail" for point in certificate):
        return certificate
    return [*certificate, await _answering(settings, shown, transport)]


async def _answering(settings: Settings, shown: str, transport: Transport) -> Point:
    try:
        reply = await transport.request("GET", f"{settings.public_url}/openapi.json", {}, b"")
    except WireError as fault:
        words = f"{shown}: no answer; is the daemon running? ({fault})"
        return _door("warn", words, "start `dispatchd run`, then check again")
    if reply.status != _OK:
        return _door("fail", f"{shown}: /openapi.json answers {reply.status}", _PROXY)
    return _door("ok", f"{shown} answers")


async def _certificate(parts: SplitResult) -> list[Point]:
    host, port = parts.hostname or "", parts.port or _TLS_PORT
    try:
        seen = await look(host, port, _TOTAL)
    except DoorwayError as fault:
        return [_shut(host, fault)]
    return judged_doorway(host, seen)


def judged_doorway(host: str, seen: Doorway) -> list[Point]:
    """Judge what was seen of our own door: who can reach it, and how long its certificate lasts."""
    left = seen.expires - SystemClock().now()
    words = f"that of {host} is valid for {left.days} days"
    found = Point("certificate", "ok", words)
    if left < _SOON:
        remedy = "renew it, and see why that did not happen by itself"
        found = Point("certificate", "warn", words, remedy)
    if seen.addresses and seen.inside == seen.addresses:
        words = f"{host} is {', '.join(seen.inside)} here: nobody outside reaches that"
        remedy = "right if the name means another address outside; else correct its A record"
        return [found, _door("warn", words, remedy)]
    return [found]


def _shut(host: str, fault: DoorwayError) -> Point:
    match fault.stage:
        case "name":
            remedy = f"make an A or AAAA record for {host}, or correct DISPATCHD_PUBLIC_URL"
            return _door("fail", str(fault), remedy)
        case "connection":
            return _door("warn", f"{host}: {fault}", _PROXY)
        case "certificate":
            remedy = f"have a certificate made for {host} by an authority that carriers trust"
            return Point("certificate", "fail", f"{host}: {fault}", remedy)


def _door(result: Result, words: str, remedy: str = "") -> Point:
    return Point("public url", result, words, remedy)
