"""Loading states: one frozen view of a message for a decision, many messages a round trip."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias
from uuid import UUID

import structlog

from gateway.domain.accounts import Account
from gateway.domain.attempts import Attempt
from gateway.domain.contacts import USUAL_LIMIT, Rung
from gateway.domain.content import Content
from gateway.domain.documents import AccountDocument, compile_account
from gateway.domain.flags import Flags
from gateway.domain.jobs import Job
from gateway.domain.messages import Key, Message
from gateway.domain.months import EVER, NEVER, first_month, span
from gateway.domain.state import State
from gateway.store.claims import CODE_RESTS
from gateway.store.jobs import Claimed
from gateway.store.pool import Connection, Record
from gateway.store.queries import load
from gateway.store.rows import attempt_from, content_from, job_in, key_of, message_from
from gateway.store.specials import Stood, in_order, stood_from
from schedules.walltime import local_date

_log = structlog.get_logger(__name__)
_queries = load("states")
# Compiled documents kept at most; the oldest goes first.
_KEPT = 20_000
Version: TypeAlias = tuple[str, int]
About: TypeAlias = Key | UUID  # a message, by itself or by one of its attempts


class Known(NamedTuple):
    """A compiled account, its people's phones, and those of them with a limit of their own."""

    account: Account
    phones: tuple[str, ...]
    limited: tuple[str, ...]


class Accounts:
    """Compiled account documents by version: immutable, so once read they are never read again."""

    def __init__(self) -> None:
        self._known: dict[Version, Known] = {}

    async def compiled(self, conn: Connection, wanted: Iterable[Version]) -> dict[Version, Account]:
        """Return the accounts of these versions; unknown ones are left out."""
        known = await self.known(conn, set(wanted))
        return {version: one.account for version, one in known.items()}

    async def known(self, conn: Connection, wanted: AbstractSet[Version]) -> dict[Version, Known]:
        """Return what is known of these versions; unknown ones are left out."""
        missing = [key for key in wanted if key not in self._known]
        if missing:
            columns = [list(column) for column in zip(*missing, strict=True)]
            for row in await conn.fetch(_queries.load_documents, *columns):
                self._compile((row["account"], row["version"]), row["document"])
        return {key: self._known[key] for key in wanted if key in self._known}

    def _compile(self, key: Version, stored: object) -> None:
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
        self._keep(key, _known(account))

    def _keep(self, key: Version, known: Known) -> None:
        while len(self._known) >= _KEPT:
            del self._known[next(iter(self._known))]
        self._known[key] = known


def _known(account: Account) -> Known:
    people = account.contacts.values()
    office = account.office.phone if account.office else None
    phones = {phone for one in people for phone in (one.phone, one.sms)} | {office}
    limited = {one.phone for one in people if one.phone_limit}
    return Known(account, tuple(filter(None, phones)), tuple(filter(None, limited)))


class _Loaded(NamedTuple):
    """A message as it stands in the store."""

    message: Message
    content: Content | None
    jobs: tuple[Job, ...]
    attempts: tuple[Attempt, ...]
    document: int | None

    @property
    def version(self) -> Version:
        """The account's document in force."""
        return self.message.key.account, self.document or 0


class _Around(NamedTuple):
    """What stands around messages: flags, calls and codes of phones, accounts told of a day."""

    flags: dict[str, Flags]
    busy: dict[str, datetime]
    codes: dict[str, set[str]]
    told: set[str]
    calls: dict[str, tuple[datetime, ...]]
    specials: dict[str, list[Stood]]
    rung: dict[str, Rung]


