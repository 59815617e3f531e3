"""`erase`: details of messages go, their histories stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED, Mistake
from gateway.cli.history import key_of
from gateway.cli.output import complain, say
from gateway.clock import SystemClock
from gateway.domain.document_fields import Phone
from gateway.domain.messages import Key
from gateway.store import erasing
from gateway.store.erasing import BATCH, Order
from gateway.store.pool import Connection


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose details go: of these UCNs, or of the caller with that number; by whom, and why."""

    ucns: Sequence[str]
    caller: str | None
    account: str | None
    by: str
    reason: str


def erase(wish: Wish) -> int:
    """Erase and say what was; return the exit code: 1 where a message is still worked."""
    if bool(wish.ucns) == bool(wish.caller):
        raise Mistake("name either UCNs or --caller")
    if wish.caller:
        _check(wish.caller)

    async def work(conn: Connection, clock: SystemClock) -> tuple[list[str], list[str]]:
        keys = await _keys(conn, wish)
        done = await _erase(conn, keys, Order(f"admin:{wish.by}", clock.now(), wish.reason))
        left = await erasing.with_details(conn, keys)
        return done, left

    done, left = with_database(chosen_settings(), work)
    say(f"erased the details of {len(done)} messages" + (f": {' '.join(done)}" if done else ""))
    if left:
        complain(f"still worked, so not erased: {' '.join(left)}")
    return FAILED if left else 0


def _check(caller: str) -> None:
    """Mistake for a number that no message can have: nothing found would look like all erased."""
    try:
        TypeAdapter(Phone).validate_python(caller)
    except ValidationError as error:
        words = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Mistake(f"--caller: {words}") from None


async def _keys(conn: Connection, wish: Wish) -> list[Key]:
    if wish.caller:
        return await erasing.of_caller(conn, wish.caller, wish.account)
    return [await key_of(conn, ucn) for ucn in wish.ucns]


async def _erase(conn: Connection, keys: Sequence[Key], order: Order) -> list[str]:
    done: list[str] = []
    for start in range(0, len(keys), BATCH):
        done += await erasing.erase(conn, keys[start : start + BATCH], order)
    return done
