"""`erase`: details of messages go, their histories stay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import FAILED, Mistake
from gateway.cli.history import key_of
from gateway.cli.output import complain, say
from gateway.clock import SystemClock
from gateway.domain.document_fields import Phone
from gateway.domain.messages import Key
from gateway.store import erasing, files, matter_words
from gateway.store.erasing import BATCH, Order
from gateway.store.matter_words import Gone
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

    settings = chosen_settings()

    async def work(conn: Connection, clock: SystemClock) -> _Erased:
        def order() -> Order:
            """Say of each batch when it was: hosts look for files of the last minutes alone."""
            return Order(f"admin:{wish.by}", clock.now(), wish.reason)

        begun = clock.now()
        keys = await _keys(conn, wish)
        done = await _erase(conn, keys, order, by_words=wish.caller is not None)
        left = await erasing.with_details(conn, keys)
        about = [key.account for key in keys], [key.ucn for key in keys]
        worked = set(await matter_words.worked_about(conn, *about))
        gone = Gone(0, 0, ())
        if wish.caller:
            gone = await matter_words.erase_caller(conn, wish.caller, wish.account, order)
        # What else is on this host goes with the daemon's next look.
        await files.sweep(conn, settings.data_dir, begun)
        return _Erased(done, gone, [*left, *map(str, sorted({*worked, *gone.left}))])

    return _told(with_database(settings, work))


class _Erased(NamedTuple):
    """The messages that were erased, what else of a caller was, and what is still worked."""

    messages: list[str]
    gone: Gone
    left: list[str]


def _told(erased: _Erased) -> int:
    done, gone, left = erased
    say(f"erased the details of {len(done)} messages" + (f": {' '.join(done)}" if done else ""))
    if gone.matters or gone.customers:
        say(f"erased {gone.matters} field jobs and hand-offs, {gone.customers} customers")
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


async def _erase(
    conn: Connection, keys: Sequence[Key], order: Callable[[], Order], *, by_words: bool
) -> list[str]:
    """Erase messages, a batch at a time.

    Those that were found `by_words` keep these while a matter about them does: no repeat would
    find the matter without.
    """
    done: list[str] = []
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        if by_words:
            some = await erasing.erase_about(conn, some, order())
        done += await erasing.erase(conn, some, order())
    return done
