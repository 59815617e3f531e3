"""Jobs in the store: claimed by lease and fence, put back, found when due; errands likewise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Self
from uuid import UUID

from gateway.domain.change import Errand, ErrandKind
from gateway.domain.content import Content
from gateway.domain.jobs import Job
from gateway.domain.messages import Key, Message
from gateway.domain.months import span
from gateway.store.claims import CODE_RESTS
from gateway.store.following import EVER, LONG_AGO, Since
from gateway.store.pool import Connection, Record, untangled
from gateway.store.queries import load
from gateway.store.rows import JOB_COLUMNS, content_from, instant, job_of, key_of, message_of

LEASE: Final = timedelta(seconds=15)
ERRAND_LEASE: Final = timedelta(seconds=30)
# The first key of a boot's advisory lock; the second is the boot's number.
BOOT_LOCK: Final = 0x6470_6264
_queries = load("jobs")


class Claimed(NamedTuple):
    """A job that is ours for the length of a lease, and what the claim has read beside it.

    `whole`: that is all there is to know of the message, as nothing was tried for the job yet and
    there is no other. `document` is the version in force, None without an account.
    """

    job: Job
    message: Message | None
    content: Content | None
    document: int | None
    whole: bool

    @property
    def id(self) -> UUID:
        """The job's id."""
        return self.job.id

    @property
    def key(self) -> Key:
        """The message's key."""
        return self.job.key

    @property
    def due_at(self) -> datetime | None:
        """When its next step was promised."""
        return self.job.due_at

    def anew(self) -> Self:
        """Return it to be loaded again, since what the claim has read holds no longer."""
        return self._replace(whole=False)


class Placed(NamedTuple):
    """An attempt the carrier took, and when to look it up if nothing is heard of it.

    `shared`: it carries other messages' attempts, which are known by the same SID.
    """

    attempt: UUID
    sid: str
    check_at: datetime
    shared: bool = False


async def board(conn: Connection) -> int:
    """Give this process a number and hold its advisory lock as long as `conn` lives."""
    boot = int(await conn.fetchval(_queries.new_boot))
    await conn.execute(_queries.hold_boot, BOOT_LOCK, boot)
    return boot


async def claim(
    conn: Connection, boot: int, now: datetime, *, since: Since = EVER, most: int = 100
) -> list[Claimed]:
    """Claim the most urgent due jobs, at most `most` (and a tenth for each lesser class)."""
    until = now + LEASE
    rows = await conn.fetch(_queries.claim_jobs, boot, until, now, since, most)
    claimed = [_claimed(row) for row in rows]
    return sorted(claimed, key=lambda one: (one.job.priority, one.job.due_at or now, one.job.id))


def _claimed(row: Record) -> Claimed:
    job = job_of((*row[:7], *map(instant, row[7:11]), *row[11:JOB_COLUMNS]))
    priority, form, by, at, state, evidence, to, until, *head, words, document, whole = row[
        JOB_COLUMNS:
    ]
    if priority is None:  # a job without a message cannot be planned
        return Claimed(job, None, None, None, whole=False)
    columns = priority, form, by, instant(at), state, evidence, to, instant(until), *head
    return Claimed(job, message_of(job.key, columns), content_from(words), document, whole)


def one_a_message(claimed: Sequence[Claimed]) -> tuple[list[Claimed], list[Claimed]]:
    """Split off what may be planned together: one job a message, since its row is the lock."""
    first: dict[Key, Claimed] = {}
    later = [one for one in claimed if first.setdefault(one.key, one) is not one]
    return list(first.values()), later


async def postpone(conn: Connection, boot: int, until: Mapping[UUID, datetime]) -> None:
    """Have claimed jobs come back later; their due time is untouched."""
    if until:
        rows = ([*until], [*until.values()])
        await untangled(lambda: conn.execute(_queries.postpone_jobs, *rows, boot))


class Swept(NamedTuple):
    """What a sweep found: whether anything is due, whoever holds it, and what comes next.

    `next_at` is as of `following.next_due`; `lease_ends` when the first lease of the living does:
    its job is anybody's then. `awaited`: the channels for a number of which somebody waits. No duty
    need be looked for before `duty_at` (None: at all), and on no line is anything to be read unless
    one is `troubled`.
    """

    due: bool
    next_at: datetime | None
    lease_ends: datetime | None = None
    awaited: Sequence[str] = ()
    duty_at: datetime | None = None
    troubled: bool = False


async def sweep(conn: Connection, now: datetime, *, since: datetime = LONG_AGO) -> Swept:
    """Look after what nobody else will: silent attempts, and leases of the dead.

    An attempt that was intended and never heard of again is due: its process died, or the answer
    did. Only those are looked for that were begun `since` then.
    """
    ahead = await untangled(lambda: conn.fetchrow(_queries.sweep, now, since))
    assert ahead is not None  # noqa: S101 - it selects one row
    due, next_at, awaited, duty_at, troubled = ahead
    swept = Swept(due, next_at, None, tuple(awaited), duty_at, troubled)
    if not swept.due:  # only what is due can be leased
        return swept
    leases = await untangled(lambda: _look_after_leases(conn, now))
    return swept._replace(lease_ends=leases["ends"])


