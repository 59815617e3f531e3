"""Texts that take a while to write: each written once, by a thread, for all who ask meanwhile."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

_MOST: Final = 32_000_000  # bytes kept: some hundred usual calendars, a dozen of the largest


@dataclass(frozen=True, slots=True)
class Written:
    """Texts by a name that changes whenever they do; the oldest go when there are too many."""

    most: int = _MOST
    _texts: dict[Hashable, bytes] = field(default_factory=dict)
    _begun: dict[Hashable, asyncio.Task[bytes]] = field(default_factory=dict)

    async def of(self, name: Hashable, write: Callable[[], bytes]) -> bytes:
        """Return the text of that name; `write` is asked for it once, whoever else is waiting.

        Somebody who leaves leaves the writing to the others. What `write` raises, all of them see,
        and whoever asks next has it tried again.
        """
        text = self._texts.get(name)
        if text is not None:
            return text
        task = self._begun.get(name)
        if task is None:
            task = self._begun[name] = asyncio.create_task(self._write(name, write))
        return await asyncio.shield(task)

    async def _write(self, name: Hashable, write: Callable[[], bytes]) -> bytes:
        try:
            text = await asyncio.to_thread(write)
        finally:
            del self._begun[name]
        while self._texts and sum(map(len, self._texts.values())) + len(text) > self.most:
            del self._texts[next(iter(self._texts))]
        self._texts[name] = text
        return text
