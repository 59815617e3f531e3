"""Sharing: what is due to one person at one instant goes out as one call or one text (S3-67).

Each message keeps an attempt, a history and evidence of its own. The attempt of the most urgent one
is on the wire and carries the others, which are planned once more as its riders.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from gateway.domain.attempts import Attempt
from gateway.domain.chance import Chance
from gateway.domain.change import CallOut, Change, TextOut
from gateway.domain.dispatch import next_step
from gateway.domain.protocols import SECOND
from gateway.domain.state import State
from gateway.domain.wording import text

MOST: Final = 5
_PHONED: Final = (CallOut, TextOut)
# A call may last this much longer for each message after the first.
MORE_SPEECH: Final = timedelta(seconds=45)


class Rules(NamedTuple):
    """What may be shared: calls of other accounts to the same number (a setting), and what fits.

    `fits(body, tail)` tells whether a text can be sent without being cut.
    """

    across: bool
    fits: Callable[[str, str], bool]


class Planned(NamedTuple):
    """One job's next step as it was planned for the message alone."""

    state: State
    job: UUID
    change: Change


def share(planned: Sequence[Planned], now: datetime, chance: Chance, rules: Rules) -> list[Change]:
    """Return the changes in the order given, those to one phone put together, `MOST` at most."""
    changes = [one.change for one in planned]
    phones = Counter([wire.to for one in changes if isinstance(wire := one.wire, _PHONED)])
    groups: dict[object, list[int]] = {}
    for place, one in enumerate(planned):
        # Nearly everybody is alone, which is seen by the phone.
        alone = not isinstance(wire := one.change.wire, _PHONED) or phones[wire.to] == 1
        if not alone and (whose := _whose(one, rules)):
            groups.setdefault(whose, []).append(place)
    for places in groups.values():
        for some in _parts(sorted(places, key=lambda n: _urgency(planned[n]))):
            together = _together([planned[n] for n in some], now, chance, rules)
            for place, change in zip(some, together, strict=True):
                changes[place] = change
    return changes


def _parts(places: Sequence[int]) -> Iterator[Sequence[int]]:
    """Part those who share into as many as go together; somebody alone shares nothing."""
    for first in range(0, len(places), MOST):
        some = places[first : first + MOST]
        if len(some) > 1:
            yield some


def _urgency(one: Planned) -> tuple[int, datetime, str]:
    """The most urgent and oldest message comes first."""
    message = one.state.message
    return message.priority, message.taken_at, message.key.ucn


def _whose(one: Planned, rules: Rules) -> object:
    """Name what must be alike in those who share a call or text; None for what goes alone."""
    state, wire = one.state, one.change.wire
    account = state.account
    if account is None or state.job(one.job).request is not None:
        return None  # a resend always sends (S3-16)
    match wire:
        case CallOut():
            person = _named(one) if rules.across else _person(one)
            return ("call", wire.to, wire.ring, wire.machine, *person)
        case TextOut() if not account.phi and _attempt(one.change, wire.attempt).method == "sms":
            return ("text", wire.to, *_person(one))
        case _:
            return None  # a link is one message's alone


def _person(one: Planned) -> tuple[str, str]:
    wire = one.change.wire
    contact = _attempt(one.change, wire.attempt).contact if wire else ""
    return one.state.message.key.account, contact


def _named(one: Planned) -> tuple[str]:
    """Name the person as people do: each account has keys of its own for the same one."""
    _, contact = _person(one)
    return (one.state.contact_name(contact).casefold(),)


def _attempt(change: Change, attempt: UUID) -> Attempt:
    return next(one for one in (*change.begun, *change.attempts) if one.id == attempt)


def _together(
    party: Sequence[Planned], now: datetime, chance: Chance, rules: Rules
) -> list[Change]:
    """Put the changes of a party together, the first one's attempt on the wire for all.

    A text carries as many as fit; the others keep their own.
    """
    alone = [one.change for one in party]
    wire = alone[0].wire
    if not isinstance(wire, CallOut | TextOut):
        return alone
    riders = _riders(party, wire, now, chance)
    if len(riders) < len(party) - 1:
        return alone
    if isinstance(wire, CallOut):
        return [_calling(alone[0], wire, riders), *riders]
    for many in range(len(riders), 0, -1):
        leader = _texting(party[: many + 1], wire, riders[:many], rules)
        if leader:
            return [leader, *riders[:many], *alone[many + 1 :]]
    return alone


def _riders(
    party: Sequence[Planned], wire: CallOut | TextOut, now: datetime, chance: Chance
) -> list[Change]:
    """Plan all but the first again, as carried by the first; each code of a text is another."""
    riders: list[Change] = []
    leader = _attempt(party[0].change, wire.attempt)
    codes = {leader.code}
    told = {party[0].change.key.account} if party[0].change.blank_day else set()
    for one in party[1:]:
        taken = one.state.taken_codes.get(wire.to, frozenset())
        state = one.state._replace(
            rides=wire.attempt,
            taken_codes={**one.state.taken_codes, wire.to: {*taken, *filter(None, codes)}},
            blank_told=one.state.blank_told or one.change.key.account in told,
        )
        change = next_step(state, one.job, now, chance)._replace(shares=wire.attempt)
        if not change.rides or not _alike(_rider(change), leader):
            break  # with what is known now somebody else or another way is reached: all go alone
        riders.append(change)
        codes.add(_rider(change).code)
        if change.blank_day:
            told.add(change.key.account)
    return riders


def _alike(one: Attempt, other: Attempt) -> bool:
    """Tell whether both reach the same phone by the same means."""
    return (one.method, one.address) == (other.method, other.address)


def _rider(change: Change) -> Attempt:
    return _attempt(change, change.rides[0][0])


def _leading(change: Change, attempt: UUID, wire: CallOut | TextOut) -> Change:
    """Mark the first message's attempt as the one that carries the others."""

    def marked(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
        return tuple(a._replace(rides=attempt) if a.id == attempt else a for a in attempts)

    return change._replace(
        begun=marked(change.begun),
        attempts=marked(change.attempts),
        wire=wire,
        rides=((attempt, attempt),),
        shares=attempt,
    )


def _calling(change: Change, wire: CallOut, riders: Sequence[Change]) -> Change:
    """Give a call the time to read out all its messages."""
    more = MORE_SPEECH * len(riders)
    longer = wire._replace(limit=wire.limit + more // SECOND, shared=True)
    until = change.call_until + more if change.call_until else None
    return _leading(change, wire.attempt, longer)._replace(call_until=until)


def _texting(
    party: Sequence[Planned], wire: TextOut, riders: Sequence[Change], rules: Rules
) -> Change | None:
    """Write all messages into one text; None when it would have to be cut."""
    change, account = party[0].change, party[0].state.account
    attempts = [_attempt(change, wire.attempt), *map(_rider, riders)]
    listed = [
        text.Coded(attempt.code or "", one.state.message.priority.word, one.state.content)
        for attempt, one in zip(attempts, party, strict=True)
        if one.state.content
    ]
    body, tail = text.several(account.name if account else "", listed)
    if not rules.fits(body, tail):
        return None
    return _leading(change, wire.attempt, wire._replace(body=body, tail=tail, shared=True))
