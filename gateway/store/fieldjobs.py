"""Field jobs in the store: matters with a customer, and a survey each."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from gateway.domain.fieldjob_actions import SURVEY
from gateway.domain.fieldjob_deeds import FIELDJOBS
from gateway.domain.fieldjobs import FieldJob
from gateway.domain.matters import Matter, Written
from gateway.store import matters
from gateway.store.matters import Hand
from gateway.store.pool import Connection
from gateway.store.queries import load

_queries = load("fieldjobs")


class NoCustomerError(LookupError):
    """A job needs a customer, and that one is not there (S1-25), or was erased."""


class Note(NamedTuple):
    """A note of a job; `words` None: erased."""

    id: str
    at: str
    by: str
    public: bool
    words: str | None


async def open_one(
    conn: Connection, job: UUID, written: Written[FieldJob], hand: Hand
) -> Matter[FieldJob]:
    """Write a new job, all or nothing; NoCustomerError without its customer, TakenError."""
    async with conn.transaction():
        opened = await matters.open_one(conn, FIELDJOBS, job, written, hand)
        if await conn.fetchval(_queries.add_job, job, written.facts.customer) is None:
            raise NoCustomerError(str(written.facts.customer))
    return opened


async def decide(
    conn: Connection,
    job: UUID,
    verb: Callable[[FieldJob], Written[FieldJob]],
    hand: Hand,
    survey: str = "",
) -> Matter[FieldJob]:
    """Decide about a job; `survey` is the fingerprint of a link that it may ask a survey by.

    It stands for the link just where the letter with the link leaves. Raises UnknownMatterError,
    BusyMatterError, and whatever the verb raises.
    """
    asked = False

    def watched(facts: FieldJob) -> Written[FieldJob]:
        nonlocal asked
        written = verb(facts)
        asked = any(letter.name == SURVEY for letter in written.letters)
        return written

    async with conn.transaction():
        after = await matters.decide(conn, FIELDJOBS, job, watched, hand)
        if survey and asked:
            await conn.execute(_queries.add_survey, job, survey, hand.now)
    return after


async def of_survey(conn: Connection, fingerprint: str) -> tuple[UUID, datetime] | None:
    """Return which job a survey's link is about, and when it was asked; None for no such link."""
    row = await conn.fetchrow(_queries.job_of_survey, fingerprint)
    return (row["job"], row["asked_at"]) if row else None


async def find_all(conn: Connection, ids: Iterable[UUID]) -> dict[UUID, FieldJob]:
    """Look jobs up by their ids, for who escalates about them; unknown ones are left out."""
    found = await matters.find_all(conn, FIELDJOBS, ids)
    return {one.id: one.facts for one in found}


async def notes(conn: Connection, job: UUID) -> list[Note]:
    """Return a job's notes, oldest first."""
    return [_note(item) for item in await matters.history(conn, job) if _noted(item)]


def _noted(item: dict[str, Any]) -> bool:
    return bool(item["kind"] == "fieldjob.noted")


def _note(item: dict[str, Any]) -> Note:
    told = item["data"]
    return Note(told["note"], item["at"], item["actor"], told["public"], item.get("content"))
