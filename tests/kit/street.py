"""A street without a store: the rows of one message, and decisions applied to them at once.

It keeps the store's promises (heads, versions, what the wire's answer writes) and checks that every
change fits what is there, so that tests of the pure heart read like a conversation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson

from gateway.domain.absorb import absorb
from gateway.domain.accounts import Account
from gateway.domain.attempts import CALL_CHECK, TEXT_CHECK, Attempt, AttemptState
from gateway.domain.change import CallOut, Change, Errand, ErrandKind, Link, Look, MailOut, TextOut
from gateway.domain.content import Content
from gateway.domain.dispatch import next_step
from gateway.domain.documents import compile_account
from gateway.domain.events import Event
from gateway.domain.flags import Flags
from gateway.domain.history import Item, verify
from gateway.domain.jobs import Job
from gateway.domain.messages import Message, Priority
from gateway.domain.specials import Special
from gateway.domain.speech import Speech
from gateway.domain.state import State
from gateway.domain.taking import take
from tests.kit.desk import NOON, Dice, document, intake

ANN, BOB, CHO = "+12025550101", "+12025550102", "+12025550103"
URL = "https://dispatch.example"
_Row = TypeVar("_Row")


def changed(row: _Row, **fields: object) -> _Row:
    """Return a row with other fields, whichever kind of frozen row it is."""
    named: Any = row
    other: _Row = named._replace(**fields) if hasattr(row, "_replace") else replace(named, **fields)
    return other


def shift(contact: str, role: str = "oncall", status: str = "call") -> dict[str, str]:
    """Return somebody who is always on call."""
    return {"contact": contact, "role": role, "status": status, "weekly": "Mon-Sun 00:00-24:00"}


def roster(*shifts: dict[str, str], **keys: object) -> dict[str, object]:
    """Return the one schedule with these shifts, for `document`."""
    return {"schedules": [{"name": "OnCall", "shifts": list(shifts), **keys}]}


def protocol(**keys: object) -> dict[str, object]:
    """Return one protocol for everything, for `document`."""
    return {"protocols": [{"name": "all", **keys}]}


def compiled(**keys: object) -> Account:
    """Return the example account, compiled, with these keys of its document replaced."""
    return compile_account(document(**keys))


@dataclass
class Street:
    """One message of one account, as far as it has come; `now` stands at NOON until wound."""

    account: Account | None
    message: Message
    content: Content | None
    jobs: dict[UUID, Job]
    now: datetime = NOON
    chance: Dice = field(default_factory=Dice)
    attempts: dict[UUID, Attempt] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    flags: dict[str, Flags] = field(default_factory=dict)
    busy: dict[str, datetime] = field(default_factory=dict)
    codes: dict[str, frozenset[str]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    calls: dict[str, UUID] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    version: int = 1
    specials: tuple[Special, ...] = ()
    shut: dict[str, datetime] = field(default_factory=dict)
    doubtful: bool = False

    def state(self) -> State:
        """Return everything a decision may look at."""
        told = self.account is not None and self.account.local_date(self.now) in self.days
        return State(
            message=self.message,
            content=self.content,
            jobs=tuple(self.jobs.values()),
            attempts=tuple(self.attempts.values()),
            account=self.account,
            document=self.version,
            public_url=URL,
            flags=self.flags,
            busy=self._taken() | self.busy,
            taken_codes=self.codes,
            blank_told=told,
            specials=self.specials,
            shut=self.shut,
            doubtful=self.doubtful,
        )

    def _taken(self) -> dict[str, datetime]:
        """Return the phones whose calls of this message's own are open, as the store knows them."""
        return {phone: self.until[phone] for phone in self.calls if self.until[phone] > self.now}

    @property
    def job(self) -> Job:
        """Return the newest job."""
        return list(self.jobs.values())[-1]

    @property
    def last(self) -> Attempt:
        """Return the newest attempt."""
        return list(self.attempts.values())[-1]

    def wind(self, **span: float) -> "Street":
        """Let time pass."""
        self.now += timedelta(**span)
        return self

    def step(self, job: UUID | None = None) -> Change:
        """Plan a job that is due and write what is decided."""
        return self.write(next_step(self.state(), job or self.job.id, self.now, self.chance))

    def go(self) -> Change:
        """Plan the job while it is due and asks nothing of the wire."""
        for _ in range(50):
            change = self.step()
            at = self.job.next_at
            if change.wire is not None or at is None or at > self.now:
                return change
        raise AssertionError("the job does not come to rest")

    def reach(self) -> Attempt:
        """Plan until the wire is asked for something; the carrier takes it at once."""
        change = self.go()
        while isinstance(change.wire, MailOut) and self.due:
            change = self.go()
        assert change.wire is not None, self.kinds()
        self.accepted(change)
        return self.attempts[change.wire.attempt]

    @property
    def due(self) -> bool:
        """Tell whether the job may be claimed now."""
        return self.job.next_at is not None and self.job.next_at <= self.now

    def accepted(self, change: Change) -> None:
        """Write what the store writes when the carrier has taken an attempt."""
        if not isinstance(change.wire, CallOut | TextOut):
            return
        one = self.attempts[change.wire.attempt]
        check = one.started_at + (CALL_CHECK if one.is_call else TEXT_CHECK)
        sid = one.sid or f"SID{one.id.hex}"
        risen = one.risen(AttemptState.SENT)
        self.attempts[one.id] = changed(risen, sid=sid, check_at=check)

    def tell(self, event: Event) -> Speech | None:
        """Absorb an event, write what it means and return what a call says to it."""
        change, speech = absorb(self.state(), event, self.now, self.chance)
        self.write(change)
        return speech

    def write(self, change: Change) -> Change:
        """Apply a change as the store does; it must fit what is there."""
        assert change.head_seq == self.message.head_seq
        assert all(self.jobs[job.id].version == job.version for job in change.jobs)
        self.message = change.message or self.message
        self.items += change.items
        self.jobs |= {job.id: changed(job, version=job.version + 1) for job in change.jobs}
        self.attempts |= {one.id: one for one in (*change.begun, *change.attempts)}
        self.errands += change.errands
        self.links += [change.link] if change.link else []
        self.days |= {change.blank_day} if change.blank_day else set()
        self._phones(change)
        self.changes.append(change)
        return change

    def _phones(self, change: Change) -> None:
        for flag in change.flags:
            old = self.flags.get(flag.phone, Flags())
            opted, out = old.opted_out or bool(flag.opted_out), bool(flag.suspended)
            reason = flag.suspended or old.reason
            self.flags[flag.phone] = Flags(opted, old.suspended or out, reason)
        self.calls = {
            phone: one
            for phone, one in self.calls.items()
            if one not in change.freed and self.until[phone] > self.now
        }
        if isinstance(change.wire, CallOut) and change.call_until is not None:
            assert change.wire.to not in self.calls
            self.calls[change.wire.to] = change.wire.attempt
            self.until[change.wire.to] = change.call_until

    def kinds(self, since: int = 0) -> list[str]:
        """Return the kinds of history so far, from item `since` on (0: all)."""
        return [item.kind for item in self.items[since:]]

    def told(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the history items of a kind as JSON, oldest first."""
        return [orjson.loads(item.body) for item in self.items if item.kind == kind]

    def alerts(self, sink: str = "lead") -> list[str]:
        """Return the reasons for which people were alerted."""
        rung = [e.payload or {} for e in self.errands if e.kind is ErrandKind.ALERT]
        return [one["reason"] for one in rung if one["sink"] == sink]

    def asked(self, kind: ErrandKind) -> list[UUID | None]:
        """Return the attempts about which the daemon has errands of that kind."""
        return [errand.attempt for errand in self.errands if errand.kind is kind]

    def dialed(self) -> list[str]:
        """Return whom the calls went to, in order."""
        return [one.contact for one in self.attempts.values() if one.is_call]

    def chain_holds(self) -> bool:
        """Tell whether the history is a chain that the message's head ends."""
        ends = (self.items[-1].seq, self.items[-1].hash)
        whole = verify((item.body, item.hash) for item in self.items) is None
        return whole and ends == (self.message.head_seq, self.message.head_hash)


def street(
    account: Account | None = None,
    *,
    priority: Priority = Priority.URGENT,
    seed: int = 1,
    fields: Mapping[str, str] | None = None,
) -> Street:
    """Return a message just taken for an account (the example one), with its one job due."""
    account = account or compiled()
    whole = intake()
    if fields is not None:
        whole = replace(whole, content=replace(whole.content, fields=fields))
    whole = replace(whole, priority=priority)
    taken = take(whole, "49000001", account, NOON, Dice(seed))
    jobs = {job.id: job for job in taken.jobs}
    return Street(
        account, taken.message, taken.content, jobs, chance=Dice(seed + 1), items=list(taken.items)
    )


def looks(changes: Iterable[Change]) -> list[Look]:
    """Return the look-ups among what was asked of the wire."""
    return [change.wire for change in changes if isinstance(change.wire, Look)]


def of(kinds: Sequence[str], *families: str) -> list[str]:
    """Keep the kinds of these families (`dial`, `sms` …), in order."""
    return [kind for kind in kinds if kind.partition(".")[0] in families]
