"""Loading states: one frozen view of a message for a decision, many messages a round trip."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog

from gateway.domain.accounts import Account
from gateway.domain.attempts import Attempt
from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.messages import Key
from gateway.domain.state import Flags, State
from gateway.store.claims import CODE_RESTS
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import attempt_from, content_from, job_from, key_of, message_from
from gateway.store.specials import Stood, in_order, stood_from

_log = structlog.get_logger(__name__)
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
                self._compile((row["account"], row["version"]), row["document"])
        return {key: self._compiled[key] for key in wanted if key in self._compiled}

    def _compile(self, key: tuple[str, int], stored: object) -> None:
        """Compile a stored document; one that no longer fits is as good as missing (held)."""
        try:
            account = compile_account(AccountDocument.model_validate(stored))
        except ValueError as fault:
            # The fault's own words quote the document, and with it phones and PINs.
            kind = type(fault).__name__
            _log.error(
                "document unreadable", action="account.unreadable", account=key[0], fault=kind
            )
            return
        self._keep(key, account)

    def _keep(self, key: tuple[str, int], account: Account) -> None:
        while len(self._compiled) >= _KEPT:
            del self._compiled[next(iter(self._compiled))]
        self._compiled[key] = account


@dataclass(frozen=True, slots=True)
class _Around:
    flags: dict[str, Flags]
    codes: dict[str, set[str]]
    told: set[str]
    busy: dict[str, datetime]
    calls: dict[str, tuple[datetime, ...]]
    specials: dict[str, list[Stood]]


class States:
    """Loads states over whatever connection it is given."""

    def __init__(self, public_url: str) -> None:
        self.accounts = Accounts()
        self._public_url = public_url

    async def of(self, conn: Connection, keys: Sequence[Key]) -> dict[Key, State]:
        """Load the states of messages by key, as an event needs them.

        A key without a message is left out.
        """
        return await self._load(conn, keys, fresh=False)

    async def to_plan(
        self, conn: Connection, keys: Sequence[Key], now: datetime, *, fresh: bool = False
    ) -> dict[Key, State]:
        """Load states with what a plan needs besides: flagged phones, taken codes, blank days.

        `fresh` leaves out attempts, because there are none yet.
        """
        states = await self._load(conn, keys, fresh=fresh)
        accounts = {one.account.account: one.account for one in states.values() if one.account}
        around = await self._surroundings(conn, accounts.values(), now)
        return {
            key: state._replace(
                flags=around.flags,
                busy=around.busy,
                taken_codes=around.codes,
                blank_told=key.account in around.told,
                calls=around.calls,
                specials=in_order(around.specials.get(key.account, ())),
            )
            for key, state in states.items()
        }

    async def _load(
        self, conn: Connection, keys: Sequence[Key], *, fresh: bool
    ) -> dict[Key, State]:
        if not keys:
            return {}
        columns = [list(column) for column in zip(*keys, strict=True)]
        messages = await conn.fetch(_queries.load_messages, *columns)
        jobs = _grouped(await conn.fetch(_queries.load_jobs, *columns), job_from)
        attempts: dict[Key, list[Attempt]] = {}
        if not fresh:
            attempts = _grouped(await conn.fetch(_queries.load_attempts, *columns), attempt_from)
        versions = {(m["account"], m["document"]) for m in messages if m["document"] is not None}
        accounts = await self.accounts.compiled(conn, versions)
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
            )
        return states

    async def _surroundings(
        self, conn: Connection, accounts: Collection[Account], now: datetime
    ) -> _Around:
        around = _Around({}, {}, set(), {}, {}, {})
        days = [(account.account, account.local_date(now)) for account in accounts]
        limited = [account for account in accounts if account.longest_limit]
        if not days:
            return around
        names, dates = ([*column] for column in zip(*days, strict=True))
        since = now - CODE_RESTS
        for row in await conn.fetch(_queries.load_surroundings, names, since, dates, now):
            name, word = row["name"], row["word"]
            match row["what"]:
                case "flag":
                    around.flags[name] = Flags(row["opted_out"], row["suspended"], word)
                case "code":
                    around.codes.setdefault(name, set()).add(word)
                case "taken":
                    around.busy[name] = row["until"]
                case "special":
                    stood = stood_from(row["until"], word)
                    around.specials.setdefault(name, []).append(stood)
                case _:
                    around.told.add(name)
        if limited:
            await self._add_calls(conn, limited, around, now)
        return around

    async def _add_calls(
        self, conn: Connection, accounts: Sequence[Account], around: _Around, now: datetime
    ) -> None:
        """Read when phones with a limit of their own were called; few accounts have any."""
        longest = max(one.longest_limit or timedelta() for one in accounts)
        people = [person for one in accounts for person in one.contacts.values()]
        phones = [one.phone for one in people if one.phone and one.phone_limit]
        for row in await conn.fetch(_queries.load_calls, phones, now - longest):
            phone = row["address"]
            around.calls[phone] = (*around.calls.get(phone, ()), row["started_at"])

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


def _grouped(rows: Sequence[Record], read: Callable[[Record], _Row]) -> dict[Key, list[_Row]]:
    groups: dict[Key, list[_Row]] = {}
    for row in rows:
        groups.setdefault(key_of(row), []).append(read(row))
    return groups
