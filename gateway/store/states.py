"""Loading states: one frozen view of a message for a decision, many messages a round trip."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from gateway.domain.accounts import Account
from gateway.domain.attempts import Attempt
from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.jobs import Job
from gateway.domain.messages import Key
from gateway.domain.state import Flags, State
from gateway.store.claims import CODE_RESTS
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import attempt_from, content_from, job_from, key_of, message_from

_queries = load("states")
# Compiled documents kept at most; the oldest goes first.
_KEPT = 20_000
_Row = TypeVar("_Row")


class Accounts:
    """Compiled account documents by version: immutable, so once read they are never read again."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, int], Account] = {}

    async def compiled(
        self, conn: Connection, wanted: Iterable[tuple[str, int]]
    ) -> dict[tuple[str, int], Account]:
        """Return the accounts of these versions; unknown ones are left out."""
        wanted = set(wanted)
        missing = [key for key in wanted if key not in self._compiled]
        if missing:
            columns = [list(column) for column in zip(*missing, strict=True)]
            for row in await conn.fetch(_queries.load_documents, *columns):
                document = AccountDocument.model_validate(row["document"])
                self._keep((row["account"], row["version"]), compile_account(document))
        return {key: self._compiled[key] for key in wanted if key in self._compiled}

    def _keep(self, key: tuple[str, int], account: Account) -> None:
        while len(self._compiled) >= _KEPT:
            del self._compiled[next(iter(self._compiled))]
        self._compiled[key] = account


class States:
    """Loads states over whatever connection it is given."""

    def __init__(self, public_url: str) -> None:
        self.accounts = Accounts()
        self._public_url = public_url

    async def of(
        self, conn: Connection, keys: Sequence[Key], now: datetime, *, fresh: bool = False
    ) -> dict[Key, State]:
        """Load the states of messages by key; `fresh` leaves out attempts (there are none yet).

        A key without a message is left out.
        """
        if not keys:
            return {}
        columns = [list(column) for column in zip(*keys, strict=True)]
        messages = await conn.fetch(_queries.load_messages, *columns)
        jobs = _grouped(await conn.fetch(_queries.load_jobs, *columns), job_from)
        attempts: dict[Key, list[Attempt]] = {}
        if not fresh:
            attempts = _grouped(await conn.fetch(_queries.load_attempts, *columns), attempt_from)
        return await self._put_together(conn, messages, (jobs, attempts), now)

    async def _put_together(
        self,
        conn: Connection,
        messages: Sequence[Record],
        parts: tuple[dict[Key, list[Job]], dict[Key, list[Attempt]]],
        now: datetime,
    ) -> dict[Key, State]:
        jobs, attempts = parts
        versions = {(m["account"], m["document"]) for m in messages if m["document"] is not None}
        accounts = await self.accounts.compiled(conn, versions)
        flags = await self._flags(conn, [account for account, _ in versions])
        told = await self._told(conn, accounts.values(), now)
        codes = await self._codes(conn, [account for account, _ in versions], now)
        states: dict[Key, State] = {}
        for row in messages:
            key = key_of(row)
            states[key] = State(
                message=message_from(row),
                content=content_from(row["content"]),
                jobs=tuple(jobs.get(key, ())),
                attempts=tuple(attempts.get(key, ())),
                account=accounts.get((key.account, row["document"])),
                document=row["document"] or 0,
                public_url=self._public_url,
                flags=flags,
                taken_codes=codes,
                blank_told=key.account in told,
            )
        return states

    async def _flags(self, conn: Connection, accounts: list[str]) -> dict[str, Flags]:
        rows = await conn.fetch(_queries.load_flags, accounts)
        return {r["phone"]: Flags(r["opted_out"], r["suspended"], r["reason"]) for r in rows}

    async def _told(
        self, conn: Connection, accounts: Iterable[Account], now: datetime
    ) -> frozenset[str]:
        days = [(account.account, account.local_date(now)) for account in accounts]
        if not days:
            return frozenset()
        columns = [list(column) for column in zip(*days, strict=True)]
        rows = await conn.fetch(_queries.load_blank_days, *columns)
        return frozenset(row["account"] for row in rows)

    async def key_of_attempts(self, conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Key]:
        """Find the messages of attempts; an unknown attempt is left out."""
        rows = await conn.fetch(_queries.keys_of_attempts, ids)
        return {row["id"]: key_of(row) for row in rows}

    async def key_of_ucn(self, conn: Connection, ucn: str) -> Key | None:
        """Find a message by its UCN."""
        row = await conn.fetchrow(_queries.key_of_ucn, ucn)
        return key_of(row) if row else None

    async def key_of_job(self, conn: Connection, job: UUID) -> Key | None:
        """Find the message of a job."""
        row = await conn.fetchrow(_queries.key_of_job, job)
        return key_of(row) if row else None

    async def _codes(
        self, conn: Connection, accounts: list[str], now: datetime
    ) -> dict[str, set[str]]:
        """Return the codes that phones cannot be given now."""
        taken: dict[str, set[str]] = {}
        for row in await conn.fetch(_queries.load_codes, accounts, now - CODE_RESTS):
            taken.setdefault(row["phone"], set()).add(row["code"])
        return taken


def _grouped(rows: Sequence[Record], read: Callable[[Record], _Row]) -> dict[Key, list[_Row]]:
    groups: dict[Key, list[_Row]] = {}
    for row in rows:
        groups.setdefault(key_of(row), []).append(read(row))
    return groups
