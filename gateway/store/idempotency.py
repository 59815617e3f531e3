"""Idempotency keys: a request made twice under one key is answered as it was the first time."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from gateway.store.pool import AT_ONCE, Connection
from gateway.store.queries import load

KEPT_FOR: Final = timedelta(days=7)
Owned = tuple[str, str]  # whose key, and the key
_CREATED: Final = 201
_queries = load("idempotency")


class KeyReusedError(ValueError):
    """The idempotency key was used for another request."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """An idempotency key: whose, which, and the fingerprint of the request made under it.

    `about`: whose words the answer holds (a case, hand-off, field job or customer): it goes when
    these are erased.
    """

    owner: str
    key: str
    request: str
    about: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request (by its fingerprint) was answered: HTTP status and JSON body, and `about`."""

    owner: str
    key: str
    request: str
    status: int
    answer: Any
    about: UUID | None = None

    @property
    def owned(self) -> Owned:
        """Whose key, and the key."""
        return self.owner, self.key


async def keep(conn: Connection, answers: Sequence[Answered], now: datetime) -> frozenset[Owned]:
    """Remember answers; returns the keys that were free. Waits for others who hold one."""
    rows = await conn.fetch(
        _queries.keep_answers,
        [one.owner for one in answers],
        [one.key for one in answers],
        [one.request for one in answers],
        [one.status for one in answers],
        [one.answer for one in answers],
        now,
        [one.about for one in answers],
    )
    return frozenset((row["owner"], row["key"]) for row in rows)


async def first(conn: Connection, keys: Iterable[Owned]) -> dict[Owned, Answered]:
    """Return what was answered first under these keys; unknown keys are left out."""
    owners, names = _columns(keys)
    rows = await conn.fetch(_queries.first_answers, owners, names)
    answers = [Answered(r["owner"], r["key"], r["request"], r["status"], r["answer"]) for r in rows]
    return {one.owned: one for one in answers}


class _LostError(Exception):
    """Somebody else was first; takes back what was done."""


async def once(
    conn: Connection, keyed: Keyed, now: datetime, act: Callable[[], Awaitable[Any]]
) -> tuple[Any, bool]:
    """Do something that makes a 201 answer once under a key; return the answer, and if it is new.

    Both are one transaction. Of two at one time the second gets the first one's answer;
    KeyReusedError when that was to another request.
    """
    with suppress(_LostError):
        async with conn.transaction():
            answer = await act()
            given = (keyed.owner, keyed.key, keyed.request)
            mine = Answered(*given, _CREATED, answer, keyed.about)
            if not await keep(conn, [mine], now):
                raise _LostError
        return answer, True
    return await first_answer(conn, keyed), False


async def first_answer(conn: Connection, keyed: Keyed) -> Any:  # noqa: ANN401 - JSON
    """Return what a request was answered first; None when the key is new.

    KeyReusedError when it was used for another request.
    """
    found = (await first(conn, [(keyed.owner, keyed.key)])).get((keyed.owner, keyed.key))
    if found is not None and found.request != keyed.request:
        raise KeyReusedError(keyed.key)
    return found.answer if found else None


async def erase(conn: Connection, about: Sequence[UUID]) -> None:
    """Leave nothing of the answers about these but the `id` each gave; no repeat does it again."""
    await conn.execute(_queries.erase_answers, list(about))


async def forget(conn: Connection, keys: Iterable[Owned]) -> None:
    """Forget keys whose requests came to nothing."""
    await conn.execute(_queries.forget_answers, *_columns(keys))


async def forget_old(conn: Connection, now: datetime) -> None:
    """Forget keys that were kept long enough, some at a time."""
    await conn.execute(_queries.forget_old, now - KEPT_FOR, AT_ONCE)


def _columns(keys: Iterable[Owned]) -> tuple[list[str], list[str]]:
    keys = list(keys)
    return [owner for owner, _ in keys], [key for _, key in keys]
