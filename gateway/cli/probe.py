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
from gateway.clock import Clock, SystemClock
from gateway.daemon.carriers import carriers, rates
from gateway.daemon.chores import Record
from gateway.daemon.probing import Channel, Found, Prober, Wish
from gateway.domain.durations import parse_duration
from gateway.domain.masking import mask
from gateway.log import set_up
from gateway.metrics import ProbeMetrics, build_probe_metrics
from gateway.settings import Settings
from gateway.store.pool import Connection, connect, steer
from gateway.store.rates import Rates

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be tested, as it was typed."""

    to: str
    only: Channel | None
    sender: str | None
    every: str | None
    scheduled: str | None
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
    if asked.every and asked.scheduled:
        raise Mistake("--every makes tests again and again, --scheduled is for one of a timer")
    every = _length("--every", asked.every) if asked.every else None
    scheduled = _length("--scheduled", asked.scheduled) if asked.scheduled else None
    wish = Wish(asked.to, _length("--within", asked.within), asked.reply)
    numbers = _rates(settings, asked)
    figures = build_probe_metrics()
    if shown.port is not None:
        _show(figures, settings.http_host, shown.port)
    with ended_by_signals(), database_url(settings) as url:
        rounds = _Rounds(settings, url, figures, shown, Pace(every, every or scheduled))
        return asyncio.run(rounds.run(asked.channels, wish, numbers))


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a test is made: by this process, and by whatever starts it; None: once, by hand."""

    again: timedelta | None
    every: timedelta | None


@dataclass(frozen=True, slots=True)
class _Rounds:
    settings: Settings
    url: str
    figures: ProbeMetrics
    shown: Shown
    pace: Pace

    async def run(self, channels: tuple[Channel, ...], wish: Wish, numbers: Rates) -> int:
        """Make all tests, once or again and again."""
        clock = SystemClock()
        first, second = HttpTransport(), HttpTransport()

        async def connected() -> Connection:
            conn = await connect(self.url, clock, name="dispatchd probe", tries=1)
            await steer(conn, clock)
            return conn

        speaks = carriers(self.settings, first, second, None)
        prober = Prober(connected, clock, SystemChance(), numbers, speaks)
        record = Record(connected, wish.to, self.pace.every, clock)
        try:
            await self._fit(clock)
            await record.expect(channels)
            for one in channels:  # one that can never be made is silent from now on
                self._at(one, wish, clock)
            while True:
                began = clock.monotonic()
                well = [await self._test(prober, record, one, wish) for one in channels]
                self._export(channels, wish)
                if self.pace.again is None:
                    return 0 if all(well) else FAILED
                pause = began + self.pace.again.total_seconds() - clock.monotonic()
                await clock.sleep(max(0.0, pause))
        finally:
            await first.close()
            await second.close()

    async def _fit(self, clock: SystemClock) -> None:
        conn = await connect(self.url, clock, name="dispatchd probe")
        try:
            await fit(conn, clock, own=self.settings.database_url is None)
        finally:
            await conn.close()

    async def _test(self, prober: Prober, record: Record, channel: Channel, wish: Wish) -> bool:
        """Make one test, tell of it, and answer whether it arrived."""
        found = await prober.probe(channel, wish)
        self._note(found, wish, prober.clock)
        await record.note(found)
        return found.result == "arrived"

    def _at(self, channel: Channel, wish: Wish, clock: Clock) -> None:
        at = self.figures.probe_at_seconds.labels(channel, mask(wish.to))
        at.set(clock.now().timestamp())

    def _note(self, found: Found, wish: Wish, clock: Clock) -> None:
        """Count and tell what came of a test; one that was not made shows nothing."""
        channel, to = found.channel, mask(wish.to)
        self.figures.probes_total.labels(channel, found.result).inc()
        if found.result != "unmade":
            self.figures.probe_success.labels(channel, to).set(found.result == "arrived")
            self._at(channel, wish, clock)
        if found.seconds is not None:
            self.figures.probe_seconds.labels(channel, to).set(found.seconds)
        if self.shown.as_json:
            seconds = None if found.seconds is None else round(found.seconds, 3)
            line = {"channel": channel, "to": to, "result": found.result, "seconds": seconds}
            say_json({"at": clock.now().isoformat(), **line, "words": found.words})
        else:
            took = "" if found.seconds is None else f" after {found.seconds:.1f} s"
            say(f"{channel} to {to}: {found.result}{took} ({found.words})")
        sys.stdout.flush()  # on a schedule the next line is long in coming

    def _export(self, channels: tuple[Channel, ...], wish: Wish) -> None:
        seconds = self.pace.every.total_seconds() if self.pace.every else 0.0
        for one in channels:
            self.figures.probe_every_seconds.labels(one, mask(wish.to)).set(seconds)
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
