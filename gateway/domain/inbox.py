"""The inbox: which open message a text means, and what its sender is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.accounts import Account
from gateway.domain.events import Replied
from gateway.domain.letters import by_code, changes
from gateway.domain.messages import Key, Message, MessageState
from gateway.domain.replies import Accept, AcceptAll, ListOpen, Pass, Said
from gateway.domain.state import State
from gateway.domain.wording import text

# In a row from one number, so that no two machines go on answering each other: texts that mean
# nothing are helped; those that come too late or once more are answered, for somebody may text of
# many messages, and are on record. A while without any begins the count anew.
MOST_HELPS = 5
MOST_KEPT = 20
ROW_ENDS: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Coded:
    """A message for which a phone has a reply code; `sender` is our number that texted it last."""

    key: Key
    code: str
    contact: str
    account: Account | None
    priority: str
    state: MessageState
    delivered_to: str | None
    delivered_at: datetime | None
    sender: str | None

    @property
    def open(self) -> bool:
        """True while somebody is still needed."""
        return self.state is MessageState.OPEN


@dataclass(frozen=True, slots=True)
class Meant:
    """The messages a text means, or the help that its sender gets instead.

    `about`: the message whose history keeps a text that means none.
    """

    targets: tuple[Coded, ...] = ()
    answer: str | None = None
    helped: bool = False
    about: Coded | None = None


def meant(said: Said, coded: Sequence[Coded], to: str) -> Meant:
    """Find what a reply means among the sender's messages; `to` is the number it was sent to."""
    open_ones = [one for one in coded if one.open]
    newest = open_ones[-1] if open_ones else None
    codes = [one.code for one in open_ones]
    match said:
        case Accept(code) | Pass(code):
            return _single(code, coded, to)
        case AcceptAll() if open_ones:
            return Meant(tuple(open_ones))
        case AcceptAll():
            return Meant(answer=text.nothing_open(), helped=True, about=newest)
        case ListOpen():
            return Meant(answer=text.open_list(_listed(open_ones)), about=newest)
        case _:
            return Meant(answer=text.help_with(codes), helped=True, about=newest)


def _single(code: str | None, coded: Sequence[Coded], to: str) -> Meant:
    open_ones = [one for one in coded if one.open]
    newest = open_ones[-1] if open_ones else None
    if code is not None:
        found = [one for one in coded if one.code == code]
        if found:
            return Meant((found[-1],))
        codes = [one.code for one in open_ones]
        return Meant(answer=text.not_open(code, codes), helped=True, about=newest)
    pair = [one for one in open_ones if one.sender == to] or open_ones
    if len(pair) == 1:
        return Meant((pair[0],))
    if pair:
        return Meant(answer=text.which([one.code for one in pair]), helped=True, about=newest)
    if coded:
        return Meant((coded[-1],))
    return Meant(answer=text.nothing_open(), helped=True)


def _listed(open_ones: Sequence[Coded]) -> list[text.Open]:
    return [text.Open(one.code, _account_name(one), one.priority) for one in open_ones]


def _account_name(one: Coded) -> str:
    return one.account.name if one.account else one.key.account


def told(state: State, event: Replied, code: str, url: str | None) -> str:
    """Say what an accept or a pass came to, judged by the message before it (CONTRACT 6)."""
    message = state.message
    accepts = not isinstance(event.said, Pass)
    name = state.account.name if state.account else message.key.account
    if not message.closed and accepts and not by_code(state, event.phone):
        return text.not_by_code(code)
    if not message.closed and accepts:
        return text.accepted(code, name, url)
    if not message.closed:
        return text.passed(code) if changes(state, event) else text.already_passed(code)
    if message.delivered_to == event.contact:
        return text.already_yours(code) if accepts else text.pass_after_accept(code)
    holder = _holder(state, message)
    if holder is None:
        return text.closed(code)
    return text.taken(code, holder) if accepts else text.pass_too_late(code, holder)


def _holder(state: State, message: Message) -> text.Holder | None:
    if message.delivered_to is None or message.delivered_at is None or state.account is None:
        return None
    name = state.contact_name(message.delivered_to)
    return text.Holder(name, message.delivered_at, state.account.zone)
