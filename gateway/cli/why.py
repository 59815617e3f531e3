"""`why`: every decision about a message with its reason, recomputed from what is on record."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED
from gateway.cli.history import key_of, zone_of
from gateway.cli.instants import clock_time, local
from gateway.cli.output import complain, say, say_colored, say_json
from gateway.cli.timeline import say_item
from gateway.clock import SystemClock
from gateway.domain.explaining import Explained, as_values
from gateway.domain.jobs import Job
from gateway.domain.messages import Message
from gateway.store import explaining
from gateway.store.pool import Connection
from gateway.store.states import States


def explain(ucn: str, *, as_json: bool) -> int:
    """Print the explanation; return 1 when the record and its recomputation differ."""

    async def look(conn: Connection, clock: SystemClock) -> tuple[Explained, ZoneInfo]:
        key = await key_of(conn, ucn)
        found = await explaining.explain(conn, States(""), key, clock.now())
        return found, await zone_of(conn, key.account)

    found, zone = with_database(chosen_settings(), look)
    if as_json:
        say_json(as_values(found))
    else:
        _say(found, zone)
    for words in found.mismatches:
        complain(f"{ucn}: {words}")
    return FAILED if found.mismatches else 0


def _say(found: Explained, zone: ZoneInfo) -> None:
    message = found.state.message
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
