"""The evening itself: messages go out, phones and people react, and every scene is judged."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from gateway.clock import SystemClock
from gateway.demo.script import Night, Reaction, Scene
from gateway.demo.web import AnswerError, Ear, Outside
from gateway.leash import ChildError
from gateway.rehearsal.patterns import read_pattern

_READY_SECONDS: Final = 120
_ENDS_AFTER: Final = 45
_LOOK: Final = 0.2
_BETWEEN: Final = 0.6


class Audience(Protocol):
    """Whoever watches."""

    def item(self, item: dict[str, Any]) -> None:
        """See one history item, as it happens."""
        ...

    def alert(self, text: str) -> None:
        """See one alert reach a lead."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a scene ended; `lacking` says what was expected and did not come."""

    scene: Scene
    happened: str
    evidence: str
    seconds: float
    lacking: tuple[str, ...]


@dataclass(slots=True)
class Watch:
    """One scene under way: its items and its message as last seen."""

    scene: Scene
    began: float
    items: list[dict[str, Any]] = field(default_factory=list)
    message: dict[str, Any] = field(default_factory=dict)
    reacted: set[int] = field(default_factory=set)
    seconds: float | None = None

    def kinds(self) -> set[str]:
        """Return the kinds of items so far."""
        return {item["kind"] for item in self.items}

    def at(self, kind: str) -> str:
        """Return when the first item of a kind came, "" for never."""
        return next((str(item["at"]) for item in self.items if item["kind"] == kind), "")

    def job_state(self) -> str:
        """Return the state of the newest job."""
        jobs = self.message.get("jobs") or [{}]
        return str(jobs[-1].get("state", ""))

    def happened(self) -> str:
        """Say in a few words how it stands."""
        if self.message.get("state") == "delivered":
            return f"delivered to {self.message.get('delivered_to')}"
        alerted = ", lead alerted" if "lead.alerted" in self.kinds() else ""
        return f"{self.job_state() or 'not taken'}{alerted}"


class Evening:
    """Plays a night on a house that stands."""

    def __init__(self, outside: Outside, ear: Ear, audience: Audience) -> None:
        self._outside = outside
        self._ear = ear
        self._audience = audience
        self._clock = SystemClock()
        self._watches: dict[str, Watch] = {}
        self._reactions: set[asyncio.Task[None]] = set()
        self._faults: list[str] = []
        self._told = 0

    async def open(self, night: Night) -> None:
        """Wait for the daemon and load the accounts; ChildError when it does not come up."""
        deadline = self._clock.monotonic() + _READY_SECONDS
        while not await self._outside.ready():
            if self._clock.monotonic() > deadline:
                words = self._outside.house.last_words()
                raise ChildError(f"the daemon did not become ready\n{words}".rstrip())
            await self._clock.sleep(_LOOK)
        for account in night.accounts:
            await self._outside.api(f"PUT /v1/accounts/{account['account']}", account)

    async def play(self, night: Night) -> list[Verdict]:
        """Play all scenes and judge them once each has ended, or after 45 s."""
        deadline = self._clock.monotonic() + _ENDS_AFTER
        waiting = list(night.scenes)
        next_one = self._clock.monotonic()
        while waiting or any(watch.seconds is None for watch in self._watches.values()):
            now = self._clock.monotonic()
            if now > deadline:
                break
            if waiting and now >= next_one:
                await self._take(waiting.pop(0))
                next_one = now + _BETWEEN
            await self._look()
            await self._clock.sleep(_LOOK)
        await asyncio.gather(*self._reactions, return_exceptions=True)
        return [self._judged(watch) for watch in self._watches.values()]

    async def _take(self, scene: Scene) -> None:
        self._watches[scene.ucn] = Watch(scene, self._clock.monotonic())
        await self._outside.api("POST /v1/messages", scene.message, "agent")

    async def _look(self) -> None:
        """See what is new in every history, and react."""
        fresh: list[dict[str, Any]] = []
        for watch in self._watches.values():
            if watch.seconds is None:
                fresh += await self._news(watch)
        for item in sorted(fresh, key=lambda item: (item["at"], item["ucn"], item["seq"])):
            self._audience.item(item)
        for text in self._ear.heard[self._told :]:
            self._audience.alert(text)
            self._told += 1
        for watch in self._watches.values():
            if watch.seconds is None and not self._lacking(watch):
                watch.seconds = self._clock.monotonic() - watch.began

    async def _news(self, watch: Watch) -> list[dict[str, Any]]:
        path = f"/v1/messages/{watch.scene.ucn}"
        answer = await self._outside.api(f"GET {path}/history")
        items = answer["items"] if isinstance(answer, dict) else answer
        fresh = items[len(watch.items) :]
        if fresh:
            watch.items = items
            watch.message = await self._outside.api(f"GET {path}")
            self._react(watch)
        return list(fresh)

    def _react(self, watch: Watch) -> None:
        for number, reaction in enumerate(watch.scene.reactions):
            if number in watch.reacted or reaction.after not in watch.kinds():
                continue
            watch.reacted.add(number)
            task = asyncio.create_task(self._do(watch, reaction))
            self._reactions.add(task)

    async def _do(self, watch: Watch, reaction: Reaction) -> None:
        await self._clock.sleep(reaction.wait.total_seconds())
        try:
            if reaction.link is not None:
                await self._outside.carrier("link", dict(reaction.link))
            if reaction.call is not None:
                call = reaction.call.replace("{job}", str(watch.message["jobs"][-1]["id"]))
                await self._outside.api(call, reaction.body, reaction.role)
        except AnswerError as fault:
            self._faults.append(f"{watch.scene.ucn}: {fault}")

    def _judged(self, watch: Watch) -> Verdict:
        took = watch.seconds
        seconds = took if took is not None else self._clock.monotonic() - watch.began
        evidence = str(watch.message.get("evidence") or "").replace("_", " ")
        mine = [fault for fault in self._faults if fault.startswith(watch.scene.ucn)]
        lacking = (*self._lacking(watch), *mine)
        return Verdict(watch.scene, watch.happened(), evidence, seconds, lacking)

    def _lacking(self, watch: Watch) -> list[str]:
        """Say what has not come yet of what a scene expects, or what must never have come."""
        scene = watch.scene
        found = [f"{words!r} is missing" for words in missing(scene.history, watch.items)[:1]]
        known = {**watch.message, "to": watch.message.get("delivered_to"), "job": watch.job_state()}
        for name, wanted in scene.final.items():
            if known.get(name) != wanted:
                found.append(f"{name} is {known.get(name)}, not {wanted}")
        found += [
            f"{words!r} must never be"
            for words in scene.never
            if any(read_pattern(words).fits(item) for item in watch.items)
        ]
        if scene.alert and not any(scene.ucn in text for text in self._ear.heard):
            found.append("no alert reached the lead")
        return found + self._out_of_turn(watch)

    def _out_of_turn(self, watch: Watch) -> list[str]:
        first = self._watches.get(watch.scene.behind or "")
        if first is None:
            return []
        accepted, started = first.at("relay.accepted"), watch.at("dial.started")
        if accepted and started and accepted <= started:
            return []
        return [f"it was not dialed after the call of {first.scene.ucn}"]


def missing(patterns: Sequence[str], items: Sequence[dict[str, Any]]) -> list[str]:
    """Return the patterns left over after matching them, in order, against the items."""
    left = list(patterns)
    for item in items:
        if left and read_pattern(left[0]).fits(item):
            left.pop(0)
    return left
