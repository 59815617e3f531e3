"""Playing a scenario: run until idle, advance to the next instant anybody waits for, repeat."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from adapters.simulator.carrier import Carrier
from adapters.simulator.people import People
from gateway.chance import SeededChance
from gateway.clock import VirtualClock
from gateway.compose import House, Outside, gathering, open_house
from gateway.daemon.carriers import SIMULATED_ACCOUNT, SIMULATED_NUMBERS, SIMULATED_TOKEN
from gateway.metrics import build_metrics
from gateway.rehearsal.answers import JOB, PLACE, fill, includes
from gateway.rehearsal.events import ApiEvent, Event, LinkEvent, MessageEvent
from gateway.rehearsal.scenario import Scenario
from gateway.rehearsal.stage import (
    PRODUCT_MAILBOX,
    PUBLIC_URL,
    Answers,
    AwayError,
    Bell,
    Front,
    Letterbox,
    Line,
    Sites,
    build_carrier,
)
from gateway.settings import Settings, load_settings
from gateway.store import accounts, tokens

_MOST_TURNS: Final = 10_000
_SUCCESS: Final = range(200, 300)


class StuckError(RuntimeError):
    """The house keeps finding something to do at one and the same instant."""


@dataclass(slots=True)
class Play:
    """One scenario on one database; `faults` are the API answers that were not as expected."""

    scenario: Scenario
    url: str
    folder: Path | None = None
    clock: VirtualClock = field(init=False)
    front: Front = field(default_factory=Front)
    line: Line = field(default_factory=Line)
    letterbox: Letterbox = field(init=False)
    bell: Bell = field(init=False)
    sites: Sites = field(init=False)
    house: House | None = None
    faults: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    _outside: Outside = field(init=False)
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    _saved: dict[str, Any] = field(default_factory=dict)
    _restart: datetime | None = None

    def __post_init__(self) -> None:
        """Set the clock to the start and the people to their scripts."""
        self.clock = VirtualClock(self.scenario.start)
        self.letterbox, self.bell = Letterbox(self.clock), Bell(self.clock)
        answers: Answers = {url: list(turns) for url, turns in self.scenario.sites.items()}
        self.sites = Sites(self.clock, answers)
        people = People.read(dict(self.scenario.people))
        account = (SIMULATED_ACCOUNT, SIMULATED_TOKEN)
        number = SIMULATED_NUMBERS[0]
        self.line.carrier = build_carrier(account, self.clock, self.front, people, number)
        ways = self.line, self.letterbox, self.bell
        world = self.clock, SeededChance(7), build_metrics()
        self._outside = Outside(*ways, *world, poster=self.sites)

    async def run(self) -> None:
        """Play it to its end."""
        await self._open()
        try:
            await self._load_accounts()
            await self._gather()
            await self._go()
        finally:
            if self.house is not None:
                await self.house.close()

    async def _open(self) -> None:
        self.house = await open_house(self._settings(), self.url, self._outside)
        self.front.app = self.house.app

    def _settings(self) -> Settings:
        ours: dict[str, Any] = self.scenario.settings.model_dump()
        ours |= {"data_dir": self.folder} if self.folder else {}
        ours |= {"public_url": PUBLIC_URL, "handoff_product_email": PRODUCT_MAILBOX}
        return load_settings(isolated=True, log_level="error", **ours)

    async def _load_accounts(self) -> None:
        if self.house is None:
            return
        async with self.house.pool.acquire() as conn:
            documents = list(self.scenario.accounts)
            await accounts.put_all(conn, documents, "admin:rehearsal", self.clock.now())

    async def _go(self) -> None:
        events = list(self.scenario.events)
        while True:
            # What is started again at an instant is there for the events of that instant.
            await self._start_again(self.clock.now())
            while events and events[0][0] <= self.clock.now():
                event = events.pop(0)[1]
                await self._happen(event)
                if not self._at_once(event, events):
                    await self._idle()
            following = await self._idle()
            if events:
                following = min(events[0][0], following) if following else events[0][0]
            if following is None or following > self.scenario.until:
                return
            self.clock.set(following)

    def _at_once(self, event: Event, events: Sequence[tuple[datetime, Event]]) -> bool:
        """Tell whether another message, as urgent, is taken at the very same instant.

        Both are due then, as where two agents post at once; of unlike ones the first is begun.
        """
        at, following = events[0] if events else (None, None)
        if at is None or at > self.clock.now() or not (event.message and following):
            return False
        other = following.message
        return other is not None and event.message.priority == other.priority

    async def _idle(self) -> datetime | None:
        """Let everything happen that is due now; return the next instant anybody waits for."""
        for _ in range(_MOST_TURNS):
            now = self.clock.now()
            await self._start_again(now)
            carrier = self.line.carrier
            if carrier is not None:
                await carrier.advance(now)
            following = await self._turn(now)
            theirs = carrier.next_instant() if carrier is not None else None
            ahead = [at for at in (following, theirs, self._restart) if at is not None]
            if not ahead or min(ahead) > now:
                return min(ahead, default=None)
        raise StuckError(f"nothing comes to rest at {self.clock.now()}")

    async def _turn(self, now: datetime) -> datetime | None:
        if self.house is None or self.house.engine is None:
            return None
        following = await self.house.engine.turn(now, sweep=True)
        if self.house.engine.at_rest:
            return following
        # What comes of a request may be due at this very instant.
        await self.house.engine.settle()
        return now

    async def _start_again(self, now: datetime) -> None:
        if self._restart is not None and self._restart <= now:
            self._restart = None
            await self._open()
            await self._gather()

    async def _gather(self) -> None:
        """Whoever is back asks the carrier at once what texts came meanwhile."""
        if self.house is not None:
            house = self.house
            gather = gathering(house.settings, house.outside, house.desk, timedelta())
            await gather.look()

    async def _happen(self, event: Event) -> None:
        """Let one event happen; one that needs us while we are down is a fault of the file."""
        try:
            await self._perform(event)
        except AwayError:
            what = event.api.call if event.api else "message"
            self._fault(f"{what}: the process is down")

    async def _perform(self, event: Event) -> None:
        carrier = self.line.carrier
        if carrier is None:
            return
        if event.message is not None:
            await self._message(event.message)
        elif event.text is not None or event.call is not None:
            await _phone_us(carrier, event)
        elif event.link is not None:
            await self._link(event.link)
        elif event.api is not None:
            await self._api(event.api)
        elif event.crash is not None:
            self._crash(event.crash.for_)
        elif event.carrier is not None:
            self._trouble(event.carrier.down_for, event.carrier.lose_callbacks_for)

    async def _link(self, event: LinkEvent) -> None:
        """Open a link; a page that has nothing to tap any more is left alone."""
        carrier = self.line.carrier
        if carrier is None or carrier.phones.last_link(event.phone) is None:
            self._fault(f"link: no secure link was texted to {event.phone}")
            return
        with suppress(LookupError):
            await carrier.open_link(event.phone, tap=event.tap)

    def _crash(self, span: timedelta) -> None:
        """The process is gone before anything in it can clean up; phones and carrier go on."""
        if self.house is not None:
            self.house.kill()
        self.house, self.front.app = None, None
        self._restart = self.clock.now() + span

    def _trouble(self, down: timedelta | None, lost: timedelta | None) -> None:
        if self.line.carrier is None:
            return
        if down is not None:
            self.line.carrier.faults.down_until = self.clock.now() + down
        if lost is not None:
            self.line.carrier.faults.lose_callbacks_until = self.clock.now() + lost

    async def _message(self, message: MessageEvent) -> None:
        token = await self._token("rehearsal", "agent")
        status, answer = await self.front.json("POST", "/v1/messages", token, message.body)
        if status not in _SUCCESS:
            self._fault(f"POST /v1/messages: {status} {_words(answer)}")
        else:
            self.taken.append(answer["ucn"])

    async def _api(self, event: ApiEvent) -> None:
        method, _, path = event.call.partition(" ")
        token = await self._token(event.as_.name, event.as_.role)
        await self._note_jobs(event)
        try:
            path, body = fill(path, self._saved), fill(event.body, self._saved)
            wished = fill(event.answer, self._saved)
        except (LookupError, TypeError, ValueError):
            self._fault(f"{event.call}: what it takes from an earlier answer is not there")
            return
        if event.shall_succeed and (left := PLACE.search(path)):
            self._fault(f"{event.call}: there is no {left[0]} at this time")
            return
        status, answer = await self.front.json(method, path, token, body)
        if not event.welcomes(status):
            self._fault(
                f"{event.call}: {status} {_words(answer)}, expected {event.status or '2xx'}"
            )
        elif event.code is not None and not includes(answer, {"code": event.code}):
            self._fault(f"{event.call}: {_words(answer)}, expected code {event.code}")
        elif event.answer is not None and not includes(answer, wished):
            self._fault(f"{event.call}: {_words(answer)} does not hold {_words(wished)}")
        if event.save is not None:
            self._saved[event.save] = answer
        if path.endswith("/specials") and status in _SUCCESS and method == "POST":
            self._saved[f"special:{path.split('/')[3]}"] = answer

    def saved_ids(self) -> dict[str, str]:
        """Return the ids in answers that were saved, by the names they were saved under."""
        named = self._saved.items()
        return {name: one["id"] for name, one in named if isinstance(one, dict) and "id" in one}

    def _fault(self, words: str) -> None:
        self.faults.append(f"{self.clock.now().astimezone(self.scenario.zone):%H:%M:%S} {words}")

    async def _note_jobs(self, event: ApiEvent) -> None:
        """Look up the newest job of every message of which `{job:UCN}` speaks."""
        for ucn in JOB.findall(event.call + _words([event.body, event.answer])):
            token = await self._token("rehearsal", "admin")
            _, answer = await self.front.json("GET", f"/v1/messages/{ucn}", token, None)
            jobs = (answer or {}).get("jobs")
            if jobs or not event.shall_succeed:
                self._saved[f"job:{ucn}"] = jobs[-1] if jobs else {"id": "none"}

    async def _token(self, name: str, role: str) -> str:
        """Give anybody named in the scenario a token by that name and role."""
        key = (name, role)
        if key not in self._tokens and self.house is not None:
            async with self.house.pool.acquire() as conn:
                now = self.clock.now()
                self._tokens[key] = await tokens.create(conn, name, role, now)
        return self._tokens.get(key, "")


async def _phone_us(carrier: Carrier, event: Event) -> None:
    """A person writes to us, or calls."""
    if event.text is not None:
        await carrier.text_from(event.text.from_, event.text.body, event.text.to)
    elif event.call is not None:
        await carrier.call_from(event.call.from_, event.call.script, event.call.to)


def _words(answer: Any) -> str:  # noqa: ANN401 - JSON
    return orjson.dumps(answer).decode()
