"""Sessions: who is coded for dispatch, what phones do, when people break (S3-03, S3-06, S3-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from gateway.domain.floor import CallState, Session
from gateway.store.pool import Connection, Record
from gateway.store.queries import load

# Whoever nobody has coded is asked about at most this often.
_ASK_EVERY: Final = timedelta(days=1)
# The key of the advisory lock of those who leave the floor.
_LEAVING: Final = 0x6470_6272
_queries = load("sessions")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A deed that was refused, kept beside the history, which has nothing of it (S3-07)."""

    id: UUID
    at: datetime
    actor: str
    deed: str
    code: str
    account: str
    ucn: str
    job: UUID | None


async def in_turn(conn: Connection) -> None:
    """Be alone, to the end of this transaction, among those who leave the floor."""
    await conn.execute(_queries.in_turn, _LEAVING)


async def code(conn: Connection, name: str, by: str, now: datetime, *, coded: bool) -> Session:
    """Code somebody for dispatch, or take it back; `by` is an actor such as `wfm:W-1`.

    Their phone is in Disp from then on, or no longer; a break is over.
    """
    state = CallState.DISP if coded else CallState.ZERO
    return _session(await _row(conn, _queries.code_session, name, coded, now, by, state.value))


async def is_coded(conn: Connection, name: str) -> bool:
    """Tell whether somebody is coded for dispatch; nobody is by default."""
    return bool(await conn.fetchval(_queries.is_coded, name))


async def find(conn: Connection, name: str) -> Session | None:
    """Return somebody's session; None when nothing was ever said of them."""
    row = await conn.fetchrow(_queries.session, name)
    return _session(row) if row else None


async def list_all(conn: Connection) -> list[Session]:
    """Return all sessions, by name."""
    return [_session(row) for row in await conn.fetch(_queries.list_sessions)]


async def lead_on_duty(conn: Connection, now: datetime) -> str | None:
    """Name the lead who is coded for dispatch: of several one who is there, coded last."""
    name: str | None = await conn.fetchval(_queries.lead_on_duty, now)
    return name


async def set_state(conn: Connection, name: str, state: CallState, now: datetime) -> Session:
    """Note what somebody's phone does now."""
    return _session(await _row(conn, _queries.set_call_state, name, state.value, now))


async def set_break(conn: Connection, name: str, at: datetime | None, now: datetime) -> Session:
    """Note when somebody takes a break; None: they do not."""
    return _session(await _row(conn, _queries.set_break, name, at, now))


async def claim_telling(conn: Connection, names: Sequence[str], seq: int) -> bool:
    """Tell whether people are to be told that needs up to `seq` find none of these there.

    Once for each, whichever of several processes asks; to be committed with the alert.
    """
    return bool(await conn.fetch(_queries.claim_telling, names, seq))


async def ask_to_verify(conn: Connection, name: str, now: datetime) -> bool:
    """Tell whether people are to be asked now about a session that nobody coded (S3-91).

    Only where WFM or leads code people at all, and once a day for each, whoever asks.
    """
    found = await conn.fetchval(_queries.ask_to_verify, name, now, now - _ASK_EVERY)
    return found is not None


async def note_refusal(conn: Connection, refusal: Refusal) -> None:
    """Keep a deed that was refused."""
    one = refusal
    subject = one.account, one.ucn, one.job
    await conn.execute(
        _queries.add_refusal, one.id, one.at, one.actor, one.deed, one.code, *subject
    )


async def refusals(conn: Connection, most: int) -> Sequence[Refusal]:
    """Return the newest deeds that were refused, newest first."""
    return [Refusal(*row) for row in await conn.fetch(_queries.list_refusals, most)]


async def _row(conn: Connection, query: str, *values: Any) -> Record:  # noqa: ANN401 - of any type
    row = await conn.fetchrow(query, *values)
    assert row is not None  # noqa: S101 - it was written just now
    return row


def _session(row: Record) -> Session:
    name, coded, at, by, state, break_at = row
    return Session(name, coded, at, by, CallState(state), break_at)
