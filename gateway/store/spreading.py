"""Spreading: every open message of an account hears what happened to the account, once."""

import asyncio
from typing import Final

import structlog

from gateway.domain.chance import Chance
from gateway.domain.change import Change
from gateway.domain.heeding import News, tell
from gateway.domain.messages import Key
from gateway.domain.state import State
from gateway.store import specials
from gateway.store.desk import ContentionError, Desk, UnknownMessageError
from gateway.store.specials import Outcome

_log = structlog.get_logger(__name__)
_ROUNDS: Final = 20


async def spread(desk: Desk, account: str, outcome: Outcome, chance: Chance) -> None:
    """Put on each open message's record what happened to a special, after that was committed.

    Whatever was planned before with an older view is stale by then, and is planned again with the
    new one: no plan that is written after this returns goes against the special. A message that
    changes too fast to be told is being planned with it already. Whoever has heard of it does not
    hear it again, so that this may be repeated, also by several at one time.
    """
    for _ in range(_ROUNDS):
        async with desk.pool.acquire() as conn:
            left = await specials.untold(conn, account, outcome.notes[0], outcome.since)
            stood = await specials.standing(conn, account, desk.clock.now())
        if not left:
            return
        news = News(outcome.notes, tuple(one.special for one in stood))
        heard = [_told(desk, one, news, chance) for one in left]
        if all(await asyncio.gather(*heard)):
            return
    _log.warning("messages not told", action="special.untold", account=account)


async def _told(desk: Desk, seen: tuple[Key, int], news: News, chance: Chance) -> bool:
    """Tell one message as it was seen; False when it has changed since, perhaps by being told."""
    key, head = seen

    def decide(state: State) -> tuple[Change | None, bool]:
        if state.message.head_seq != head:
            return None, False
        return tell(state, news, desk.clock.now(), chance), True

    try:
        return await desk.decide(key, decide)
    except ContentionError:
        return False
    except UnknownMessageError:
        return True
