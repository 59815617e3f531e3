"""A rehearsal of a whole day: many accounts, thousands of messages, on a clock that is wound."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import orjson

from tests.bench.course import Course
from tests.bench.figures import Figures
from tests.bench.town import document

_LONGEST: Final = 100.0
_DAY: Final = 86_400 - 1_800
_DELIVERED: Final = {"delivered_after": "1s"}
_ANSWERED: Final = {**_DELIVERED, "reply_after": "40s", "reply": "{code} OK"}
_PRESS: Final = {"after": "1s", "press": "1"}
_TAKEN: Final = {"answer_after": "9s", "keys": [_PRESS, {**_PRESS, "after": "10s"}]}
_PRIORITIES: Final = ("routine", "urgent", "emergency")


async def night(course: Course) -> Figures:
    """Rehearse it by the command, from its start to its end."""
    accounts, messages = course.scale.night
    with tempfile.TemporaryDirectory(prefix="dispatchd-night-") as folder:
        page = Path(folder) / "night.yaml"
        page.write_bytes(written(accounts, messages))
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "rehearse", str(page)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(min(_LONGEST, course.left)):
                said, _ = await process.communicate()
        except TimeoutError:  # it counts as so long, and is longer
            process.terminate()
            await process.wait()
        else:
            if process.returncode:
                raise RuntimeError(said.decode()[-2_000:])
    name = f"rehearsal of a day, {accounts} accounts, {messages:,} messages, s"
    return {name: time.perf_counter() - began}


def written(accounts: int, messages: int) -> bytes:
    """Return it as JSON: it has no aliases, of which a reader takes only so many."""
    return orjson.dumps(_scenario(accounts, messages))


def _scenario(accounts: int, messages: int) -> dict[str, Any]:
    """Return a day in which four of five answer their text, and the backup every call."""
    each = messages // accounts * 2
    texts = [_ANSWERED if n % 5 else _DELIVERED for n in range(each)]
    people = {f"+1202{n:07d}": {"texts": texts} for n in range(accounts)}
    people |= {f"+1303{n:07d}": {"calls": [_TAKEN] * each} for n in range(accounts)}
    return {
        "name": "a day of an answering service",
        "start": "2026-02-02T00:00:00-05:00",
        "until": "2026-02-03T00:00:00-05:00",
        "accounts": [document(n) for n in range(accounts)],
        "people": people,
        "events": [_event(n, accounts, messages) for n in range(messages)],
        "settings": {"CALLS_PER_SECOND": 1000, "TEXTS_PER_SECOND": 1000},
    }


def _event(number: int, accounts: int, messages: int) -> dict[str, Any]:
    second = number * _DAY // messages
    at = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    message = {
        "account": f"{10000 + number % accounts}",
        "ucn": f"{49000000 + number}",
        "priority": _PRIORITIES[number % 3],
        "text": "No heat, two children in the house",
        "taken_by": "agent:1204",
    }
    return {"at": at, "message": message}
