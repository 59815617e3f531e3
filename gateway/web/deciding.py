"""Deciding: a person's deed goes through the desk, like everything that changes a message."""

import structlog

from gateway.domain.change import Change
from gateway.domain.deeds import Deed, Person
from gateway.domain.messages import Key
from gateway.domain.people import Done, do
from gateway.domain.state import State
from gateway.web.parts import Parts

_log = structlog.get_logger(__name__)


async def decided(parts: Parts, key: Key, deed: Deed, who: Person) -> Done:
    """Do a deed on what is stored and return how things stand; RefusedError when it cannot be."""

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
