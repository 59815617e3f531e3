"""A look at our own door from this side: does the name resolve, does TLS hold, until when."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Literal

Stage = Literal["name", "connection", "certificate"]


class DoorwayError(Exception):
    """The door could not be opened; `stage` says how far we came, the words why."""

    def __init__(self, stage: Stage, words: str) -> None:
        super().__init__(words)
        self.stage = stage


@dataclass(frozen=True, slots=True)
class Doorway:
    """The addresses behind a name, and when its certificate ends."""

    addresses: tuple[str, ...]
    expires: datetime

    @property
    def inside(self) -> tuple[str, ...]:
        """The addresses that nobody on the Internet can reach."""
        return tuple(one for one in self.addresses if not ip_address(one).is_global)


async def look(
    host: str, port: int, seconds: float, trust: ssl.SSLContext | None = None
) -> Doorway:
    """Resolve a name and shake hands by TLS within so many seconds; DoorwayError.

    `trust`: whom to believe, else those whom this host trusts.
    """
    try:
        async with asyncio.timeout(seconds):
            addresses = await _resolve(host, port)
            expires = await _shake_hands(host, port, trust or ssl.create_default_context())
    except TimeoutError:
        raise DoorwayError("connection", f"no answer within {seconds:g} s") from None
    return Doorway(addresses, expires)


async def _resolve(host: str, port: int) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise DoorwayError("name", f"the name {host} does not resolve") from None
    return tuple(sorted({str(place[0]).partition("%")[0] for *_, place in found}))


async def _shake_hands(host: str, port: int, trust: ssl.SSLContext) -> datetime:
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=trust)
    except ssl.SSLCertVerificationError as fault:
        raise DoorwayError("certificate", fault.verify_message) from None
    except ssl.SSLError as fault:
        words = f"what answers at port {port} does not speak TLS ({fault.reason})"
        raise DoorwayError("certificate", words) from None
    except OSError as fault:
        words = fault.strerror or "no connection"
        raise DoorwayError("connection", f"port {port}: {words}") from None
    certificate = writer.get_extra_info("peercert")
    writer.close()
    seconds = ssl.cert_time_to_seconds(certificate["notAfter"])
    return datetime.fromtimestamp(seconds, UTC)
