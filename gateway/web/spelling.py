"""What misspelt words may have meant: asked of the dictionary beside the event loop.

A word takes the dictionary about a millisecond, in which nobody else is answered; a page of reviews
may hold thousands. They are asked for in a thread, and of one answer no more than `MOST`.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from adapters import dictionary
from gateway.domain.aside import Finding
from gateway.domain.lint import SPELLING
from gateway.store.messages import Shown

MOST: Final = 100
Meant = Mapping[str, Sequence[str]]
"""Words (lower case) and what each may have meant."""


def words_at(finding: Finding, text: str | None) -> str | None:
    """Return the words of a text that a finding is about; None for none, or once erased."""
    if text is None or finding.start is None:
        return None
    return text[finding.start : finding.end]


def misspelt(found: Iterable[Finding], text: str | None) -> Iterator[str]:
    """Yield the misspelt words among the findings in a text, in lower case."""
    for one in found:
        words = words_at(one, text) if one.kind == SPELLING else None
        if words:
            yield words.lower()


def misspelt_in(many: Iterable[Shown]) -> Iterator[str]:
    """Yield the misspelt words of messages that are shown."""
    for shown in many:
        if (proof := shown.message.aside.proof) and shown.content:
            yield from misspelt(proof.found, shown.content.text)


async def meant(words: Iterable[str]) -> Meant:
    """Return what the first `MOST` of these words may have meant."""
    asked = list(dict.fromkeys(words))[:MOST]
    return await asyncio.to_thread(_ask, asked) if asked else {}


def _ask(words: Sequence[str]) -> Meant:
    return {word: dictionary.suggest(word) for word in words}
