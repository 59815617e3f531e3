"""What a document would change before it is in force: fields, people and open messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.accounts import Account
from gateway.domain.document_changes import Edit
from gateway.domain.jobs import Job
from gateway.domain.moves import Kind, Move, kinds_of, moves
from gateway.domain.outlook import Known
from gateway.domain.reached import differ, instants, reached
from gateway.domain.rounds import NAMED
from gateway.domain.state import State

AHEAD: Final = timedelta(days=14)
# Open messages are looked at this long from their next instant on: by then a lead has them.
MESSAGE_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Affected:
    """An open message that would go on otherwise: `schedule`, `reached`, `protocol`, `details`."""

    ucn: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change; `version` is the one in force (None: a new account).

    `kinds` are all kinds of messages that were looked at from `start` to `end`.
    """

    account: Account
    version: int | None
    start: datetime
    end: datetime
    edits: tuple[Edit, ...]
    kinds: tuple[Kind, ...]
    moves: tuple[Move, ...]
    messages: tuple[Affected, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a preview is made from, as it is stored at `now`.

    `old` is the account in force, None if there is none; `version` its document's; `opened` are its
    messages with open jobs, `known` the flags of both's phones and the specials posted.
    """

    old: Account | None
    new: Account
    version: int | None
    edits: tuple[Edit, ...]
    opened: Sequence[State]
    known: Known
    now: datetime


def compare(ground: Ground) -> Preview:
    """Return what would change if the new account came into force now; it may take a second."""
    old, new, now = ground.old, ground.new, ground.now
    end = now + AHEAD
    return Preview(
        account=new,
        version=ground.version,
        start=now,
        end=end,
        edits=ground.edits,
        kinds=kinds_of(old, new),
        moves=tuple(moves(old, new, now, end, ground.known)) if ground.edits else (),
        messages=tuple(_affected(new, ground.opened, now)) if ground.edits else (),
    )


def _affected(new: Account, states: Sequence[State], now: datetime) -> Iterator[Affected]:
    """Yield the messages whose open jobs would go on otherwise if `new` came into force now."""
    for state in states:
        reasons = {
            why
            for job in state.jobs
            if not job.state.terminal
            for why in _reasons(state, state._replace(account=new), job, now)
        }
        if reasons:
            order = ("schedule", "reached", "protocol", "details")
            yield Affected(state.message.key.ucn, tuple(w for w in order if w in reasons))


def _reasons(old: State, new: State, job: Job, now: datetime) -> Iterator[str]:
    was, will = _selected(old, job), _selected(new, job)
    if was != will and not (was and will and was.casefold() == will.casefold()):
        yield "schedule"
    if old.account is None or new.account is None or old.account.phi != new.account.phi:
        yield "details"
    end = max(now, job.next_at or now) + MESSAGE_AHEAD
    for at in instants(((old.account, was), (new.account, will)), now, end, old.specials)[:-1]:
        if differ(reached(old, was, job, at), reached(new, will, job, at)):
            yield "reached"
        if _protocol(old, at) != _protocol(new, at):
            yield "protocol"


def _protocol(state: State, at: datetime) -> object:
    m = state.message
    return state.account and state.account.protocol_for(m.priority.word, m.form, at)


def _selected(state: State, job: Job) -> str | None:
    """Return the schedule the job's next round goes by, as rounds choose it; None: it is held."""
    account = state.account
    if account is None:
        return None
    chosen = job.round.schedule
    if (job.round.open or job.reason == NAMED) and chosen.casefold() in account.names:
        return chosen
    fields = state.content.fields if state.content else {}
    return account.schedule_for(fields, state.message.form)
