"""Alerts to people: each sink is a list of notification URLs (Slack, Teams, mail, pagers, ...).

An alert that reaches nobody is counted, never raised: the caller records it. Notification URLs
hold secrets, so they appear in no error and no log.
"""

# ruff: noqa: PLC0415 - apprise and its plugins are loaded only where there is a sink

from __future__ import annotations

import asyncio
import logging
import warnings
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apprise

Sink = Literal["dispatch", "specials", "lead", "incident"]

_LOUD: Final = ("apprise", "urllib3.connectionpool", "requests_oauthlib.oauth1_session")


class Alerts:
    """The sinks of the gateway's settings."""

    def __init__(
        self,
        dispatch: Sequence[str],
        specials: Sequence[str],
        lead: Sequence[str],
        incident: Sequence[str] = (),
        timeout: float = 15.0,
    ) -> None:
        """Take notification URLs; unusable ones count as not reached. `timeout` in seconds."""
        _hush()
        self._timeout = timeout
        self._sinks: dict[Sink, tuple[apprise.Apprise, ...]] = {
            "dispatch": _usable(dispatch),
            "specials": _usable(specials),
            "lead": _usable(lead),
            "incident": _usable(incident),
        }

    def count(self, sink: Sink) -> int:
        """Return how many usable URLs a sink has."""
        return len(self._sinks[sink])

    async def send(self, sink: Sink, title: str, text: str) -> int:
        """Send to every URL of the sink at once; return how many took it. Never raises."""
        outcomes = await asyncio.gather(
            *(self._tell(target, title, text) for target in self._sinks[sink])
        )
        return sum(outcomes)

    async def _tell(self, target: apprise.Apprise, title: str, text: str) -> bool:
        from apprise import NotifyFormat, NotifyType

        try:
            async with asyncio.timeout(self._timeout):
                # apprise talks over blocking sockets, in threads of its own.
                return bool(
                    await target.async_notify(
                        # Nothing is sent without a body.
                        body=text or title,
                        title=title,
                        notify_type=NotifyType.WARNING,
                        body_format=NotifyFormat.TEXT,
                    )
                )
        except Exception:  # noqa: BLE001 - a hundred kinds of sink, each failing in its own way
            return False


def unusable(urls: Sequence[str]) -> tuple[int, ...]:
    """Return the positions (from 1) of what is no notification URL, without saying the URL."""
    _hush()
    return tuple(place for place, url in enumerate(urls, 1) if not _usable([url]))


def _usable(urls: Sequence[str]) -> tuple[apprise.Apprise, ...]:
    if not any(url.strip() for url in urls):
        return ()
    import apprise

    made = []
    with warnings.catch_warnings():
        # The first URL loads every plugin, and one of them asks for a module Python is retiring.
        warnings.simplefilter("ignore", DeprecationWarning)
        for url in urls:
            target = apprise.Apprise()
            if url.strip() and target.add(url.strip()):
                made.append(target)
    return tuple(made)


def _never(record: logging.LogRecord) -> bool:
    del record
    return False


def _hush() -> None:
    """Silence the libraries that log whole URLs; a filter outlives a later logging setup."""
    for name in _LOUD:
        logging.getLogger(name).addFilter(_never)
