"""Reception: new messages written many in one transaction, each answered by itself.

Messages that arrive while a batch is being written form the next one, as at the desk.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from gateway.clock import Clock
from gateway.domain.accounts import Account
from gateway.domain.chance import Chance
from gateway.domain.deeds import RefusedError
from gateway.domain.lint import Unknown, look_over
from gateway.domain.taking import Intake, Taken, take
from gateway.store import deliveries, idempotency, messages, recordings
from gateway.store.idempotency import Answered, Keyed, KeyReusedError
from gateway.store.messages import DuplicateUcnError
from gateway.store.pool import AWAY, Connection, Pool
from gateway.store.states import Accounts

_MOST: Final = 100
_CREATED: Final = 201


class UnknownAccountError(LookupError):
    """There is no such account."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A message to take; `answer` makes the JSON that is kept for repeats.

    `recording` is where the call can be heard on which it was taken.
    """

    intake: Intake
    answer: Callable[[Taken], Any]
    ucn: str | None = None
    keyed: Keyed | None = None
    recording: str | None = None


@dataclass(slots=True)
class _Waiting:
    wish: Wish
    answer: asyncio.Future[Any]
    taken: Taken | None = None

    def done(self, answer: object) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def failed(self, fault: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(fault)


class Reception:
    """Takes messages in; each is looked over, with a dictionary that knows unknown words."""

    def __init__(
        self, pool: Pool, accounts: Accounts, clock: Clock, chance: Chance, unknown: Unknown
    ) -> None:
        self._pool = pool
        self._accounts = accounts
        self._clock = clock
        self._chance = chance
        self._unknown = unknown
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def take(self, wish: Wish) -> Any:  # noqa: ANN401 - whatever the wish's answer is
        """Write a message and return its answer, or the first answer under its key.

        Raises UnknownAccountError, RefusedError (unknown_contact), DuplicateUcnError,
        KeyReusedError.
        """
        one = _Waiting(wish, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await one.answer

    async def _write_all(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                await self._write(batch)
            except Exception as fault:  # noqa: BLE001 - each waiter must hear of it
                await self._one_by_one(batch, fault)

    async def _one_by_one(self, batch: Sequence[_Waiting], fault: Exception) -> None:
        """Let nobody fail because of somebody else's message."""
        alone = len(batch) == 1 or isinstance(fault, AWAY)
        for one in batch:
            if alone:
                one.failed(fault)
                continue
            try:
                await self._write([one])
            except Exception as its_own:  # noqa: BLE001 - handed to the one who asked
                one.failed(its_own)

    def _next_batch(self) -> list[_Waiting]:
        """Take what waits, each UCN and each key at most once, in order of arrival."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        seen: set[object] = set()
        for one in self._waiting:
            keyed = one.wish.keyed
            names = {one.wish.ucn, (keyed.owner, keyed.key) if keyed else None} - {None}
            if one.answer.done():
                continue
            if len(batch) >= _MOST or names & seen:
                later.append(one)
            else:
                batch.append(one)
            seen |= names
        self._waiting = later
        return batch

    async def _write(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        async with self._pool.acquire() as conn:
            batch = await self._unanswered(conn, batch)
            built = await self._build(conn, batch) if batch else []
            if any(one.wish.keyed or one.wish.recording for one in built):
                async with conn.transaction():
                    results = await self._write_keyed(conn, built)
            else:
                results = await self._write_built(conn, built)
        for one, result in results:
            if isinstance(result, Exception):
                one.failed(result)
            elif result is None:
                self._waiting.append(one)
            else:
                one.done(result)

    async def _unanswered(self, conn: Connection, batch: list[_Waiting]) -> list[_Waiting]:
        """Give repeats their first answer, whatever has changed since (CONTRACT section 5)."""
        keys = {(k.owner, k.key): k for one in batch if (k := one.wish.keyed)}
        if not keys:
            return batch
        first = await idempotency.first(conn, keys)
        left: list[_Waiting] = []
        for one in batch:
            keyed = one.wish.keyed
            before = first.get((keyed.owner, keyed.key)) if keyed else None
            if keyed is None or before is None:
                left.append(one)
            elif before.request == keyed.request:
                one.done(before.answer)
            else:
                one.failed(KeyReusedError(keyed.key))
        return left

    async def _build(self, conn: Connection, batch: list[_Waiting]) -> list[_Waiting]:
        """Build what can be written; the others hear at once why not."""
        wanted = [(one.wish.intake.account, one.wish.ucn) for one in batch]
        reserved = await messages.reserve(conn, wanted)
        names = [one.wish.intake.account for one in batch]
        versions = [r.version for r in reserved]
        known = [(n, v) for n, v in zip(names, versions, strict=True) if v is not None]
        accounts = await self._accounts.compiled(conn, known)
        now = self._clock.now()  # one instant for all: what is printed of it is printed once
        for one, slot in zip(batch, reserved, strict=True):
            account = accounts.get((one.wish.intake.account, slot.version or 0))
            try:
                one.taken = self._take(one.wish.intake, slot.ucn, account, now)
            except (UnknownAccountError, RefusedError) as fault:
                one.failed(fault)
        return [one for one in batch if not one.answer.done() and one.taken]

    def _take(self, intake: Intake, ucn: str, account: Account | None, now: datetime) -> Taken:
        if account is None:
            raise UnknownAccountError(intake.account)
        if intake.forced and intake.forced.contact not in account.contacts:
            words = f"the account has no contact {intake.forced.contact!r}"
            raise RefusedError("unknown_contact", words)
        found = look_over(intake.content, intake.form, account, self._unknown)
        if found:
            intake = replace(intake, found=found)
        return take(intake, ucn, account, now, self._chance)

    async def _write_built(
        self, conn: Connection, built: Sequence[_Waiting]
    ) -> list[tuple[_Waiting, Any]]:
        """Write messages; answers, DuplicateUcnError, or None to draw another UCN."""
        pairs = [(one, one.taken) for one in built if one.taken]
        written = await _take_all(conn, [taken for _, taken in pairs])
        await _keep_recordings(conn, [pair for pair in pairs if pair[1].message.key.ucn in written])
        results: list[tuple[_Waiting, Any]] = []
        for one, taken in pairs:
            ucn = taken.message.key.ucn
            result: Any = one.wish.answer(taken) if ucn in written else None
            if result is None and one.wish.ucn is not None:
                result = DuplicateUcnError(ucn)
            results.append((one, result))
        return results

    async def _write_keyed(
        self, conn: Connection, built: Sequence[_Waiting]
    ) -> list[tuple[_Waiting, Any]]:
        """Write messages under idempotency keys: only the first request of a key writes."""
        answers = {n: _answered(one) for n, one in enumerate(built) if one.wish.keyed}
        won = await idempotency.keep(conn, [*answers.values()], self._clock.now())
        lost = {n: one for n, one in answers.items() if one.owned not in won}
        first = await idempotency.first(conn, [one.owned for one in lost.values()])
        fresh = [one for n, one in enumerate(built) if n not in lost]
        results = await self._write_built(conn, fresh)
        unmade = [one for one, result in results if result is None or isinstance(result, Exception)]
        await idempotency.forget(conn, [_answered(one).owned for one in unmade if one.wish.keyed])
        return results + [(built[n], _repeat(one, first)) for n, one in lost.items()]


async def _take_all(conn: Connection, taken: Sequence[Taken]) -> Collection[str]:
    """Write messages, with what goes out because they were taken; the UCNs of those written."""
    if not any(one.deliveries for one in taken):
        return await messages.take_all(conn, taken) if taken else ()
    async with conn.transaction():
        written = await messages.take_all(conn, taken)
        fresh = [one for one in taken if one.message.key.ucn in written]
        await deliveries.add(conn, [each for one in fresh for each in one.deliveries])
    return written


async def _keep_recordings(conn: Connection, written: Sequence[tuple[_Waiting, Taken]]) -> None:
    recorded = [(t.message.key, url) for one, t in written if (url := one.wish.recording)]
    if recorded:
        await recordings.keep(conn, recorded)


def _answered(one: _Waiting) -> Answered:
    keyed, taken = one.wish.keyed, one.taken
    if keyed is None or taken is None:
        raise ValueError("only a built message with a key has an answer to keep")
    answer = one.wish.answer(taken)
    return Answered(keyed.owner, keyed.key, keyed.request, _CREATED, answer)


def _repeat(one: Answered, first: Mapping[tuple[str, str], Answered]) -> Any:  # noqa: ANN401 - JSON
    """Return the first answer; KeyReusedError when it was to another request."""
    before = first.get(one.owned)
    if before is None or before.request != one.request:
        return KeyReusedError(one.key)
    return before.answer
