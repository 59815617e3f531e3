"""How a feed stands: what was last read, how long it has failed, and what a lead must hear."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.document_models import AccountDocument
from gateway.domain.document_schedules import Feed
from gateway.domain.feeds import window
from gateway.domain.wording import alerts
from gateway.domain.wording.alerts import About

_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_DOUBLINGS: Final = 6
# With a good copy there is time; without one the schedule may be empty.
_PATIENCE: Final = timedelta(hours=6)
_IMPATIENCE: Final = timedelta(minutes=30)
_AGAIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the feed of a schedule stands.

    `body` is the last good copy, `etag` and `modified` its names at the source; `digest` stands for
    all that the shifts now in the document were made of. `told_at`: a lead was last told that it
    fails. `strangers`: the events still to come that became no shift, in words.
    """

    source: str
    tried_at: datetime | None = None
    read_at: datetime | None = None
    etag: str | None = None
    modified: str | None = None
    body: bytes | None = None
    digest: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    fault: str | None = None
    told_at: datetime | None = None
    strangers: tuple[str, ...] = ()


def pause(standing: Standing, feed: Feed) -> timedelta:
    """Return how long a feed rests: its own time, or after failures 1 min, 2, 4, at most 1 h."""
    if not standing.failures:
        return feed.refresh
    return min(_FIRST_PAUSE * (1 << min(standing.failures - 1, _DOUBLINGS)), _LONGEST_PAUSE)


def failed(standing: Standing, words: str, now: datetime) -> Standing:
    """Return how a feed stands that could not be read; the last good copy stays."""
    return replace(
        standing,
        tried_at=now,
        failures=standing.failures + 1,
        failing_since=standing.failing_since or now,
        fault=words,
    )


def well(standing: Standing, now: datetime) -> Standing:
    """Return how a feed stands that was read, or is as it was."""
    return replace(standing, tried_at=now, read_at=now, failures=0, failing_since=None, fault=None)


def digest(body: bytes, document: AccountDocument, feed: Feed, now: datetime) -> str:
    """Return what stands for all that shifts are made of: text, time, people, zone and rules."""
    people = {key: (one.name, one.email) for key, one in document.contacts.items()}
    rules = feed.model_copy(update={"shifts": []}).model_dump_json(by_alias=True)
    parts = (repr(window(now)[0]), document.timezone, repr(people), rules)
    return hashlib.sha256(body + "\n".join(parts).encode()).hexdigest()


def told(
    about: About, schedule: str, before: Standing, after: Standing, now: datetime
) -> tuple[Standing, tuple[str, ...]]:
    """Return what a lead is to be told, and the standing that remembers it.

    That a feed fails is told after 6 h (30 min if it was never read) and again every day, then that
    it is read again; events that became no shift are told when they are others than before.
    """
    since = after.failing_since
    if since is not None:
        patience = _PATIENCE if after.body is not None else _IMPATIENCE
        due = now - since >= patience and (after.told_at is None or now - after.told_at >= _AGAIN)
        if not due:
            return after, ()
        words = alerts.feed_fails(about, schedule, now - since, after.fault or "")
        return replace(after, told_at=now), (words,)
    words_ = [alerts.feed_reads_again(about, schedule)] if after.told_at is not None else []
    if after.strangers and after.strangers != before.strangers:
        words_.append(alerts.feed_strangers(about, schedule, len(after.strangers)))
    return replace(after, told_at=None), tuple(words_)
