"""Judging a chaos run by what the database and the carrier's own books say at its end."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from gateway.domain.history import verify
from tests.chaos.accepting import (
    ATTEMPT,
    Accept,
    Opened,
    accepts,
    for_nothing,
    read_books,
)
from tests.chaos.figures import FEW, Figures
from tests.chaos.story import Story
from tests.chaos.world import World
from tests.kit.real_house import told_too_much

# Where a lead has the message, and what one is told of it then, at once or by a reminder.
_TOLD_OF: Final[Mapping[str, str]] = {
    "limit_reached": r"active dispatch limit reached|still limit reached",
    "exhausted": r"nobody left to try|still exhausted",
    "held": r"job held|the permanent list is empty|still held",
    "parked": r"parked for|still parked",
    "claimed": "",  # by somebody of the desk
}
_WITH_A_LEAD: Final = tuple(_TOLD_OF)
OPEN: Final = f"""
select count(*) as n from messages as m
where m.state = 'open' and exists (
    select 1 from jobs as j where j.ucn = m.ucn
    and j.state not in ('completed', 'canceled', 'closed_leftover', {str(_WITH_A_LEAD)[1:-1]})
)
"""  # noqa: S608 - our own words
UNSURE: Final = """
select count(*) as n from attempts
where outcome is null and sid is null and state in ('intended', 'unsure', 'deferred')
    and method in ('call', 'sms', 'secure')
"""
_MESSAGES: Final = """
select m.ucn, m.account, m.state, m.evidence, m.delivered_to, m.delivered_at,
    (select string_agg(j.state, ',') from jobs as j where j.ucn = m.ucn) as jobs
from messages as m
"""
_ATTEMPTS: Final = """
select a.id, a.ucn, a.account, a.contact, a.address, a.method, a.state, a.outcome, a.sid,
    a.started_at, a.round, a.rides, a.code
from attempts as a
"""
_WAITING: Final = """
select j.ucn, j.state, j.reason, j.waits_for,
    round(extract(epoch from j.next_at - clock_timestamp())) as next_in,
    o.attempt as phone_of, a.state as attempt, a.outcome, a.ended_at, a.sid,
    round(extract(epoch from a.check_at - clock_timestamp())) as check_in,
    round(extract(epoch from clock_timestamp() - a.started_at)) as age, a.method
from jobs as j
left join open_calls as o on o.phone = j.waits_for
left join attempts as a on a.id = o.attempt or (a.job = j.id and a.outcome is null)
where j.ucn = any($1::text[])
"""
_ITEMS: Final = "select ucn, kind, item, hash from history_items order by ucn, seq"
# What history says of an attempt about which the carrier gave no answer (decision 0013).
_UNLEARNT: Final = """
select item::jsonb ->> 'attempt' as attempt
from history_items
where kind in ('dial.lost', 'sms.lost') and item::jsonb ->> 'text' like 'Nothing can be learnt %'
"""
_UCN: Final = re.compile(r"UCN (\d+):")
_RESOLVED: Final = frozenset({"dial.adopted", "dial.lost", "sms.adopted", "sms.lost"})


async def judge(
    world: World,
    story: Story,
    acknowledged: Iterable[str],
    opened: Sequence[Opened],
    figures: Figures,
) -> None:
    """Fill the figures in from the tables and from the carrier's books."""
    messages = {row["ucn"]: row for row in await world.sql(_MESSAGES)}
    attempts = await world.sql(_ATTEMPTS)
    given_up = [row["attempt"] for row in await world.sql(_UNLEARNT)]
    figures.given_up = len(given_up)
    books = await read_books(world)
    figures.messages = len(story.orders)
    figures.lost = len(set(acknowledged) - messages.keys())
    _judge_messages(messages.values(), story, figures)
    judge_requests(books.entries, attempts, figures, frozenset(given_up))
    judge_accepts(accepts(books, attempts, opened), messages, figures)
    judge_leads(messages.values(), world.house.ear.heard, figures)
    _judge_phones(books.entries, figures)
    _judge_histories(await world.sql(_ITEMS), messages.keys(), figures)
    _judge_words(world, figures)
    if figures.still_worked:
        still = [row["ucn"] for row in messages.values() if _is_worked(row)]
        waiting = await world.sql(_WAITING, still[:10])
        figures.notes += [f"still worked: {dict(one)}" for one in waiting]
    if figures.unsure:
        open_ = [one for one in attempts if one["outcome"] is None and one["sid"] is None]
        figures.notes += [f"unsure: {dict(one)}" for one in open_[:3]]


