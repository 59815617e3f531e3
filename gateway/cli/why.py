"""`why`: every decision about a message with its reason, recomputed from what is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED
from gateway.cli.history import key_of, zone_of
from gateway.cli.instants import clock_time, local
from gateway.cli.output import complain, say, say_colored, say_json
from gateway.domain.retrace import Round, Step, documents_named, retrace
from gateway.cli.timeline import say_item
from gateway.clock import SystemClock
from gateway.domain.history import Broken, stamp
from gateway.domain.jobs import Job
from gateway.domain.messages import Message
from gateway.domain.state import State
from gateway.store import messages
from gateway.store.pool import Connection
from gateway.store.states import States


@dataclass(frozen=True, slots=True)
class Retraced:
    """A message retraced: how it stands, its rounds, where its chain breaks, its local zone."""

    state: State
    rounds: Sequence[Round]
    broken: Broken | None
    zone: ZoneInfo

    @property
    def mismatches(self) -> list[str]:
        """Whatever the record says otherwise than the documents and the chain."""
        found = [f"round {one.number}: {words}" for one in self.rounds for words in one.mismatches]
        if self.broken:
            found.append(f"the history is broken at item {self.broken.seq}: {self.broken.why}")
        return found


def explain(ucn: str, *, as_json: bool) -> int:
    """Print the explanation; return 1 when the record and its recomputation differ."""

    async def look(conn: Connection, clock: SystemClock) -> Retraced:
        key = await key_of(conn, ucn)
        states = States("")
        state = (await states.to_plan(conn, [key], clock.now()))[key]
        items = await messages.history(conn, key)
        _, broken = await messages.check(conn, key)
        wanted = [(key.account, version) for version in documents_named(items)]
        compiled = await states.accounts.compiled(conn, wanted)
        versions = {version: account for (_, version), account in compiled.items()}
        rounds = retrace(state, items, versions)
        return Retraced(state, rounds, broken, await zone_of(conn, key.account))

    found = with_database(chosen_settings(), look)
    if as_json:
        say_json(as_values(found))
    else:
        _say(found)
    for words in found.mismatches:
        complain(f"{ucn}: {words}")
    return FAILED if found.mismatches else 0


def as_values(found: Retraced) -> dict[str, Any]:
    """Return the explanation as JSON values."""
    message = found.state.message
    return {
        "ucn": message.key.ucn,
        "account": message.key.account,
        "state": message.state.value,
        "evidence": message.evidence,
        "delivered_to": message.delivered_to,
        "rounds": [
            {
                "round": one.number,
                "at": stamp(one.at),
                "document": one.document or None,
                "steps": [_step(step) for step in one.steps],
                "mismatches": one.mismatches,
            }
            for one in found.rounds
        ],
        "mismatches": found.mismatches,
    }


def _step(step: Step) -> dict[str, Any]:
    item = step.item
    values = {name: item[name] for name in ("seq", "at", "kind", "outcome", "actor", "text")}
    return {**values, "data": item["data"], "because": step.because or None}


def _say(found: Retraced) -> None:
    message, zone = found.state.message, found.zone
    account = found.state.account
    name = f" {account.name}" if account else ""
    say(f"{message.key.ucn}  {message.priority.word}  account {message.key.account}{name}")
    say(f"taken {local(message.taken_at, zone)} by {message.taken_by}")
    for one in found.rounds:
        if one.number:
            say()
            say_colored(f"Round {one.number}, {local(one.at, zone)}", "bold")
        for step in one.steps:
            say_item(step.item, zone, facts=not step.because)
            if step.because:
                say_colored(f"{' ' * 10}because: {step.because}", "bright_black")
    say()
    say(_standing(message, found.state.jobs, zone))
    if not found.mismatches:
        say_colored("The record agrees with the documents in force at each instant.", "green")


def _standing(message: Message, jobs: Sequence[Job], zone: ZoneInfo) -> str:
    """Say how the message stands now and what comes next."""
    if message.delivered_at is not None:
        whom = f" to {message.delivered_to}" if message.delivered_to else ""
        how = (message.evidence or "").replace("_", " ")
        return f"Delivered{whom} at {clock_time(message.delivered_at, zone)} by {how}."
    waiting = [job for job in jobs if not job.state.terminal]
    if not waiting:
        return f"Now: {message.state.value}, and no job is open."
    job = waiting[-1]
    word = job.state.value.replace("_", " ")
    why = f" ({job.reason.replace('_', ' ')})" if job.reason else ""
    after = f", next at {local(job.next_at, zone)}" if job.next_at else ", waiting for a person"
    return f"Now: {word}{why}{after}."
