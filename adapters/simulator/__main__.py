"""The simulator as its own process: `python -m adapters.simulator --port 0 …`.

Prints one line of JSON, {"url": …}, as soon as it listens; ends on SIGTERM or SIGINT, exit 0.
"""

import argparse
import asyncio
import json
import signal
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import randbits

import uvloop
import yaml

from adapters.simulator.carrier import Carrier
from adapters.simulator.core import Options
from adapters.simulator.lean import listen
from adapters.simulator.pacing import running_clock
from adapters.simulator.people import People, PeopleError
from adapters.simulator.server import standing
from adapters.simulator.webhooks import Deliver


def read_arguments(words: list[str]) -> argparse.Namespace:
    """Read the command line; argparse ends the program with status 2 on a mistake."""
    parser = argparse.ArgumentParser(prog="python -m adapters.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--people", type=Path, help="YAML: phone → {calls, texts}")
    parser.add_argument("--account-sid", default="AC" + "0" * 32)
    parser.add_argument("--auth-token", default="simulated")
    parser.add_argument("--key", action="append", default=[], metavar="SID:SECRET")
    parser.add_argument("--number", action="append", default=[], help="a sending number we own")
    parser.add_argument("--public", default="http://127.0.0.1:8080", help="where we get texts")
    parser.add_argument("--epoch", type=datetime.fromisoformat, help="the instant it starts at")
    # What a carrier has named once is known for ever: no two starts may name things alike.
    parser.add_argument("--seed", type=int, default=randbits(64), help="the same names again")
    parser.add_argument("--callback-first", action="store_true")
    parser.add_argument("--compat", action="store_true", help="paths, SIDs and header of another")
    parser.add_argument("--answers", choices=["scripted", "instant"], default="scripted")
    return parser.parse_args(words)


def read_people(path: Path | None) -> People:
    """Read the scripts; PeopleError says what is wrong and where."""
    if path is None:
        return People()
    try:
        raw = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as fault:
        raise PeopleError(f"{path}: {fault}") from fault
    return People.read(raw.get("people", raw) if isinstance(raw, dict) else raw)


def build_carrier(asked: argparse.Namespace, deliver: Deliver) -> Carrier:
    """Build the carrier that the command line asks for."""
    options = Options(
        keys=dict(key.split(":", 1) for key in asked.key),
        public=asked.public,
        numbers=tuple(asked.number),
        seed=asked.seed,
        fetch_first=not asked.callback_first,
        compat=asked.compat,
    )
    people = read_people(asked.people)
    account = (asked.account_sid, asked.auth_token)
    return Carrier(*account, running_clock(asked.epoch), deliver, people, options)


async def serve(asked: argparse.Namespace) -> None:
    """Listen until a signal comes."""
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    if asked.answers == "instant":
        server, url = await listen(asked.host, asked.port)
        async with server:
            announce(url)
            await over.wait()
        return
    async with standing(partial(build_carrier, asked), asked.host, asked.port) as (_, url):
        announce(url)
        await over.wait()


def announce(url: str) -> None:
    """Tell whoever started us where we listen."""
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run; exit 2 for scripts that cannot be read."""
    asked = read_arguments(sys.argv[1:])
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(asked))
    except PeopleError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
