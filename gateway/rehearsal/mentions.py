"""What a scenario speaks of, against what its accounts and events bring about.

An expectation that something never is holds by itself when it is misspelt, and a message for an
account that nobody has fails late, without a line. Where nobody can tell beforehand (the program
gives a UCN, an earlier answer names an account) anything may be meant.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from gateway.domain.documents import AccountDocument
from gateway.domain.marked import Marked
from gateway.domain.problems import Problem
from gateway.rehearsal.answers import JOB, PLACE
from gateway.rehearsal.events import ApiEvent, Event
from gateway.rehearsal.kinds import unknown_kind
from gateway.rehearsal.patterns import Pattern, read_pattern
from gateway.rehearsal.wanted import Expect

# None: anything may be there.
Names = frozenset[str] | None
_PUT: Final = re.compile(r"PUT /v1/accounts/([^/?]+)/?")
_SPECIAL: Final = re.compile(r"POST /v1/accounts/([^/?]+)/specials/?")
_TAKE: Final = re.compile(r"POST /v1/messages/?")
_OFFICE: Final = "office"


@dataclass(frozen=True, slots=True)
class Made:
    """What there is, and what the events make: accounts, messages, contacts, saved answers."""

    accounts: Names
    ucns: Names
    contacts: Names
    saved: frozenset[str]

    @classmethod
    def by(cls, accounts: Sequence[AccountDocument], events: Sequence[Event]) -> Self:
        """Look through a scenario's accounts and events."""
        calls = [event.api for event in events if event.api]
        saved = {one.save for one in calls if one.save}
        specials = [found[1] for one in calls if (found := _SPECIAL.fullmatch(one.call))]
        return cls(
            _certain({one.account for one in accounts} | _put(calls)),
            _certain(_ucns(events)),
            _certain({_OFFICE, *(key for one in accounts for key in one.contacts), *_said(calls)}),
            frozenset(saved | {f"special:{account}" for account in specials}),
        )

    def why_never(self, ucn: str, pattern: Pattern) -> str | None:
        """Say why no history item can ever be so; None when one can."""
        return self.why_no_history(ucn) or unknown_kind(pattern.kind)

    def why_nobody(self, ucn: str, pattern: Pattern) -> str | None:
        """Say that nobody is called so; None when somebody is, or may be."""
        who = pattern.contact
        if who is None or self.contacts is None or ucn in self.saved:
            return None
        return None if who in self.contacts else f"no account has a contact {who}"

    def why_no_history(self, name: str) -> str | None:
        """Say that there is neither a message nor a saved answer by a name."""
        known = self.ucns is None or name in self.ucns or name in self.saved
        return None if known else f"no event makes a message {name}"


def _certain(names: set[str]) -> Names:
    """Return the names, or None when one of them is only known while the scenario is played."""
    return None if any("{" in name for name in names) else frozenset(names)


def _put(calls: Sequence[ApiEvent]) -> set[str]:
    return {found[1] for one in calls if (found := _PUT.fullmatch(one.call))}


def _ucns(events: Sequence[Event]) -> set[str]:
    """Return the UCNs of all messages; `{}` for one that the program gives."""
    found = {event.message.ucn or "{}" for event in events if event.message}
    posted = [event.api.body for event in events if event.api and _TAKE.fullmatch(event.api.call)]
    return found | {
        str(body.get("ucn", "{}")) if isinstance(body, Mapping) else "{}" for body in posted
    }


def _said(calls: Sequence[ApiEvent]) -> set[str]:
    """Return every word in the bodies of calls: a document that is put may bring new contacts."""
    open_ended = {"{}" for one in calls if _PUT.fullmatch(one.call) and _is_filled(one.body)}
    return open_ended | {word for one in calls for word in _words(one.body) if "{" not in word}


def _is_filled(body: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether parts of a document come from an earlier answer."""
    return any(PLACE.fullmatch(word) for word in _words(body))


def _words(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _words(part)
    elif isinstance(value, Sequence):
        for part in value:
            yield from _words(part)


def strange(marked: Marked, events: Sequence[Event], made: Made) -> Iterator[Problem]:
    """Yield what events speak of that is not there."""
    for n, event in enumerate(events):
        if event.message and made.accounts is not None:
            account, known = event.message.account, made.accounts
            if account not in known:
                words = f"there is no account {account}; there are {', '.join(sorted(known))}"
                yield marked.problem(("events", n, "message", "account"), words)
        if event.api and event.api.shall_succeed:
            for words in _strange(event.api, made):
                yield marked.problem(("events", n, "api", "call"), words)


def _strange(event: ApiEvent, made: Made) -> Iterator[str]:
    """Say what a call takes from messages and answers that are not there."""
    for ucn in dict.fromkeys(JOB.findall(" ".join([event.call, *_words(event.body)]))):
        if made.ucns is not None and ucn not in made.ucns:
            yield f"{{job:{ucn}}}: no event makes a message {ucn}"
    for found in PLACE.finditer(event.call):
        name = found[1]
        if name.startswith("special:") and name not in made.saved:
            yield f"{found[0]}: no event posts a special there"
        elif not name.startswith(("job:", "special:")) and name not in made.saved:
            yield f"{found[0]}: no event saves an answer as {name}"


def vain(marked: Marked, expect: Expect, made: Made) -> Iterator[Problem]:
    """Yield the expectations that would hold whatever happens, as they speak of nothing."""
    for part, ucn, lines in _negatives(expect):
        if lines and (why := made.why_no_history(ucn)):
            yield marked.problem(("expect", part, ucn), why)
            continue
        for place, line in lines:
            if why := made.why_never(ucn, read_pattern(line)):
                yield marked.problem(("expect", part, ucn, place), f"{line!r}: {why}")


def doubtful(marked: Marked, expect: Expect, made: Made) -> Iterator[Problem]:
    """Yield what is expected never to reach people whom no account has: true, but of no worth."""
    for part, ucn, lines in _negatives(expect):
        for place, line in lines:
            if why := made.why_nobody(ucn, read_pattern(line)):
                yield marked.problem(("expect", part, ucn, place), f"{line!r}: {why}")


def _negatives(expect: Expect) -> Iterator[tuple[str, str, Sequence[tuple[str | int, str]]]]:
    """Yield by part and UCN what shall not be, each line with its place."""
    for ucn, patterns in expect.never.items():
        yield "never", ucn, list(enumerate(patterns))
    for ucn, counts in expect.count.items():
        yield "count", ucn, [(line, line) for line, wanted in counts.items() if wanted == 0]
