"""The herald: tells whoever supervises this process how it stands, and takes the sockets it passes.

The words are systemd's: sd_notify(3), sd_listen_fds(3) and sd_watchdog_enabled(3). Where nobody
asked for any (a container, a terminal) nothing is told.
"""

import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final, Self

from gateway.clock import Clock
from gateway.daemon.loop import EngineLoop

_FIRST_DOOR: Final = 3
_SELDOM: Final = 15.0
# Signs of life come this much oftener than they are missed.
_OFTENER: Final = 3
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Herald:
    """Speaks to the supervisor at `address`; `doors` are listening sockets that it passed.

    `pause` is how many seconds lie between two signs of life.
    """

    address: str = ""
    pause: float = _SELDOM
    doors: tuple[socket.socket, ...] = ()

    @classmethod
    def of(cls, environment: MutableMapping[str, str], pid: int) -> Self:
        """Read what was left for process `pid`, and take it away: no child may speak for us."""
        names = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS")
        given = {name: environment.pop(name, "") for name in (*names, "LISTEN_FDNAMES")}
        fed = given["WATCHDOG_PID"] in {"", str(pid)} and given["WATCHDOG_USEC"].isdecimal()
        pause = int(given["WATCHDOG_USEC"]) / _MICROSECONDS / _OFTENER if fed else _SELDOM
        for_us = given["LISTEN_PID"] == str(pid) and given["LISTEN_FDS"].isdecimal()
        doors = _doors(int(given["LISTEN_FDS"])) if for_us else ()
        return cls(given["NOTIFY_SOCKET"], pause, doors)

    def tell(self, *lines: str) -> None:
        """Tell such as `READY=1`; a supervisor that is gone is nobody's trouble here."""
        if not self.address:
            return
        # A leading @ stands for the zero byte of Linux's abstract names.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
                way.setblocking(False)
                way.sendto("\n".join(lines).encode(), address)
        except OSError:
            return


SILENT: Final = Herald()


@dataclass(frozen=True, slots=True)
class SignsOfLife:
    """Tells the supervisor that work has begun and goes on; `loop` is None where no engine runs."""

    herald: Herald
    clock: Clock
    loop: EngineLoop | None

    async def keep(self) -> None:
        """Say READY at the first turn, then feed the watchdog while the engine stirs."""
        if not self.herald.address:
            return
        if self.loop:
            await self.loop.turned.wait()
        self.herald.tell("READY=1", *await self._standing())
        while True:
            await self.clock.sleep(self.herald.pause)
            self.herald.tell(*await self._standing())

    async def _standing(self) -> tuple[str, ...]:
        """Say how it stands; nothing that keeps a stuck engine from being ended."""
        amiss = await self.loop.amiss() if self.loop else ()
        status = f"STATUS={'; '.join(amiss) or 'working'}"
        return (status,) if self.loop and self.loop.stuck() else (status, "WATCHDOG=1")


def _doors(count: int) -> tuple[socket.socket, ...]:
    numbers = range(_FIRST_DOOR, _FIRST_DOOR + count)
    for number in numbers:
        os.set_inheritable(number, False)
    return tuple(socket.socket(fileno=number) for number in numbers)
