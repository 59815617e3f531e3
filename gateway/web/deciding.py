"""Deciding: a person's deed goes through the desk, like everything that changes a message."""

from uuid import UUID

import structlog

from gateway.domain.change import Change
from gateway.domain.deeds import (
    Annotate,
    DecideReview,
    Deed,
    EditMessage,
    ParkMessage,
    Person,
    Release,
    Report,
    Resend,
)
from gateway.domain.messages import Key
from gateway.domain.people import Done, do
from gateway.domain.state import State
from gateway.store import jobs, sessions
from gateway.web.parts import Parts
from gateway.web.problems import ProblemError

# Proofreading, asking others and giving back are no dispatch work.
_UNCODED = (Annotate, ParkMessage, Resend, EditMessage, DecideReview, Release)
_log = structlog.get_logger(__name__)


async def decided(parts: Parts, key: Key, deed: Deed, who: Person) -> Done:
    """Do a deed on what is stored and return how things stand; RefusedError when it cannot be."""
    if not isinstance(deed, _UNCODED) and not await _finishes(parts, deed, who):
        name, job = type(deed).__name__.lower(), getattr(deed, "job", None)
        await refuse_uncoded(parts, who, key, name, job)

    def decide(state: State) -> tuple[Change, Done]:
        done = do(state, deed, who, parts.clock.now(), parts.chance)
        return done.change, done

    done = await parts.desk.decide(key, decide)
    _log.info(
        "deed done",
        action=f"deed.{type(deed).__name__.lower()}",
        actor=who.actor,
        account=key.account,
        ucn=key.ucn,
        job=str(getattr(deed, "job", "")) or None,
    )
    return done


async def _finishes(parts: Parts, deed: Deed, who: Person) -> bool:
    """Tell whether somebody reports on a job they have: it was claimed when they were coded."""
    if not isinstance(deed, Report):
        return False
    async with parts.desk.pool.acquire() as conn:
        return await jobs.owner_of(conn, deed.job) == who.actor


async def refuse_uncoded(
    parts: Parts, who: Person, key: Key, name: str, job: UUID | None = None
) -> None:
    """Refuse a dispatcher who is not coded for dispatch, where that is asked for (S3-07).

    The refusal of what they wanted (`name`) is kept beside the history, of which it is no part.
    """
    if not parts.settings.require_coding or who.role != "dispatcher":
        return
    async with parts.desk.pool.acquire() as conn:
        if await sessions.is_coded(conn, who.name):
            return
        about = who.actor, name, "not_coded", key.account, key.ucn, job
        refusal = sessions.Refusal(parts.chance.uuid(), parts.clock.now(), *about)
        await sessions.note_refusal(conn, refusal)
    _log.warning(
        "not coded", action="deed.refused", actor=who.actor, account=key.account, ucn=key.ucn
    )
    raise ProblemError(403, "not_coded", f"{who.name} is not coded for dispatch")


async def key_of_ucn(parts: Parts, ucn: str) -> Key:
    """Find a message by its UCN; 404 `unknown_message` when there is none."""
    async with parts.desk.pool.acquire() as conn:
        key = await parts.desk.states.key_of_ucn(conn, ucn)
    if key is None:
        raise ProblemError(404, "unknown_message", f"there is no message {ucn}")
    return key