async def forget_codes(conn: Connection, now: datetime) -> None:
    """Forget codes that were closed so long ago that they may be given again."""
    await conn.execute(_queries.forget_codes, now - CODE_RESTS)


async def keep_phones(conn: Connection, since: datetime, until: datetime) -> None:
    """Have all phones that were in use at `since` count as such until `until`, at most.

    For a clock that was set ahead from `since`: their calls go on. Their ends are heard of as ever.
    """
    await untangled(lambda: conn.execute(_queries.keep_phones, since, until))


async def free_leases_of_the_dead(conn: Connection, now: datetime) -> int:
    """Void the leases of processes that are gone; return how many jobs that freed."""
    return int((await _look_after_leases(conn, now))["freed"])


async def _look_after_leases(conn: Connection, now: datetime) -> Record:
    found = await conn.fetchrow(_queries.free_leases_of_the_dead, BOOT_LOCK, now)
    assert found is not None  # noqa: S101 - it selects one row
    return found


async def note_placed(conn: Connection, placed: Sequence[Placed]) -> None:
    """Record what the carrier took, for many attempts at once."""
    rows = [(one.attempt, one.sid, one.check_at.timestamp()) for one in placed]
    months = span(one.attempt for one in placed)
    await untangled(lambda: conn.execute(_queries.note_placed, rows, *months))
    carried = [row for one, row in zip(placed, rows, strict=True) if one.shared]
    if carried:
        await untangled(lambda: conn.execute(_queries.note_carried, carried, months[0]))


@dataclass(frozen=True, slots=True)
class DueErrand:
    """An errand to perform, how often it was tried, and whose it is."""

    errand: Errand
    key: Key | None
    tries: int


async def claim_errands(
    conn: Connection, now: datetime, most: int = 100, alerts: int = 100, cases: int = 100
) -> list[DueErrand]:
    """Claim due errands, oldest first: `most`, and so many `alerts` and `cases` besides."""
    until = now + ERRAND_LEASE
    rows = await conn.fetch(_queries.claim_errands, now, until, most, alerts, cases)
    return sorted((_errand(row) for row in rows), key=lambda one: one.errand.at)


def _errand(row: Record) -> DueErrand:
    errand = Errand(
        id=row["id"],
        kind=ErrandKind(row["kind"]),
        at=row["next_at"],
        job=row["job"],
        attempt=row["attempt"],
        payload=row["payload"],
    )
    return DueErrand(errand, key_of(row) if row["ucn"] else None, row["tries"])


async def add_alert(
    conn: Connection, errand: UUID, at: datetime, payload: Mapping[str, str]
) -> None:
    """Have people alerted about something that belongs to no message."""
    await conn.execute(_queries.add_errand, errand, ErrandKind.ALERT.value, dict(payload), at)


async def done_errand(conn: Connection, errand: UUID) -> None:
    """Forget an errand that was performed or given up."""
    await conn.execute(_queries.done_errands, [errand])


async def take_errand(conn: Connection, errand: UUID) -> bool:
    """Perform an errand by what this transaction writes; False when somebody else has."""
    return await conn.fetchval(_queries.take_errand, errand) is not None


async def postpone_errand(conn: Connection, errand: UUID, until: datetime) -> None:
    """Try an errand again at `until`."""
    await conn.execute(_queries.postpone_errand, errand, until)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an attempt stands at the carrier, for an errand about it.

    `sender` is the number of ours that it went from; `needed`: another message that is on the same
    call still waits for somebody.
    """

    sid: str | None
    outcome: str | None
    over: bool
    contact: str
    started_at: datetime
    needed: bool
    address: str
    sender: str | None


async def standing_of(conn: Connection, attempt: UUID) -> Standing | None:
    """Look an attempt up; None when it is unknown."""
    row = await conn.fetchrow(_queries.attempt_sid, attempt, *span([attempt]))
    if row is None:
        return None
    over = row["ended_at"] is not None
    known = row["sid"], row["outcome"], over, row["contact"], row["started_at"]
    return Standing(*known, row["needed"], row["address"], row["sender"])


async def unclaimed_sids(
    conn: Connection, phone: str, sids: Sequence[str], since: datetime
) -> frozenset[str]:
    """Return those SIDs that no attempt to that phone since then has yet."""
    rows = await conn.fetch(_queries.claimed_sids, phone, sids, since)
    return frozenset(sids) - {row["sid"] for row in rows}


async def owner_of(conn: Connection, job: UUID) -> str | None:
    """Return the actor who has claimed a job; None for nobody, or no such job."""
    owner: str | None = await conn.fetchval(_queries.owner_of, job)
    return owner
