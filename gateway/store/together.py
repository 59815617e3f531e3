"""Together: changes that share one call or text are written all of them or none."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from gateway.domain.change import Change
from gateway.store.verdicts import STALE, Verdict, Written


def whole(fresh: AbstractSet[int], changes: Sequence[Change]) -> AbstractSet[int]:
    """Keep of the fresh changes' places those whose companions are all fresh too."""
    broken = {c.shares for n, c in enumerate(changes) if c.shares and n not in fresh}
    return {n for n in fresh if changes[n].shares not in broken} if broken else fresh


def alike(changes: Mapping[int, Change], verdicts: dict[int, Verdict]) -> dict[int, Verdict]:
    """Give riders the verdict of the one that carries them, when it gets no sending number."""
    refused: dict[object, Verdict] = {
        c.shares: verdicts[n]
        for n, c in changes.items()
        if c.shares and c.wire is not None and not isinstance(verdicts[n], Written)
    }
    if not refused:
        return verdicts
    return verdicts | {n: refused[c.shares] for n, c in changes.items() if c.shares in refused}


def companions(changes: Mapping[int, Change], refused: dict[int, Verdict]) -> dict[int, Verdict]:
    """Add to those that were refused whoever was to share a call or text with them."""
    parties = {changes[n].shares for n in refused} - {None}
    if not parties:
        return refused
    return {n: STALE for n, c in changes.items() if c.shares in parties} | refused
