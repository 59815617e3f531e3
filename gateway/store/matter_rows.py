"""Matters as the one statement takes them that writes a decision."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from gateway.domain.chance import Chance
from gateway.domain.duties import DutyKind, Wanted
from gateway.domain.history import START_HASH, Noted, Whose, chain
from gateway.domain.history import Item as Chained
from gateway.domain.matters import Alarm, Item, Kind, Matter, Shown, Written
from gateway.store.needs import ORDER

_SPACE: Final = UUID("8d7a4a52-5b0e-5a39-9f0c-6c1a3b1f0e77")
F = TypeVar("F")
Row = tuple[Any, ...]
By = tuple[str, datetime, Chance]  # who decides, when, and where salts come from


def letter_id(matter: UUID, name: str) -> UUID:
    """Return a letter's id: the same for the same name, whoever writes it and however often."""
    return uuid5(matter, name)


def subject_id(kind: Kind, subject: str) -> UUID:
    """Return by what a subject is kept single."""
    return uuid5(_SPACE, f"{kind}\n{subject}")


def chained(before: Matter[F], shown: Shown, items: Sequence[Item], by: By) -> tuple[Chained, ...]:
    """Append items to the matter's chain; each names the matter by its kind's word.

    Their `ucn` is null: of the items that name a message's, `seq` runs without a gap.
    """
    actor, now, chance = by
    whose = Whose(shown.account, None)
    named = {before.ways.kind.value: str(before.id)}
    noted: list[Noted] = [
        (
            *(one.kind, one.text, one.outcome, {**one.data, **named}, None, None),
            *(one.actor or actor, one.words),
            chance.raw(16).hex() if one.words is not None else None,
        )
        for one in items
    ]
    return chain(whose, (before.seq, before.hash or START_HASH), now, noted)


def head_row(
    before: Matter[F], written: Written[F], shown: Shown, now: datetime, head: tuple[int, str]
) -> Row:
    """Give what a decision writes of a matter itself, and when its clock comes."""
    kind = before.ways.kind
    return (
        before.id,
        shown.account or "",
        kind.value,
        shown.state,
        shown.owner,
        subject_id(kind, shown.subject) if shown.subject is not None else None,
        list(shown.about),
        list(shown.ucns),
        before.ways.facts.dump_python(written.facts, mode="json"),
        *head,
        before.version + 1,
        before.opened_at or now,
        now,
        Wanted("", DutyKind.MATTER, str(before.id)).id,
        written.next_at,
    )


def item_columns(items: Sequence[Chained]) -> Row:
    """Give items' columns, and those of their words."""
    worded = [one for one in items if one.words is not None]
    return (
        [one.seq for one in items],
        [one.kind for one in items],
        [one.body for one in items],
        [one.hash for one in items],
        [one.seq for one in worded],
        [one.salt for one in worded],
        [one.words for one in worded],
    )


def news_columns(before: Matter[F], written: Written[F]) -> Row:
    """Give what views are told, with the lock that puts it in order, or nulls."""
    told = before.ways.news(before.facts if before.version else None, written)
    return (ORDER, *(told or (None, None, (), ())))


def alarm_columns(before: Matter[F], alarms: Sequence[Alarm], chance: Chance) -> Row:
    """Give alarms' columns: each is an errand that rings a sink."""
    named = {"matter": str(before.id), "kind": before.ways.kind.value}
    payloads = [{**one._asdict(), **named} for one in alarms]
    return [chance.uuid() for _ in alarms], payloads
