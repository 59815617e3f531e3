"""What `check` says of what timers do beside the daemon: backups, tests of the carrier. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gateway.cli.points import Point
from gateway.store.chores import Chore

GOOD_FOR: Final = timedelta(hours=36)
"""How old the last good backup may be: a night and half a day, as the rule that alerts has it."""
INTERVALS: Final = 2
"""For how many of its intervals a test may be silent, as the rule that alerts has it."""
_NOTHING_TO_LOSE: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_TESTS: Final = {"probe_text": "text", "probe_call": "call"}
_EVERY_NIGHT: Final = (
    "have `dispatchd backup FOLDER` run every night, to another disk: enable "
    "dispatchd-backup.timer, or a line of cron"
)
_NOW: Final = (
    "make one now: `dispatchd backup FOLDER`; then see why its timer did not "
    "(`journalctl -u dispatchd-backup`)"
)
_TEST: Final = "see what `dispatchd probe --to` that phone says; the runbook tells what it means"
_TIMER: Final = (
    "look at its timer; not wanted any more: `dispatchd chores --forget`, with its phone"
)


class Upkeep(NamedTuple):
    """What was done, as of `now`; `since`: when the first account was loaded, if any was.

    `embedded`: the database is dispatchd's own, so that nobody else backs it up.
    """

    done: list[Chore]
    now: datetime
    since: datetime | None
    embedded: bool


def upkeep(seen: Upkeep) -> Iterator[Point]:
    """Yield a point for backups, and one for each test of the carrier on a schedule."""
    backups = [one for one in seen.done if one.kind == "backup"]
    yield from _backups(backups, seen.now) if backups else [_never(seen)]
    for one in seen.done:
        if one.kind in _TESTS and one.every:
            yield _test(one, one.every, seen.now)


def _never(seen: Upkeep) -> Point:
    if not seen.embedded:
        words = "none by dispatchd: it counts on whoever runs the database to make them"
        return Point("backup", "ok", words)
    if seen.since is None or seen.now - seen.since < _NOTHING_TO_LOSE:
        return Point("backup", "ok", "none yet; the first accounts are not a day old")
    words = f"none was ever made, and this is in use since {seen.since:%Y-%m-%d}"
    return Point("backup", "warn", words, _EVERY_NIGHT)


def _backups(backups: Iterable[Chore], now: datetime) -> Iterator[Point]:
    """Judge them as the alerts do: each host's last one, and the last good one of all."""
    failed = [one for one in backups if not one.well]
    for one in failed:
        words = f"the last one on {one.place} failed, {_ago(one.tried_at, now)}"
        yield Point("backup", "warn", words, _NOW)
    last = max((one.well_at for one in backups if one.well_at), default=None)
    if last and now - last > GOOD_FOR:
        yield Point("backup", "warn", f"the last good one was made {_ago(last, now)}", _NOW)
    elif last and not failed:
        yield Point("backup", "ok", f"the last one was made {_ago(last, now)}")


def _test(one: Chore, every: timedelta, now: datetime) -> Point:
    words = f"test {_TESTS[one.kind]} to {one.place}"
    if now - one.tried_at > INTERVALS * every:
        return Point("probe", "warn", f"no {words} since {_ago(one.tried_at, now)}", _TIMER)
    if one.well is False:
        return Point("probe", "warn", f"the {words} failed, {_ago(one.tried_at, now)}", _TEST)
    return Point("probe", "ok", f"{words}: {'arrived' if one.well else 'not made yet'}")


def _ago(at: datetime, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC, {round((now - at) / _HOUR)} h ago"
