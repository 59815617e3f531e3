"""Mentions in a comment: who is meant by `@…`, and how they hear of it (S4-15, S4-23). Pure.

A mention goes out by e-mail, and says who mentioned whom in which case, and none of the words: they
may be a client's. Who has no address is told through an alert sink, and a lead hears of words that
nobody goes by: no mention is lost. A comment takes time by its length, however many names there
are.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from gateway.domain.casebook import Casebook
from gateway.domain.cases import Case
from gateway.domain.matters import Alarm, Letter, Result, Sink

LETTER: Final = "mention"
OWNER: Final = "owner"
# So many are written to for one comment, and so many alerts ring; a lead hears that there are more.
MOST: Final = 50
# An `@` within a word is an e-mail address. What follows is found by its first run of letters.
_AT: Final = re.compile(r"(?<![\w.+-])@(?=(\w+|\S))")
_RUN: Final = re.compile(r"\w+|\S")
_WORD: Final = re.compile(r"\w(?:[\w.&:-]*\w)?")
_ROLE: Final = re.compile(
    r"(?:agent|dispatcher|lead|admin|wfm|account_manager|technician):(?=\w)", re.IGNORECASE
)
_LONGEST_NAME: Final = 64
_GOES_ON: Final = re.compile(r"[\w-]")


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


def meant(text: str, book: Casebook, owner: str, others: Sequence[str] = ()) -> Meant:
    """Read who is meant: tags, people of the casebook, `@owner`; the longest name counts.

    `others`: actors who have had to do with the case, meant by their names too. Every name may
    stand behind its role, as in `@agent:1204`; who is named so is somebody, known or not.
    """
    flat, names = " ".join(text.split()), _Names(_known(book, owner, others))
    found: dict[Mention, None] = {}
    unknown: dict[str, None] = {}
    for at in _AT.finditer(flat):
        one = names.at(flat, at.end()) or _behind_role(flat, at.end(), names)
        if one is not None:
            found[one] = None
        elif word := _WORD.match(flat, at.end()):
            unknown[word[0]] = None
    return Meant(tuple(found), tuple(unknown))


def around(case: Case) -> tuple[str, ...]:
    """Return who has had to do with a case: who opened it, gave its assignments, reviewed it."""
    review = (case.work.review.by,) if case.work.review else ()
    return tuple(dict.fromkeys((case.created_by, *(a.by for a in case.work.assignments), *review)))


def letters(case: Case, said: Meant, by: str, link: str) -> Iterator[Letter]:
    """Write the e-mails to those who are meant; a comment reaches an address once."""
    emails = dict.fromkeys(email for one in said.mentions for email in one.emails)
    names = ", ".join(one.name for one in said.mentions if one.emails)
    subject = f"{person_of(by)} mentions {names} in a case"
    body = f"{by} mentions {names} in case {case.id}.\n\nRead it here: {link}\n"
    for n, email in enumerate(islice(emails, MOST), 1):
        yield Letter(f"{LETTER}:{case.work.comments}:{n}", "email", email, subject, body)


def alarms(case: Case, said: Meant, by: str, link: str) -> Iterator[Alarm]:
    """Write the alerts for those who have no address, and for words that nobody goes by."""
    silent = [one for one in said.mentions if not one.emails]
    for one in islice(silent, MOST):
        text = f"{one.name}: {by} mentions you in case {case.id}."
        yield Alarm(one.sink, "mention", text)
    written = {email for one in said.mentions for email in one.emails}
    lost = len(said.unknown) + max(0, len(silent) - MOST) + max(0, len(written) - MOST)
    if lost:
        # What was typed may be a client's name: it is read where the case is.
        text = f"{by} mentions {lost} in case {case.id} whom nothing reaches. Read it here: {link}"
        yield Alarm("lead", "mention_unknown", text)


def unsent(case: Case, name: str, result: Result) -> tuple[Alarm, ...]:
    """Return who hears of it when a mention's e-mail did not leave, or nobody can know."""
    if not name.startswith(f"{LETTER}:") or result.state == "sent":
        return ()
    text = f"A mention in case {case.id} did not leave ({result.state}); the owner is {case.owner}."
    return (Alarm("lead", "mention_unsent", text),)


def _known(book: Casebook, owner: str, others: Sequence[str]) -> Iterator[tuple[str, Mention]]:
    """Give everybody who can be meant, by each of their names; the first of a name counts."""
    own = person_of(owner)
    theirs = _person(own, book)
    yield OWNER, theirs
    yield own, theirs
    for tag in book.tags:
        for name in (tag.name, *tag.also):
            yield name, Mention(tag.name, tag.emails, tag.sink)
    for person in (*book.people, *map(person_of, others)):
        yield person, _person(person, book)


def _person(name: str, book: Casebook) -> Mention:
    email = book.people.get(name)
    return Mention(name, (email,) if email else (), "lead")


def _behind_role(flat: str, start: int, names: "_Names") -> Mention | None:
    """Return who is named with their role at a place, be they known by it or not."""
    role = _ROLE.match(flat, start)
    if role is None:
        return None
    known = names.at(flat, role.end())
    word = _WORD.match(flat, role.end())
    return known or (Mention(word[0][:_LONGEST_NAME], (), "lead") if word else None)


class _Names:
    """Names to be looked up where they stand: by their first run of letters, the longest first."""

    def __init__(self, known: Iterator[tuple[str, Mention]]) -> None:
        self._by_name: dict[str, Mention] = {}
        lengths: dict[str, set[int]] = {}
        for name, one in known:
            spelled = " ".join(name.split())
            if run := _RUN.match(spelled):
                key = spelled.casefold()
                self._by_name.setdefault(key, one)
                lengths.setdefault(run[0].casefold(), set()).add(len(key))
        self._lengths = {run: sorted(some, reverse=True) for run, some in lengths.items()}

    def at(self, flat: str, start: int) -> Mention | None:
        """Return whose name stands at a place of a text in which words are one blank apart."""
        run = _RUN.match(flat, start)
        lengths = self._lengths.get(run[0].casefold(), ()) if run else ()
        if not lengths:
            return None
        here = flat[start : start + lengths[0] + 1].casefold()
        for length in lengths:
            one = self._by_name.get(here[:length])
            if one is not None and not _GOES_ON.match(here, length):
                return one
        return None
