"""Mentions in a comment: who is meant by `@…`, and how they hear of it (S4-15, S4-23). Pure.

A mention goes out by e-mail, and says who mentioned whom in which case, and none of the words: they
may be a client's. Who has no address is told through an alert sink, so that no mention is lost.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from gateway.domain.casebook import Casebook
from gateway.domain.cases import Case
from gateway.domain.matters import Alarm, Letter, Result, Sink

LETTER: Final = "mention"
OWNER: Final = "owner"
# An `@` within a word is an e-mail address.
_AT: Final = r"(?<![\w.+-])@"
_WORD: Final = re.compile(_AT + r"(\w(?:[\w.&-]*\w)?)")


class Mention(NamedTuple):
    """Somebody who is meant, and by which addresses or which sink they hear of it."""

    name: str
    emails: tuple[str, ...]
    sink: Sink


class Meant(NamedTuple):
    """Who is meant by a comment, and the words after an `@` that nobody goes by."""

    mentions: tuple[Mention, ...]
    unknown: tuple[str, ...]


def person_of(actor: str) -> str:
    """Return the name without the role: `agent:1204` is 1204."""
    return actor.partition(":")[2] or actor


def meant(text: str, book: Casebook, owner: str) -> Meant:
    """Read who is meant: tags, people of the casebook, and `@owner`; the longest name counts."""
    named = [one for one in _known(book, owner) if one[0].split()]
    known = sorted(named, key=lambda one: len(one[0]), reverse=True)
    pattern = _pattern(tuple(name for name, _ in known))
    hits = [known[hit.lastindex - 1][1] for hit in pattern.finditer(text) if hit.lastindex]
    unknown = dict.fromkeys(hit[1] for hit in _WORD.finditer(pattern.sub(" ", text)))
    return Meant(tuple(dict.fromkeys(hits)), tuple(unknown))


def letters(case: Case, said: Meant, by: str, link: str) -> Iterator[Letter]:
    """Write the e-mails to those who are meant; a comment reaches an address once."""
    emails = dict.fromkeys(email for one in said.mentions for email in one.emails)
    names = ", ".join(one.name for one in said.mentions if one.emails)
    subject = f"{person_of(by)} mentions {names} in a case"
    body = f"{by} mentions {names} in case {case.id}.\n\nRead it here: {link}\n"
    for n, email in enumerate(emails, 1):
        yield Letter(f"{LETTER}:{case.work.comments}:{n}", "email", email, subject, body)


def alarms(case: Case, said: Meant, by: str) -> Iterator[Alarm]:
    """Write the alerts for those who have no address."""
    for one in said.mentions:
        if not one.emails:
            text = f"{one.name}: {by} mentions you in case {case.id}."
            yield Alarm(one.sink, "mention", text)


def unsent(case: Case, name: str, result: Result) -> tuple[Alarm, ...]:
    """Return who hears of it when a mention's e-mail did not leave, or nobody can know."""
    if not name.startswith(f"{LETTER}:") or result.state == "sent":
        return ()
    text = f"A mention in case {case.id} did not leave ({result.state}); the owner is {case.owner}."
    return (Alarm("lead", "mention_unsent", text),)


def _known(book: Casebook, owner: str) -> Iterator[tuple[str, Mention]]:
    """Give everybody who can be meant, by each of their names."""
    own = person_of(owner)
    reached = book.people.get(own)
    theirs = Mention(own, (reached,) if reached else (), "lead")
    yield OWNER, theirs
    yield own, theirs
    for tag in book.tags:
        for name in (tag.name, *tag.also):
            yield name, Mention(tag.name, tag.emails, tag.sink)
    for person, email in book.people.items():
        yield person, Mention(person, (email,), "lead")


@lru_cache(maxsize=64)
def _pattern(names: Sequence[str]) -> re.Pattern[str]:
    """Return what finds the names after an `@`, a group each, in the order in which they count."""
    spelled = (r"\s+".join(re.escape(word) for word in name.split()) for name in names)
    groups = "|".join(f"({one})" for one in spelled)
    return re.compile(rf"{_AT}(?:{groups})(?![\w-])", re.IGNORECASE)
