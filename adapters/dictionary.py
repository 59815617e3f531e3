"""The dictionary: which English words are known, and what an unknown one may have meant.

A library brings the list of words, which is read once when it is first asked. Its own table takes
25 MB; what is kept of each word is a number that stands for it (two words of the same one are not
to be expected in 64 bits) and how frequent it is.
"""

import gc
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator
from functools import lru_cache
from string import ascii_lowercase
from typing import Final, NamedTuple

from spellchecker import SpellChecker

_MOST: Final = 3
_LETTERS: Final = f"{ascii_lowercase}'"
_NEVER: Final = 0


class Words(NamedTuple):
    """The numbers of all words in order, and how frequent each is."""

    names: "array[int]"
    frequency: "array[int]"

    def how_often(self, word: str) -> int:
        """Return how frequent a lower-case word is, 0 when it is unknown."""
        name = hash(word)
        place = bisect_left(self.names, name)
        there = place < len(self.names) and self.names[place] == name
        return self.frequency[place] if there else _NEVER


@lru_cache(maxsize=1)
def load() -> Words:
    """Read the list of words (a few tenths of a second), once a process."""
    words = _read()
    gc.collect()  # the library's table hangs on itself
    return words


def _read() -> Words:
    listed = SpellChecker(language="en", distance=1).word_frequency.dictionary
    found = sorted((hash(word), count) for word, count in listed.items())
    return Words(array("q", [name for name, _ in found]), array("q", [n for _, n in found]))


def unknown(words: Collection[str]) -> frozenset[str]:
    """Return those of these lower-case words that the dictionary does not have."""
    how_often = load().how_often
    return frozenset(word for word in words if how_often(word) == _NEVER)


@lru_cache(maxsize=4_096)
def suggest(word: str) -> tuple[str, ...]:
    """Return at most three words one slip away from a lower-case one, the most frequent first."""
    known = load()
    found = {one: known.how_often(one) for one in _slips(word)}
    likely = [one for one in found if found[one] != _NEVER]
    return tuple(sorted(likely, key=lambda one: (-found[one], one))[:_MOST])


def _slips(word: str) -> Iterator[str]:
    """Yield what is one letter left out, swapped, changed or added away from a word."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _LETTERS:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
