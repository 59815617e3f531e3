"""What texts say (CONTRACT section 6, S3-09, S3-52).

The words of this file are GSM-7 without its extension table, so that a text of ours never needs
the expensive encoding; names and details that are not are folded by the carrier's adapter. A text
that wants a reply is a pair (body, tail): the body may be shortened, the tail may not. The text is
body + tail; the tail brings the space between them along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain.content import Content
from gateway.domain.wording import phrases

Paged = tuple[str, str]  # body, tail
_NAMED: Final = 12  # codes in one text; more of them would be cut by the carrier
_NAME: Final = 40  # characters of an account's name where a list must stay short


@dataclass(frozen=True, slots=True)
class Open:
    """One open message as its list may show it: no details, whatever the account allows."""

    code: str
    account_name: str
    priority: str


@dataclass(frozen=True, slots=True)
class Coded:
    """One message of several in a text: its code, priority and details."""

    code: str
    priority: str
    content: Content


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a message and since when: a person's name, an aware instant, the account's zone."""

    name: str
    since: datetime
    zone: ZoneInfo


def reply_line(code: str) -> str:
    """Say how to answer the message of `code`."""
    return f"Reply {code} to accept, {code} NO to pass."


def details(account_name: str, priority: str, content: Content, code: str) -> Paged:
    """Write a message out in full, for accounts without protected details."""
    body = f"{_head(account_name, priority)} {_said(content)}".rstrip()
    return body, f" {reply_line(code)}"


def linked(account_name: str, priority: str, url: str, code: str) -> Paged:
    """Write that a message waits behind `url` (phi accounts, secure status): none of its details.

    The link belongs to the tail, because half of it opens nothing.
    """
    return _head(account_name, priority), f" Open {url} to read it. {reply_line(code)}"


def linked_only(account_name: str, priority: str, url: str) -> Paged:
    """Write the same without a code, where only opening the link counts."""
    return _head(account_name, priority), f" Open {url} to read it."


def copy(account_name: str, priority: str, content: Content) -> Paged:
    """Write a message out in full where no answer is wanted (a resend); the tail is empty."""
    return f"{_head(account_name, priority)} {_said(content)}".rstrip(), ""


def several(account_name: str, messages: Sequence[Coded]) -> Paged:
    """Write several messages (two at least) of one account into one text, each with its code."""
    told = [f"{one.code}, {one.priority}: {_said(one.content)}" for one in messages]
    codes = " or ".join([one.code for one in messages])
    first = messages[0].code
    tail = f" Reply {codes} to accept, {first} NO to pass, ALL to accept all."
    return f"{_short(account_name)}: {len(messages)} messages. {' '.join(told)}", tail


@lru_cache(maxsize=8192)
def _head(account_name: str, priority: str) -> str:
    name = phrases.shortened(phrases.one_line(account_name), 2 * _NAME)
    return f"{name}: {phrases.message(priority)}."


def _said(content: Content) -> str:
    story, facts = phrases.sentence(content.text), phrases.facts(content)
    if not facts:
        return story
    stated = [phrases.sentence(f"{name}: {value}") for name, value in facts]
    return " ".join(phrases.in_order(story, stated))


def accepted(code: str, account_name: str, url: str | None = None) -> str:
    """Confirm an accept; a phi account's carries the link to what was accepted."""
    yours = f"{code} is yours ({_short(account_name)}). Thank you."
    return f"{yours} Read it: {url}" if url else yours


def accepted_all(codes: Sequence[str]) -> str:
    """Confirm that every message of `codes` (at least one) is now the sender's."""
    verb = "are" if len(codes) > 1 else "is"
    return f"{_named(codes)} {verb} yours. Thank you."


def passed(code: str) -> str:
    """Confirm a pass."""
    return f"{code} is passed on. We are reaching the next person. Thank you."


def already_passed(code: str) -> str:
    """Answer a repeated pass."""
    return f"{code} is passed on already. Nothing to do for you. Thank you."


def taken(code: str, holder: Holder) -> str:
    """Answer a late accept: who has it, and since when in local time."""
    return f"{code} is already with {_whose(holder)}. Nothing to do for you. Thank you."


def already_yours(code: str) -> str:
    """Answer a repeated accept."""
    return f"{code} is already yours. Thank you."


def pass_too_late(code: str, holder: Holder) -> str:
    """Answer a pass of a message that somebody else has."""
    return f"{code} is already with {_whose(holder)}, no need to pass it. Thank you."


def pass_after_accept(code: str) -> str:
    """Answer a pass by the very person who has accepted: delivery stands, a person must help."""
    return f"{code} is already yours and cannot be passed by text. Please call us to hand it over."


def closed(code: str) -> str:
    """Answer about a message that needs nobody any more (canceled, or delivered by hand)."""
    return f"{code} is already handled. Nothing to do for you. Thank you."


def not_by_code(code: str) -> str:
    """Answer an accept by code where the client takes other evidence only."""
    return f"{code} cannot be accepted by text. Please open the link or press the key on our call."


def nothing_open() -> str:
    """Answer when no message is open for the sender."""
    return "No messages are open for you."


def which(codes: Sequence[str]) -> str:
    """Ask for the code, because several messages are open for the sender."""
    return f"You have {len(codes)} open messages: {_named(codes)}. {reply_line(codes[0])}"


def help_with(codes: Sequence[str]) -> str:
    """Answer what was not understood: the open codes and how to use them."""
    if not codes:
        return f"Sorry, we did not understand. {nothing_open()}"
    return f"Sorry, we did not understand. Open: {_named(codes)}. {reply_line(codes[0])}"


def not_open(code: str, codes: Sequence[str]) -> str:
    """Answer a reply with a code that is not open for the sender, naming those that are."""
    if not codes:
        return f"{code} is not open for you. {nothing_open()}"
    return f"{code} is not open for you. Open: {_named(codes)}. {reply_line(codes[0])}"


def open_list(messages: Sequence[Open]) -> str:
    """List the open messages by code, account and priority, and say how to answer."""
    if not messages:
        return nothing_open()
    lines = [f"{one.code} {_short(one.account_name)} ({one.priority})" for one in messages[:_NAMED]]
    if len(messages) > _NAMED:
        lines.append(f"and {len(messages) - _NAMED} more")
    every = " ALL accepts all." if len(messages) > 1 else ""
    return f"Open: {'; '.join(lines)}. {reply_line(messages[0].code)}{every}"


def opted_in() -> str:
    """Confirm that texts are sent to this number again."""
    return "You will get dispatch texts from us again. Reply HELP for help, STOP to stop."


def _named(codes: Sequence[str]) -> str:
    more = [f"{len(codes) - _NAMED} more"] if len(codes) > _NAMED else []
    return phrases.listed([*codes[:_NAMED], *more])


def _short(account_name: str) -> str:
    return phrases.shortened(phrases.one_line(account_name), _NAME)


def _whose(holder: Holder) -> str:
    since = phrases.moment(holder.since, holder.zone)
    return f"{phrases.one_line(holder.name)} since {since}"
