"""`load --diff` in words: fields, people and open messages that a document would change."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from gateway.cli.output import on_terminal, say, say_colored
from gateway.domain.document_changes import Edit
from gateway.domain.masking import mask_address
from gateway.domain.messages import Priority
from gateway.domain.moves import Kind, Move
from gateway.domain.preview import Preview
from gateway.domain.reached import People, Reached

_COLORS: Final = {"+": "green", "-": "red", "~": "yellow"}
_MARKS: Final = {"added": "+", "removed": "-", "changed": "~"}
_WAYS: Final = {"sms": "text", "email": "e-mail", "person": "by a person"}
_NO_WIDTH: Final = 1 << 30
_TO: Final = " – "  # noqa: RUF001 - people write spans with this dash


def as_values(previews: Sequence[Preview]) -> list[dict[str, Any]]:
    """Return previews as the API gives them."""
    from gateway.web.previews import preview_view  # noqa: PLC0415 - the web side loads slowly

    return [preview_view(one) for one in previews]


def tell(previews: Sequence[Preview]) -> None:
    """Print what would change in each account."""
    changed = sum(bool(one.edits) for one in previews)
    if not changed:
        say("nothing would change")
        return
    for one in previews:
        for line in lines_of(one):
            say_colored(line, _COLORS.get(line.strip()[:1], ""))
    if on_terminal():
        say(f"{changed} of {len(previews)} accounts would change; nothing was applied")


def lines_of(preview: Preview) -> Iterator[str]:
    """Yield the lines of one preview."""
    account = preview.account
    head = f"{account.account}  {account.name}"
    if not preview.edits:
        yield f"{head}: nothing changes"
        return
    yield f"{head}: " + (f"version {preview.version}" if preview.version else "a new account")
    yield from (f"  {_edit(edit)}" for edit in preview.edits)
    yield from _reached(preview)
    for one in preview.messages:
        yield f"  open message {one.ucn} would be affected: {', '.join(one.why)}"


def _edit(edit: Edit) -> str:
    mark = _MARKS[edit.change]
    if edit.change == "changed":
        return f"{mark} {edit.path}: {_value(edit.was)} → {_value(edit.now)}"
    return f"{mark} {edit.path}: {_value(edit.now if edit.change == 'added' else edit.was)}"


def _value(value: object) -> str:
    if isinstance(value, str) and value:
        return value if value.isprintable() else repr(value)
    flow = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=_NO_WIDTH, sort_keys=False
    )
    return flow.removesuffix("\n").removesuffix("\n...")


def _reached(preview: Preview) -> Iterator[str]:
    zone = preview.account.zone
    if not preview.moves:
        yield "  nobody would be reached differently in the next 14 days"
        return
    last = _local(preview.end.replace(second=0, microsecond=0), zone)
    yield f"  reached differently until {last}:"
    for (schedule, start, end, words), kinds in _alike(preview.moves).items():
        begin = "now" if start == preview.start else _local(start, zone)
        until = last if end == preview.end else _local(end, zone)
        name = schedule or "no schedule"
        yield f"    {begin}{_TO}{until}, {name}{_kinds(kinds, preview.kinds)}: {words}"


def _alike(moves: Sequence[Move]) -> dict[tuple[str, datetime, datetime, str], list[Kind]]:
    """Join moves at one time that differ only in who follows as before."""
    found: dict[tuple[str, datetime, datetime], dict[str, list[tuple[Move, bool]]]] = {}
    for move in moves:
        words, rest = _change(move)
        at = found.setdefault((move.schedule, move.start, move.end), {})
        at.setdefault(words, []).append((move, rest))
    joined: dict[tuple[str, datetime, datetime, str], list[Kind]] = {}
    for place, changes in found.items():
        for words, same in changes.items():
            tail = ", then as before" if all(rest for _, rest in same) else ""
            joined[*place, words + tail] = [kind for move, _ in same for kind in move.kinds]
    return joined


def _kinds(some: Sequence[Kind], every: Sequence[Kind]) -> str:
    """Say which kinds of messages these are, "" for all of them."""
    if len(some) == len(every):
        return ""
    forms = {p: [k.form for k in some if k.priority is p] for p in Priority}
    whole = {kind.form for kind in every}
    alike: dict[tuple[str | None, ...], list[str]] = {}
    for priority, of in forms.items():
        if of:
            alike.setdefault(tuple(of), []).append(priority.word)
    words = (_messages(priorities, of, whole) for of, priorities in alike.items())
    return f" ({', '.join(words)})"


def _messages(
    priorities: Sequence[str], forms: Sequence[str | None], whole: Collection[str | None]
) -> str:
    which = "all" if len(priorities) == len(Priority) else " and ".join(priorities)
    if len(forms) == len(whole):
        return f"{which} messages"
    named = ["any other form" if form is None else f"form {form}" for form in forms]
    return f"{which} messages, {' or '.join(named)}"


def _change(move: Move) -> tuple[str, bool]:
    """Say whom it replaces by whom, and tell whether others follow them as before."""
    was, now, rest = _trimmed(move.was, move.now)
    gone = [_person(one, now) for one in was]
    here = [_person(one, was) for one in now]
    return f"{', '.join(gone) or 'nobody'} → {', '.join(here) or 'nobody'}", rest


def _trimmed(was: People, now: People) -> tuple[People, People, bool]:
    """Leave out what is the same at the end of both, but nobody's last one."""
    last, most = 0, min(len(was), len(now)) - 1
    while last < most and was[-1 - last].as_before(now[-1 - last]):
        last += 1
    return was[: len(was) - last], now[: len(now) - last], last > 0


def _person(one: Reached, others: People) -> str:
    """Say who and how; the address only where it is what differs from before or after."""
    way = _WAYS.get(one.method, one.method)
    other = next((each for each in others if each.contact == one.contact), one)
    if other.method == one.method and other.address != one.address and one.address:
        way += f" {mask_address(one.address)}"
    return f"{one.name} ({way})"


def _local(at: datetime, zone: ZoneInfo) -> str:
    """Return `Mon 2 Feb 17:00`, with the zone's name where the hour comes twice."""
    there = at.astimezone(zone)
    second = f":{there:%S}" if there.second else ""
    twice = there.utcoffset() != there.replace(fold=1 - there.fold).utcoffset()
    return f"{there:%a} {there.day} {there:%b %H:%M}{second}{f' {there:%Z}' if twice else ''}"
