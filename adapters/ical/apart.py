"""Reading a stranger's calendar in a process of its own, within limits of time and memory.

A recurrence rule may ask for a search that never ends; a thread could not be stopped, a process
can. `python -m adapters.ical.apart` takes one JSON question on stdin and answers on stdout.
"""

import asyncio
import json
import resource
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from adapters.ical.reading import read
from adapters.ical.shapes import CalendarError, Event, Own, Reading

SECONDS: Final = 30
_MEMORY: Final = 1 << 30


async def read_apart(
    text: str, start: datetime, end: datetime, seconds: float = SECONDS
) -> Reading:
    """Read as `reading.read` does; CalendarError also when it takes too long or too much."""
    question = json.dumps({"text": text, "start": start.isoformat(), "end": end.isoformat()})
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            answer, _ = await child.communicate(question.encode())
    except TimeoutError:
        raise CalendarError("takes too long to read") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _understood(answer)


def _understood(answer: bytes) -> Reading:
    try:
        told = json.loads(answer)
    except ValueError:
        raise CalendarError("takes too much to read") from None
    if "fault" in told:
        raise CalendarError(told["fault"])
    return Reading(tuple(_event(one) for one in told["events"]), tuple(told["unread"]))


def _event(told: dict[str, Any]) -> Event:
    start, end = datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"])
    own = Own(**told["own"]) if told["own"] else None
    return Event(
        **{**told, "start": start, "end": end, "emails": tuple(told["emails"]), "own": own}
    )


def answer(question: dict[str, str]) -> dict[str, Any]:
    """Answer one question in JSON's values: events and what is unread, or a fault."""
    start = datetime.fromisoformat(question["start"])
    end = datetime.fromisoformat(question["end"])
    try:
        reading = read(question["text"], start, end)
    except CalendarError as fault:
        return {"fault": str(fault)}
    events = [asdict(one) for one in reading.events]
    for one in events:
        one["start"], one["end"] = one["start"].isoformat(), one["end"].isoformat()
    return {"events": events, "unread": reading.unread}


def main() -> None:
    """Answer the question on stdin, limited in memory and processor time."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