async def outstanding(world: World, opened: Sequence[Opened]) -> bool:
    """Tell whether an accept counts for nothing yet, or a lead has not heard of a message yet."""
    so_far, messages = Figures(0), {row["ucn"]: row for row in await world.sql(_MESSAGES)}
    attempts = await world.sql(_ATTEMPTS)
    judge_accepts(accepts(await read_books(world), attempts, opened), messages, so_far)
    judge_leads(messages.values(), world.house.ear.heard, so_far)
    return bool(so_far.for_nothing or so_far.never_told)


def judge_accepts(
    accepted: Sequence[Accept], messages: Mapping[str, Mapping[str, Any]], figures: Figures
) -> None:
    """Whatever somebody accepted is delivered in the end, if only by somebody else."""
    over = {ucn for ucn, row in messages.items() if row["state"] in {"delivered", "canceled"}}
    nothing = for_nothing(accepted, over)
    figures.accepts, figures.for_nothing = len(accepted), len(nothing)
    figures.notes += [f"accepted for nothing: {one}" for one in nothing[:FEW]]


def judge_leads(
    messages: Iterable[Mapping[str, Any]], heard: Sequence[str], figures: Figures
) -> None:
    """Of each message that a lead has the lead has heard; no story ever breaks the lead's ear."""
    told = defaultdict(list)
    for words in heard:
        if found := _UCN.search(words):
            told[found[1]].append(words)
    for row in messages:
        states = set((row["jobs"] or "").split(",")) & set(_TOLD_OF)
        mine = " ".join(told[row["ucn"]])
        if row["state"] == "open" and any(not re.search(_TOLD_OF[one], mine) for one in states):
            figures.never_told += 1
            figures.notes.append(f"no lead was told: {dict(row)}, heard: {mine or 'nothing'}")


def _is_worked(row: Mapping[str, Any]) -> bool:
    """Tell whether an open message is in nobody's hands yet."""
    return row["state"] == "open" and not set((row["jobs"] or "").split(",")) & set(_WITH_A_LEAD)


def _judge_messages(messages: Iterable[Mapping[str, Any]], story: Story, figures: Figures) -> None:
    ever = {(c.account, p.name) for c in story.clients for p in c.people if p.accepts}
    for row in messages:
        states = set((row["jobs"] or "").split(","))
        if row["state"] == "delivered":
            figures.delivered += 1
            if not row["evidence"] or (row["account"], row["delivered_to"]) not in ever:
                figures.wrongly_delivered += 1
                figures.notes.append(f"wrongly delivered: {dict(row)}")
        elif states & set(_WITH_A_LEAD):
            figures.with_a_lead += 1
        elif states == {""}:
            figures.lost += 1
            figures.notes.append(f"no job: {dict(row)}")
        else:
            figures.still_worked += 1


