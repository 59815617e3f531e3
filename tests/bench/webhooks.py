"""What the carrier waits for: signed webhooks, committed before they are answered."""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from tests.bench.course import Course
from tests.bench.daemons import TOKEN, Daemon, daemon, ready
from tests.bench.figures import Figures, at
from tests.bench.knocking import Knocked, Round, knocked
from tests.bench.street import bench, drain, stub_process

_AT_ONCE: Final = 32
_PRESSES_A_SECOND: Final = 200
_WARM: Final = 200
_ACCOUNTS: Final = 500
_PLACED: Final = (
    "select id, sid from attempts where sid is not null and method = $1 order by started_at"
)
_ACTION: Final = re.compile(r'action="https?://[^/"]+(/[^"#]+)')

_Row = tuple[UUID, str]


async def webhooks(course: Course) -> Figures:
    """Tell the program what became of many texts, 32 at a time."""
    rounds = 1 + course.scale.callbacks // _ACCOUNTS
    url, rows = await _placed(course, "callbacks", _ACCOUNTS, rounds, "sms")
    async with stub_process() as stub:
        with daemon(url, stub.url, "web") as one:
            await ready(one)
            asked = [_signed(one, *_delivered(row)) for row in rows]
            await _all_fine(Round(one.port, _AT_ONCE, 0, asked[:_ACCOUNTS]))
            heard = await _all_fine(Round(one.port, _AT_ONCE, 0, asked[_ACCOUNTS:]))
    return {
        "signed webhooks/s, c=32": len(heard.took) / heard.seconds,
        "signed webhook p50 ms, c=32": at(heard.took, 0.5),
        "signed webhook p99 ms, c=32": at(heard.took, 0.99),
    }


async def presses(course: Course) -> Figures:
    """Have people press 1 at what the program said on many calls, 200 a second."""
    many = int(course.scale.seconds / 2 * _PRESSES_A_SECOND) + _WARM
    url, rows = await _placed(course, "presses", many, 1, "call")
    async with stub_process() as stub:
        with daemon(url, stub.url, "web") as one:
            await ready(one)
            answers = [_signed(one, *_answered(row)) for row in rows]
            said = await _all_fine(Round(one.port, _AT_ONCE, 0, answers))
            pressed = [
                _signed(one, *_pressed(r, b)) for r, b in zip(rows, said.bodies, strict=True)
            ]
            await _all_fine(Round(one.port, _AT_ONCE, _PRESSES_A_SECOND, pressed[:_WARM]))
            timed = await _all_fine(Round(one.port, _AT_ONCE, _PRESSES_A_SECOND, pressed[_WARM:]))
    return {
        "key press to TwiML at 200/s, p50 ms": at(timed.took, 0.5),
        "key press to TwiML at 200/s, p99 ms": at(timed.took, 0.99),
    }


async def _placed(
    course: Course, name: str, accounts: int, rounds: int, status: str
) -> tuple[str, Sequence[_Row]]:
    """Dispatch in memory, some times to each account; return the attempts in that order."""
    url = await course.fresh(name)
    async with (
        stub_process() as stub,
        bench(url, accounts, stub, memory=True, status=status) as one,
    ):
        for _ in range(rounds):
            await drain(one, accounts)
        rows = await one.conn.fetch(_PLACED, status)
        await one.conn.execute("update duties set next_at = now() + interval '1 day'")
    return url, [(row["id"], row["sid"]) for row in rows]


async def _all_fine(asked: Round) -> Knocked:
    heard = await knocked(asked)
    odd = {one for one in heard.statuses if one != "200"}
    if odd:
        raise RuntimeError(f"webhooks were answered {odd}")
    return heard


_Asked = tuple[str, Iterable[tuple[str, str]]]


def _delivered(row: _Row) -> _Asked:
    attempt, sid = row
    form = {
        "MessageSid": sid,
        "SmsSid": sid,
        "MessageStatus": "delivered",
        "ApiVersion": "2010-04-01",
    }
    return f"/twilio/text/{attempt}/status", form.items()


def _answered(row: _Row) -> _Asked:
    attempt, sid = row
    return f"/twilio/call/{attempt}/answer", {"CallSid": sid, "CallStatus": "in-progress"}.items()


def _pressed(row: _Row, said: str) -> _Asked:
    action = _ACTION.search(said)
    if action is None:
        raise RuntimeError(f"no key is asked for: {said}")
    return unescape(action[1]), {"CallSid": row[1], "Digits": "1"}.items()


def _signed(one: Daemon, path: str, form: Iterable[tuple[str, str]]) -> str:
    """Write a request as the carrier signs and sends it."""
    fields = dict(form)
    text = f"{one.url}{path}" + "".join(name + fields[name] for name in sorted(fields))
    seal = b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha1")).decode()
    body = urlencode(fields)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{one.port}\r\nX-Twilio-Signature: {seal}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
