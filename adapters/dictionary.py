"""The dictionary: which English words are known, and what an unknown one may have meant.

A library with its own list of words, read once when it is first asked; nothing leaves the host.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from spellchecker import SpellChecker

_MOST: Final = 3


@lru_cache(maxsize=1)
def load() -> SpellChecker:
    """Read the list of words (a few tenths of a second, 20 MB), once a process."""
    return SpellChecker(language="en", distance=1)


def unknown(words: Collection[str]) -> frozenset[str]:
    """Return those of these lower-case words that the dictionary does not have."""
    known = load().word_frequency.dictionary
    return frozenset(word for word in words if word not in known)


def suggest(word: str) -> tuple[str, ...]:
    """Return at most three words one slip away from a lower-case one, the most frequent first."""
    checker = load()
    found = checker.known(checker.edit_distance_1(word))
    frequency = checker.word_frequency.dictionary
    return tuple(sorted(found, key=lambda one: (-frequency[one], one))[:_MOST])
