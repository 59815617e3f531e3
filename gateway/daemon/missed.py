"""What texts that a carrier lists say, and in which order those that nobody heard are dealt with.

Opt-outs go first, each with the START that it takes back; then, in the order of sending, what came
from people we know, and last what came from strangers, of whom there may be thousands.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.twilio.client import InboundText
from gateway.domain.replies import OptIn, OptOut, Said, Unclear, parse

_Word = tuple[InboundText, OptOut | OptIn]


@dataclass(frozen=True, slots=True)
class Listed:
    """Texts that a carrier lists, in the order of sending.

    `said` is what each says, by SID; `words` who said whether they take texts, oldest word first.
    """

    texts: Sequence[InboundText]
    said: Mapping[str, Said]
    words: Mapping[str, Sequence[_Word]]

    def missed(self, seen: Collection[str], until: datetime) -> list[InboundText]:
        """Return the texts up to an instant that nobody dealt with."""
        return [one for one in self.texts if one.sid not in seen and one.created <= until]

    def in_turn(self, missed: Sequence[InboundText], known: Collection[str]) -> list[InboundText]:
        """Return what was missed in the order to deal with it; `known` are people's phones."""
        stops = {one.from_: one.created for one in missed if self._stops(one)}

        def turn(one: InboundText) -> tuple[int, datetime]:
            starts = isinstance(self.said[one.sid], OptIn)
            taken_back = starts and one.created < stops.get(one.from_, one.created)
            if self._stops(one) or taken_back:
                return 0, one.created
            return 1 if one.from_ in known else 2, one.created

        return sorted(missed, key=turn)

    def taken_back(
        self, seen: Collection[str], missed: Sequence[InboundText]
    ) -> Iterator[InboundText]:
        """Yield the STARTs that were dealt with, each a YES too, where a STOP was missed.

        The carrier's time counts: an opt-out of before one of them was taken back since.
        """
        if any(map(self._stops, missed)):
            for words in self.words.values():
                yield from (
                    one for one, word in words if isinstance(word, OptIn) and one.sid in seen
                )

    def was_opted_out(self, one: InboundText) -> bool | None:
        """Tell whether its sender took no texts then, by their last word on it; None: none here.

        Their YES before a STOP accepts, although the STOP is heard first: it takes back no accept.
        """
        said = self.words.get(one.from_, ())
        before = [word for told, word in said if told.created < one.created]
        return isinstance(before[-1], OptOut) if before else None

    def _stops(self, one: InboundText) -> bool:
        return isinstance(self.said[one.sid], OptOut)


def read(listed: Sequence[InboundText]) -> Listed:
    """Read what a carrier lists, newest first; thousands take a while: not in the event loop."""
    # Its times are whole seconds: within one, its order tells which was first.
    oldest_first = reversed(listed)
    texts = sorted(oldest_first, key=lambda text: text.created)
    said = {one.sid: parse(one.body) for one in texts}
    words: dict[str, list[_Word]] = {}
    for one in texts:
        if isinstance(said[one.sid], Unclear):
            continue
        # Of somebody who takes no texts a YES is an opt-in, and of others it changes nothing.
        word = parse(one.body, opted_out=True)
        if isinstance(word, OptOut | OptIn):
            words.setdefault(one.from_, []).append((one, word))
    return Listed(texts, said, words)
