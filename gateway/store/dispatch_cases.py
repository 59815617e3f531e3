"""Cases that the gateway opens itself, in the store: once each, and linked both ways.

The case, what its message's history says of it, and the end of the errand that asked for it are
one transaction: whoever dies in it has done nothing.
"""

from datetime import datetime
from typing import Final, cast

from gateway.domain import dispatch_cases
from gateway.domain.absorb import absorb
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case
from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.dispatch_cases import Failed, Whose
from gateway.domain.dispatch_cause import Cause
from gateway.domain.events import CaseOpened
from gateway.domain.matters import Kind, Matter, Written
from gateway.domain.state import State
from gateway.store import jobs, matters, sessions
from gateway.store.changes import write
from gateway.store.desk import Desk
from gateway.store.jobs import DueErrand
from gateway.store.matters import BusyMatterError, Hand, TakenError
from gateway.store.pool import Connection
from gateway.store.verdicts import Stale

_TRIES: Final = 20


class _MovedError(RuntimeError):
    """Something was not as it had been read; all of it is begun anew."""


async def follow(desk: Desk, chance: Chance, due: DueErrand) -> None:
    """Open the case that an errand asks for, or add to the one that is open about the like."""
    failed = _failed(due)
    if failed is None:
        return
    for _ in range(_TRIES):
        hand = Hand("gateway", desk.clock.now(), chance, desk.rates)
        try:
            async with desk.pool.acquire() as conn, conn.transaction():
                change = await _follow(conn, desk, due, failed, hand)
        except (_MovedError, TakenError):
            continue
        if change is not None:
            desk.on_written(change)
        return
    raise BusyMatterError(failed.subject)


def _failed(due: DueErrand) -> Failed | None:
    said, key = due.errand.payload, due.key
    if said is None or key is None:
        return None
    at = datetime.fromisoformat(said["at"])
    return Failed(cast("Cause", said["cause"]), key, int(said["seq"]), due.errand.job, at)


async def _follow(
    conn: Connection, desk: Desk, due: DueErrand, failed: Failed, hand: Hand
) -> Change | None:
    """Do it in the transaction under way; return what it wrote of the message, if anything."""
    if not await jobs.take_errand(conn, due.errand.id):
        return None
    standing = await matters.standing(conn, Kind.CASE, failed.subject)
    if standing is not None:
        await matters.decide(conn, CASES, standing, lambda case: _again(case, failed), hand)
        return None
    state = (await desk.states.of(conn, [failed.key])).get(failed.key)
    if state is None:
        return None
    case = await _open(conn, state, failed, hand)
    event = CaseOpened(case.id, case.facts.owner, failed.cause, failed.job)
    change, _ = absorb(state, event, hand.now, hand.chance)
    (verdict,) = await write(conn, [change], hand.now, hand.rates)
    if isinstance(verdict, Stale):
        raise _MovedError
    return change


async def _open(conn: Connection, state: State, failed: Failed, hand: Hand) -> Matter[Case]:
    whose = Whose(await sessions.lead_on_duty(conn, hand.now), state.account)
    case = hand.chance.uuid()
    written = dispatch_cases.opened(case, failed, whose, hand.now)
    return await matters.open_one(conn, CASES, case, written, hand)


def _again(case: Case, failed: Failed) -> Written[Case]:
    if not case.open:  # it was closed a moment ago: the next one is another case
        raise _MovedError
    return dispatch_cases.again(case, failed)
