"""Feeds, read again and again: fetched, understood, and put into the document as a new version."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple, assert_never
from uuid import UUID, uuid5

from adapters.feeds import Failed, Fetch, Fetched, Unchanged
from adapters.ical.apart import read_apart
from adapters.ical.shapes import CalendarError, Reading
from gateway.domain.accounts import Account
from gateway.domain.document_models import AccountDocument
from gateway.domain.document_schedules import FedShift, Feed
from gateway.domain.feeding import Standing, digest, failed, pause, told, well
from gateway.domain.feeds import (
    FeedError,
    Matched,
    ahead,
    amended,
    feeds_of,
    matched,
    source_of,
    window,
)
from gateway.domain.wording.alerts import About
from gateway.domain.wording.phrases import moment
from gateway.store import accounts, feeds, jobs
from gateway.store.desk import Desk
from gateway.store.duties import Done, Duty
from gateway.store.pool import Connection, Pool
from schedules.walltime import zone_of

_SPACE: Final = UUID("5b0a8e5e-9a55-5f5e-8d2b-2f6f6f1f7c11")
Fetcher = Callable[[str, str | None, str | None], Awaitable[Fetch]]
"""Fetches a source, given the ETag and Last-Modified of the copy we have."""


class Case(NamedTuple):
    """The feed of a schedule, in the document it was read from."""

    document: AccountDocument
    schedule: str
    feed: Feed


class Outcome(NamedTuple):
    """How a feed stands now, and the shifts it gives; None where they are what they were."""

    standing: Standing
    shifts: tuple[FedShift, ...] | None = None


def cases(documents: Sequence[AccountDocument]) -> list[Case]:
    """Return the feeds of these documents."""
    return [Case(each, one.name, feed) for each in documents for one, feed in feeds_of(each)]


async def refresh(case: Case, last: Standing | None, now: datetime, fetch: Fetcher) -> Outcome:
    """Fetch and read a feed. Nothing is written; whatever goes wrong is part of the outcome.

    A copy that is no good, or holds no shift where the last one held some, leaves the last good
    copy and its shifts in force.
    """
    source = source_of(case.feed)
    if last is None or last.source != source:
        last = Standing(source)
    answer = await fetch(source, last.etag, last.modified)
    match answer:
        case Failed(words):
            return Outcome(failed(last, words, now))
        case Unchanged():
            copy, names = last.body or b"", last
        case Fetched(body, etag, modified):
            copy, names = body, replace(last, etag=etag, modified=modified)
        case _:
            assert_never(answer)
    mark = digest(copy, case.document, case.feed, now)
    if mark == last.digest:
        return Outcome(well(names, now))
    try:
        found, strangers = await _understood(case, copy, now)
    except (CalendarError, FeedError) as fault:
        return Outcome(failed(last, f"it {fault}", now))
    standing = replace(well(names, now), body=copy, digest=mark, strangers=strangers)
    return Outcome(standing, found.shifts)


async def _understood(case: Case, copy: bytes, now: datetime) -> tuple[Matched, tuple[str, ...]]:
    reading = await read_apart(_text(copy), *window(now))
    found = matched(reading.events, case.document, case.feed, now)
    if ahead(case.feed.shifts, now) and not ahead(found.shifts, now):
        raise FeedError("holds no shift to come, though the last good copy does")
    return found, _strangers(case, reading, found)


def _strangers(case: Case, reading: Reading, found: Matched) -> tuple[str, ...]:
    zone = zone_of(case.document.timezone)
    words = (f"{moment(one.start, zone)}, {one.title!r}: {one.why}" for one in found.strangers)
    return tuple(dict.fromkeys((*words, *reading.unread)))


def _text(copy: bytes) -> str:
    try:
        return copy.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CalendarError("is not UTF-8 text") from None


async def settle(
    conn: Connection, case: Case, last: Standing | None, outcome: Outcome, now: datetime
) -> int | None:
    """Write what came of a refresh; return the account's version in force, None if too late.

    In one transaction: how the feed stands, the new version of the document, and what a lead is to
    be told. Too late: the account is gone, or somebody else has looked at this feed meanwhile.
    """
    key = (case.document.account, case.schedule)
    before = last or Standing(outcome.standing.source)
    standing, words = told(About(key[0]), key[1], before, outcome.standing, now)

    def change(document: AccountDocument) -> AccountDocument:
        if outcome.shifts is None:
            return document
        return amended(document, case.schedule, standing.source, outcome.shifts)

    with suppress(_TooLateError):
        async with conn.transaction():
            # First, because who puts a document locks the account before all else, too.
            version = await accounts.amend(conn, key[0], change, f"feed:{key[1]}", now)
            tried_at = last.tried_at if last else None
            if version is None or not await feeds.save(conn, key, standing, tried_at):
                raise _TooLateError
            for place, text in enumerate(words):
                errand = uuid5(_SPACE, f"{key} {now.isoformat()} {place}")
                payload = {"sink": "lead", "text": text, "reason": "feed"}
                await jobs.add_alert(conn, errand, now, payload)
        return version
    return None


class _TooLateError(Exception):
    """Takes back what was written."""


@dataclass(frozen=True, slots=True)
class FeedWatch:
    """Reads the feeds of accounts when they are due."""

    desk: Desk
    fetch: Fetcher | None

    async def look(self, duty: Duty, account: Account, now: datetime) -> Done:
        """Read the feed of one schedule; without anything to fetch with, leave it as it is."""
        if self.fetch is None:
            return Done(None)
        case, last = await find(self.desk.pool, account.account, duty.key)
        if case is None:
            return Done(None)
        outcome = await refresh(case, last, now, self.fetch)
        async with self.desk.pool.acquire() as conn:
            await settle(conn, case, last, outcome, now)
        return Done(now + pause(outcome.standing, case.feed))


async def find(pool: Pool, account: str, schedule: str) -> tuple[Case | None, Standing | None]:
    """Return the feed of a schedule as the document in force has it, and how it stands."""
    async with pool.acquire() as conn:
        documents = await accounts.in_force(conn, [account])
        known = await feeds.standings(conn, [account])
    found = [one for one in cases([*documents.values()]) if one.schedule == schedule]
    return (found[0], known.get((account, schedule))) if found else (None, None)
