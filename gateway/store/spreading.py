"""Spreading: every open message of an account hears what happened to the account."""

import asyncio
from collections.abc import Sequence

import structlog

from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.heeding import News, tell
from gateway.domain.history import Note
from gateway.domain.state import State
from gateway.store import specials
from gateway.store.desk import ContentionError, Desk, UnknownMessageError

_log = structlog.get_logger(__name__)


async def spread(desk: Desk, account: str, notes: Sequence[Note], chance: Chance) -> None:
    """Put on each open message's record what happened to a special, after that was committed.

    Whatever was planned before with an older view is stale by then, and is planned again with the
    new one: no plan that is written after this returns goes against the special. A message that
    changes too fast to be told is being planned with it already.
    """
    async with desk.pool.acquire() as conn:
        keys = await specials.open_messages(conn, account)
        stood = await specials.standing(conn, account, desk.clock.now())
    news = News(tuple(notes), tuple(one.special for one in stood))

    def decide(state: State) -> tuple[Change | None, None]:
        return tell(state, news, desk.clock.now(), chance), None

    told = await asyncio.gather(*(desk.decide(key, decide) for key in keys), return_exceptions=True)
    for key, fault in zip(keys, told, strict=True):
        if isinstance(fault, ContentionError | UnknownMessageError):
            _log.warning("message not told", action="special.untold", ucn=key.ucn)
        elif isinstance(fault, BaseException):
            raise fault