def judge_requests(
    entries: Sequence[Mapping[str, Any]],
    attempts: Sequence[Mapping[str, Any]],
    figures: Figures,
    unlearnt: Container[str] = (),
) -> None:
    """At most one request for an attempt, none for what was never intended, one call a turn.

    `unlearnt`: attempts that were given up as nothing was heard of them. That is said, and is true,
    whatever the carrier has, but must be rare; of no other lost attempt it may have anything.
    """
    known = {str(one["id"]): one for one in attempts}
    asked = Counter(
        found[1] for one in entries if (found := ATTEMPT.search(one["callback"])) is not None
    )
    figures.attempts = len(attempts)
    figures.calls = sum(one["kind"] == "call" for one in entries)
    figures.texts = len(entries) - figures.calls
    for attempt, times in asked.items():
        spare = times - (1 if attempt in known else 0)
        figures.doubled += spare
        if spare:
            figures.notes.append(f"doubled: {dict(known.get(attempt, {'unknown': attempt}))}")
    _judge_turns(asked, attempts, figures)
    carried = {one["rides"]: one for one in attempts if one["rides"]}
    taken = {
        found[1]: one.get("at") for one in entries if (found := ATTEMPT.search(one["callback"]))
    }
    for attempt in asked:
        one = known.get(attempt) or carried.get(UUID(attempt))
        if one and one["outcome"] == "lost" and str(one["id"]) in unlearnt:
            figures.unlearnt += 1
            if figures.unlearnt <= FEW:
                figures.notes.append(f"nothing learnt, yet placed: {dict(one)}")
        elif one and one["outcome"] == "lost":
            figures.lost_though_placed += 1
            when = f"taken at {taken[attempt]} by the carrier's clock"
            figures.notes.append(f"lost though placed, {when}: {dict(one)}")


def _judge_turns(
    asked: Container[str], attempts: Sequence[Mapping[str, Any]], figures: Figures
) -> None:
    """Nobody is called twice about a message in one round, by whichever attempts."""
    turns = defaultdict(set)
    for one in attempts:
        made = str(one["rides"] or one["id"])
        if one["method"] == "call" and made in asked:
            turns[one["ucn"], one["address"], one["round"]].add(made)
    for turn, calls in turns.items():
        figures.doubled += len(calls) - 1
        if len(calls) > 1:
            figures.notes.append(f"called twice in a round: {turn}")


def _judge_phones(entries: Sequence[Mapping[str, Any]], figures: Figures) -> None:
    """No phone has two calls of ours at a time."""
    by_phone = defaultdict(list)
    for one in entries:
        if one["kind"] == "call":
            begun = datetime.fromisoformat(one["at"])
            ended = one["ended_at"] and datetime.fromisoformat(one["ended_at"])
            by_phone[one["to"]].append((begun, ended or begun + timedelta(hours=1)))
    for phone, calls in by_phone.items():
        calls.sort()
        for (begun, ended), (again, _) in itertools.pairwise(calls):
            if again < ended:
                figures.overlapping += 1
                words = f"overlapping: {phone} {begun} until {ended}, again {again}"
                figures.notes.append(words)


def _judge_histories(
    items: Sequence[Mapping[str, Any]], messages: Iterable[str], figures: Figures
) -> None:
    """Each message has a history without a gap, chained."""
    found = {ucn: [*rows] for ucn, rows in itertools.groupby(items, lambda one: one["ucn"])}
    for ucn in messages:
        rows = found.get(ucn, [])
        fault = verify((row["item"], row["hash"]) for row in rows) if rows else "no history"
        if fault is not None:
            figures.broken_histories += 1
            figures.notes.append(f"history of {ucn}: {fault}")
    kinds = Counter(row["kind"] for row in items)
    figures.adopted = kinds["dial.adopted"] + kinds["sms.adopted"]
    figures.found_lost = kinds["dial.lost"] + kinds["sms.lost"] - figures.given_up


def _judge_words(world: World, figures: Figures) -> None:
    """What no daemon expected ends as a traceback in its log; no secret or detail may.

    Nor may one stand in the log of Postgres, which quotes what it refuses.
    """
    logs = [one.daemon.process.said() for one in world.members]
    for said in (*logs, world.server.said()):
        found = told_too_much(said)
        figures.told += len(found)
        figures.notes += [f"told: {words}" for words in found[:3]]
    for said in logs:
        lines = [line for line in said.splitlines() if "Traceback" in line]
        figures.tracebacks += len(lines)
        figures.notes += [line[-1500:] for line in lines[:2]]
