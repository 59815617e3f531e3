"""`probe`: the carrier judged by what arrives."""

import asyncio
import re
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from prometheus_client import start_http_server, write_to_textfile

from adapters.transport import HttpTransport
from gateway.chance import SystemChance
from gateway.cli.configured import chosen_settings
from gateway.cli.database import database_url, fit
from gateway.cli.ending import ended_by_signals
from gateway.cli.faults import FAILED, Failed, Mistake
from gateway.cli.output import say, say_json
from gateway.clock import SystemClock
from gateway.daemon.carriers import carriers, rates
from gateway.daemon.probing import Channel, Found, Prober, Wish
from gateway.domain.durations import parse_duration
from gateway.domain.masking import mask
from gateway.log import set_up
from gateway.metrics import ProbeMetrics, build_probe_metrics
from gateway.settings import Settings
from gateway.store.claims import Rates
from gateway.store.pool import Connection, connect, steer

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be tested, as it was typed."""

    to: str
    only: Channel | None
    sender: str | None
    every: str | None
    within: str
    reply: bool

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The tests to make, in order."""
        return (self.only,) if self.only else ("text", "call")


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the figures go: a port, a file, and lines on stdout."""

    port: int | None
    textfile: Path | None
    as_json: bool


def probe(asked: Asked, shown: Shown) -> int:
    """Test once, or again and again until a signal; return 1 when a single test fails."""
    settings = chosen_settings()
    set_up(settings.log_format, settings.log_level, SystemClock().now)
    if settings.carrier == "simulator" and settings.twilio_base_url is None:
        raise Failed("the simulator of `run` is its own: set DISPATCHD_TWILIO_BASE_URL to one")
    if not _PHONE.fullmatch(asked.to):
        raise Mistake(f"--to: {asked.to} is no phone number such as +12025550100")
    every = _length("--every", asked.every) if asked.every else None
    wish = Wish(asked.to, _length("--within", asked.within), asked.reply)
    numbers = _rates(settings, asked)
    figures = build_probe_metrics()
    if shown.port is not None:
        _show(figures, settings.http_host, shown.port)
    with ended_by_signals(), database_url(settings) as url:
        rounds = _Rounds(settings, url, figures, shown)
        return asyncio.run(rounds.run(asked.channels, wish, every, numbers))


@dataclass(frozen=True, slots=True)
class _Rounds:
    settings: Settings
    url: str
    figures: ProbeMetrics
    shown: Shown

    async def run(
        self, channels: tuple[Channel, ...], wish: Wish, every: timedelta | None, numbers: Rates
    ) -> int:
        """Make all tests, once or again and again."""
        clock = SystemClock()
        first, second = HttpTransport(), HttpTransport()

        async def connected() -> Connection:
            conn = await connect(self.url, clock, name="dispatchd probe", tries=1)
            await steer(conn, clock)
            return conn

        speaks = carriers(self.settings, first, second, None)
        prober = Prober(connected, clock, SystemChance(), numbers, speaks)
        try:
            await self._fit(clock)
            for one in channels:  # one that can never be made is silent from now on
                self.figures.probe_at_seconds.labels(one).set(clock.now().timestamp())
            while True:
                began = clock.monotonic()
                found = [self._note(await prober.probe(one, wish), wish, clock) for one in channels]
                self._export(channels, every)
                if every is None:
                    return 0 if all(one.result == "arrived" for one in found) else FAILED
                await clock.sleep(max(0.0, began + every.total_seconds() - clock.monotonic()))
        finally:
            await first.close()
            await second.close()

    async def _fit(self, clock: SystemClock) -> None:
        conn = await connect(self.url, clock, name="dispatchd probe")
        try:
            await fit(conn, clock, own=self.settings.database_url is None)
        finally:
            await conn.close()

    def _note(self, found: Found, wish: Wish, clock: SystemClock) -> Found:
        """Count and tell what came of a test; one that was not made shows nothing."""
        channel = found.channel
        self.figures.probes_total.labels(channel, found.result).inc()
        if found.result != "unmade":
            self.figures.probe_success.labels(channel).set(found.result == "arrived")
            self.figures.probe_at_seconds.labels(channel).set(clock.now().timestamp())
        if found.seconds is not None:
            self.figures.probe_seconds.labels(channel).set(found.seconds)
        to = mask(wish.to)
        if self.shown.as_json:
            seconds = None if found.seconds is None else round(found.seconds, 3)
            line = {"channel": channel, "to": to, "result": found.result, "seconds": seconds}
            say_json({"at": clock.now().isoformat(), **line, "words": found.words})
        else:
            took = "" if found.seconds is None else f" after {found.seconds:.1f} s"
            say(f"{channel} to {to}: {found.result}{took} ({found.words})")
        sys.stdout.flush()  # on a schedule the next line is long in coming
        return found

    def _export(self, channels: tuple[Channel, ...], every: timedelta | None) -> None:
        for one in channels:
            seconds = every.total_seconds() if every else 0.0
            self.figures.probe_every_seconds.labels(one).set(seconds)
        if self.shown.textfile is not None:
            write_to_textfile(str(self.shown.textfile), self.figures.registry)


def _show(figures: ProbeMetrics, host: str, port: int) -> None:
    try:
        start_http_server(port, host, figures.registry)
    except OSError as fault:
        raise Failed(f"cannot listen on {host}:{port}: {fault.strerror or 'taken'}") from None


def _length(option: str, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as fault:
        raise Mistake(f"{option}: {fault}") from None


def _rates(settings: Settings, asked: Asked) -> Rates:
    """Return our numbers and their limits, or the one number that was asked for."""
    ours = rates(settings)
    if asked.sender is None:
        return ours
    for channel in asked.channels:
        if asked.sender not in ours.numbers.get(channel, ()):
            raise Mistake(f"--from: no {channel} goes out from {asked.sender}")
    one = (asked.sender,)
    return Rates(dict.fromkeys(map(str, asked.channels), one), ours.per_second, ours.carriers)
