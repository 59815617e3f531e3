"""Accepts as the carrier's own books know them: each of them must have counted for something."""

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from gateway.daemon.carriers import SIMULATED_ACCOUNT
from gateway.domain.wording import voice
from tests.chaos.world import World
from tests.kit.real_house import NUMBER

ATTEMPT: Final = re.compile(r"/twilio/(?:call|text)/([0-9a-f-]{36})/")
# What a call says to the key that accepts, and to no other.
_CONFIRMED: Final = voice.accepted()[0]
_BY_CODE: Final = re.compile(r"(\d+) OK")
_LINK: Final = "/m/"
_PAGE: Final = 1000

Row = Mapping[str, Any]


class Opened(NamedTuple):
    """The last link on a phone was opened by its button, and the web side showed the message."""

    phone: str
    began: datetime
    ended: datetime


class Accept(NamedTuple):
    """Somebody accepted so many of these messages."""

    how: str
    phone: str
    ucns: frozenset[str]
    many: int = 1


@dataclass(frozen=True, slots=True)
class Books:
    """What the carrier has of it all: its ledger, what was said and sent, what people wrote."""

    entries: Sequence[Row]
    calls: Sequence[Row]
    texts: Sequence[Row]
    written: Sequence[Row]


async def read_books(world: World) -> Books:
    """Ask the carrier; who wrote to us stands in the list that a customer of its reads."""
    # What was asked for first: what comes meanwhile stands at the end of the other.
    entries = (await world.carrier("ledger"))["entries"]
    log = await world.carrier("log")
    query = urlencode({"To": NUMBER, "PageSize": _PAGE})
    path: str | None = f"/2010-04-01/Accounts/{SIMULATED_ACCOUNT}/Messages.json?{query}"
    written: list[Row] = []
    while path:
        page = await world.listed(path)
        written += page["messages"]
        path = page["next_page_uri"]
    return Books(entries, log["calls"], log["texts"], written)


def accepts(books: Books, attempts: Sequence[Row], opened: Sequence[Opened]) -> list[Accept]:
    """Return what people accepted, by key, by code and by opened link."""
    about = _messages_of(attempts)
    return [*_keys(books, about), *_codes(books, attempts), *_links(books, about, opened)]


def for_nothing(accepted: Sequence[Accept], over: Container[str]) -> list[Accept]:
    """Return the accepts of messages that are not `over` in the end, by whomever.

    Who accepts what somebody else has, or accepts once more, is told so; it is over all the same.
    """
    return [one for one in accepted if sum(ucn in over for ucn in one.ucns) < one.many]


def _messages_of(attempts: Sequence[Row]) -> Mapping[str, set[str]]:
    """Return the messages of each attempt that is on the wire, with those that ride along."""
    about = defaultdict(set)
    for one in attempts:
        about[str(one["rides"] or one["id"])].add(one["ucn"])
    return about


def _about(entry: Row, about: Mapping[str, set[str]]) -> frozenset[str]:
    found = ATTEMPT.search(entry["callback"])
    return frozenset(about.get(found[1], ())) if found else frozenset()


def _keys(books: Books, about: Mapping[str, set[str]]) -> list[Accept]:
    """A key counts when the carrier was answered with the words that confirm it."""
    found = []
    placed = [one for one in books.entries if one["kind"] == "call"]
    for entry, call in zip(placed, books.calls, strict=False):  # both in the order of dialing
        assert (entry["to"], entry["at"]) == (call["to"], call["at"]), "two books, two orders"
        ucns = _about(entry, about)
        times = " ".join(call["heard"]).count(_CONFIRMED)
        if times and ucns:  # of what nobody intended the doubles tell
            found.append(Accept("key", call["to"], ucns, min(times, len(ucns))))
    return found


def _codes(books: Books, attempts: Sequence[Row]) -> list[Accept]:
    """A reply counts when it names a code of that phone; the carrier's list has it, come or not."""
    coded = defaultdict(set)
    for one in attempts:
        coded[one["address"], one["code"]].add(one["ucn"])
    said = ((one["from"], _BY_CODE.fullmatch(one["body"])) for one in books.written)
    meant = ((phone, coded.get((phone, code[1]))) for phone, code in said if code)
    return [Accept("code", phone, frozenset(ucns)) for phone, ucns in meant if ucns]


def _links(books: Books, about: Mapping[str, set[str]], opened: Sequence[Opened]) -> list[Accept]:
    """An opened link is the last that was texted; one that came meanwhile may be it as well."""
    asked = {(one["to"], one["at"]): one for one in books.entries if one["kind"] == "text"}
    sent = defaultdict(list)
    for text in books.texts:
        if _LINK in text["body"] and (entry := asked.get((text["to"], text["at"]))):
            sent[text["to"]].append((datetime.fromisoformat(text["at"]), _about(entry, about)))
    found = []
    for one in opened:
        before = [ucns for at, ucns in sent[one.phone] if at <= one.began][-1:]
        since = [ucns for at, ucns in sent[one.phone] if one.began < at <= one.ended]
        ucns = frozenset[str]().union(*before, *since)
        if ucns:
            found.append(Accept("link", one.phone, ucns))
    return found