class States:
    """Loads states over whatever connection it is given."""

    def __init__(self, public_url: str) -> None:
        self.accounts = Accounts()
        self._public_url = public_url

    async def of(self, conn: Connection, keys: Sequence[Key]) -> dict[Key, State]:
        """Load the states of messages by key, as an event needs them.

        A key without a message is left out.
        """
        return await self._found(conn, await _load(conn, keys))

    async def about(self, conn: Connection, wanted: Sequence[About]) -> dict[About, State]:
        """Load the same by key or by an attempt of the message; what is unknown is left out."""
        keys = [one for one in wanted if isinstance(one, Key)]
        attempts = [one for one in wanted if not isinstance(one, Key)]
        states = await self._found(conn, await _load(conn, keys, attempts))
        of = {one.id: state for state in states.values() for one in state.attempts}
        found = ((one, states.get(one) if isinstance(one, Key) else of.get(one)) for one in wanted)
        return {one: state for one, state in found if state is not None}

    async def _found(self, conn: Connection, loaded: Sequence[_Loaded]) -> dict[Key, State]:
        known = await self.accounts.known(conn, {one.version for one in loaded})
        return self._states(loaded, known, _nothing())

    async def to_plan(
        self, conn: Connection, keys: Sequence[Key], now: datetime
    ) -> dict[Key, State]:
        """Load states with what a plan needs besides: flagged phones, taken codes, blank days."""
        return await self._planned(conn, await _load(conn, keys), now)

    async def of_claimed(
        self, conn: Connection, claimed: Sequence[Claimed], now: datetime
    ) -> dict[Key, State]:
        """Give states to plan for claimed jobs; where the claim's are not whole they are loaded."""
        loaded = await _load(conn, [one.key for one in claimed if not one.whole])
        loaded += [
            _Loaded(one.message, one.content, (one.job,), (), one.document)
            for one in claimed
            if one.whole and one.message
        ]
        return await self._planned(conn, loaded, now)

    async def _planned(
        self, conn: Connection, loaded: Sequence[_Loaded], now: datetime
    ) -> dict[Key, State]:
        known = await self.accounts.known(conn, {one.version for one in loaded})
        around = await _surroundings(conn, known.values(), now)
        await _add_recipients(conn, loaded, around)
        return self._states(loaded, known, around)

    def _states(
        self, loaded: Iterable[_Loaded], known: Mapping[Version, Known], around: _Around
    ) -> dict[Key, State]:
        states: dict[Key, State] = {}
        specials = {account: in_order(stood) for account, stood in around.specials.items()}
        for one in loaded:
            message, content, jobs, attempts, document = one
            found = known.get(one.version)
            states[message.key] = State(
                message,
                content,
                jobs,
                attempts,
                found.account if found else None,
                document or 0,
                self._public_url,
                around.flags,
                around.busy,
                around.codes,
                message.key.account in around.told,
                around.calls,
                specials.get(message.key.account, ()),
                None,
                around.rung,
            )
        return states

    async def key_of_ucn(self, conn: Connection, ucn: str) -> Key | None:
        """Find a message by its UCN."""
        row = await conn.fetchrow(_queries.key_of_ucn, ucn)
        return key_of(row) if row else None

    async def key_of_job(self, conn: Connection, job: UUID) -> Key | None:
        """Find the message of a job."""
        row = await conn.fetchrow(_queries.key_of_job, job)
        return key_of(row) if row else None


async def _load(
    conn: Connection, keys: Sequence[Key], attempts: Sequence[UUID] = ()
) -> list[_Loaded]:
    """Load messages with all their jobs and attempts; what is unknown is left out."""
    if not keys and not attempts:
        return []
    columns = [list(column) for column in zip(*keys, strict=True)] or [[], [], []]
    # What message an attempt belongs to, and of which month, is not known before.
    first = EVER[0] if attempts else first_month(keys)
    months = span(attempts) if attempts else NEVER
    rows = await conn.fetch(_queries.load_messages, *columns, attempts, *months, first)
    return [
        _Loaded(
            message_from(row),
            content_from(row["content"]),
            tuple([job_in(one) for one in row["jobs"]]),
            tuple([attempt_from(one) for one in row["attempts"]]),
            row["document"],
        )
        for row in rows
    ]


def _nothing() -> _Around:
    return _Around({}, {}, {}, set(), {}, {}, {})


async def _surroundings(conn: Connection, known: Collection[Known], now: datetime) -> _Around:
    around = _nothing()
    if not known:
        return around
    phones = " ".join(phone for one in known for phone in one.phones)
    days = {zone: local_date(now, zone) for zone in {one.account.zone for one in known}}
    names = [one.account.account for one in known]
    dates = [days[one.account.zone] for one in known]
    since = now - CODE_RESTS
    rung = now - USUAL_LIMIT.per
    rows = await conn.fetch(_queries.load_surroundings, phones, since, names, dates, now, rung)
    _sort(rows, around)
    limited = [one for one in known if one.limited]
    if limited:
        await _add_calls(conn, limited, around, now)
    return around


def _sort(rows: Iterable[Record], around: _Around) -> None:
    """Put each row of what stands around where it belongs."""
    for what, name, word, opted_out, suspended, until in rows:
        match what:
            case "flag":
                around.flags[name] = Flags(opted_out, suspended, word)
            case "codes":
                around.codes[name] = {*word.split(" ")}
            case "taken":
                around.busy[name] = until
            case "rung":
                around.rung[name] = _rung(word, until)
            case "special":
                around.specials.setdefault(name, []).append(stood_from(until, word))
            case _:
                around.told.add(name)


def _rung(word: str, last: datetime) -> Rung:
    """Read how a phone was called: `times end`, the end in seconds since 1970 if all are over."""
    times, _, over = word.partition(" ")
    return Rung(int(times), last, datetime.fromtimestamp(float(over), UTC) if over else None)


async def _add_calls(
    conn: Connection, known: Sequence[Known], around: _Around, now: datetime
) -> None:
    """Read when phones with a limit of their own were called; few accounts have any."""
    longest = max(one.account.longest_limit or timedelta() for one in known)
    phones = [phone for one in known for phone in one.limited]
    for row in await conn.fetch(_queries.load_calls, phones, now - longest):
        phone = row["address"]
        around.calls[phone] = (*around.calls.get(phone, ()), row["started_at"])


async def _add_recipients(conn: Connection, loaded: Iterable[_Loaded], around: _Around) -> None:
    """Read what is known against numbers of resends, which may be nobody's of the account."""
    jobs = (job for one in loaded for job in one.jobs if job.request and not job.state.terminal)
    numbers = [job.request.address for job in jobs if job.request]
    if not numbers:
        return
    for row in await conn.fetch(_queries.load_flags, numbers):
        around.flags[row["phone"]] = Flags(row["opted_out"], row["suspended"], row["word"])
