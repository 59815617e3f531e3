"""The log: one structured line per decision, on stderr, with phone numbers and mail masked.

Callers give `action`, `account`, `ucn`, `job` and `attempt` where they apply, never a message's
words and never a secret. Masking here is the safety net under callers who mask themselves.
"""

import logging
import os
import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TextIO
from uuid import UUID

import orjson
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from gateway.domain.masking import mask, mask_within
from gateway.tracing import trace_id

__all__ = ["mask", "set_up"]

Format = Literal["json", "console"]
Level = Literal["debug", "info", "warning", "error"]
# Libraries whose lower levels repeat what we log better, or tell what no log may hold: the SDK
# writes whole request bodies, the notifier its URLs with their tokens.
_QUIET: Final = {
    "aiohttp.access": logging.WARNING,
    "aiosmtplib": logging.WARNING,
    "apprise": logging.CRITICAL,
    "asyncio": logging.WARNING,
    "asyncpg": logging.ERROR,
    "twilio": logging.WARNING,
    "uvicorn.access": logging.WARNING,
}
# The journal's priorities (sd-daemon(3)), which `journalctl -p warning` asks for.
_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_ENCODED_PHONE: Final = re.compile(r"%2[Bb]([0-9]{4,})")


def set_up(
    form: Format, level: Level, now: Callable[[], datetime], stream: TextIO | None = None
) -> None:
    """Send our lines and those of all libraries to one stream (stderr), in one form.

    `now` stamps the lines: the program's own clock, so that a rehearsal logs virtual time.
    Where the stream is systemd's journal, each line tells it its priority.
    """
    target = stream or sys.stderr
    threshold = logging.getLevelNamesMapping()[level.upper()]
    # Stamped last: a time holds a plus, and what holds one is looked through for numbers.
    renderers: list[Processor] = [
        structlog.processors.format_exc_info,
        _masked,
        _stamp(now),
        *_renderers(form, target),
    ]
    before: list[Processor] = [structlog.processors.add_log_level, _with_trace]
    structlog.configure(
        processors=[*before, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    _adopt_libraries(before, renderers, target, threshold)


def _adopt_libraries(
    before: list[Processor], renderers: list[Processor], target: TextIO, threshold: int
) -> None:
    """Give the standard library's loggers the same lines."""
    spoken = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*before, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *renderers,
        ],
    )
    out = logging.StreamHandler(target)
    out.setFormatter(spoken)
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(threshold)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate, library.disabled = True, False
        library.setLevel(logging.NOTSET)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(threshold, least))
    logging.captureWarnings(capture=True)


def _renderers(form: Format, target: TextIO) -> list[Processor]:
    before: list[Processor] = []
    render: Processor = _as_json
    if form == "console":
        before = [_with_plain_ids]
        render = structlog.dev.ConsoleRenderer(colors=target.isatty(), timestamp_key="at")
    return [*before, _with_priority(render) if _is_journal(target) else render]


def _is_journal(stream: TextIO) -> bool:
    """Tell whether what is written there reaches the journal (JOURNAL_STREAM, systemd.exec(5))."""
    named = os.environ.get("JOURNAL_STREAM")
    try:
        seen = os.fstat(stream.fileno()) if named else None
    except (OSError, ValueError):  # a stream in memory, or one that is closed
        return False
    return seen is not None and named == f"{seen.st_dev}:{seen.st_ino}"


def _with_priority(render: Processor) -> Processor:
    def rendered(logger: WrappedLogger, method: str, line: EventDict) -> str:
        level = str(line.get("level"))  # before the renderer takes it away
        priority = f"<{_PRIORITIES.get(level, _PRIORITIES['info'])}>"
        # The journal takes each line for itself, as those of a traceback on a console.
        return priority + str(render(logger, method, line)).replace("\n", f"\n{priority}")

    return rendered


def _as_json(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _with_plain_ids(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    return {name: str(one) if isinstance(one, UUID) else one for name, one in line.items()}


def _with_trace(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Name the trace that a line belongs to, where traces are made."""
    if (trace := trace_id()) is not None:
        line["trace"] = trace
    return line


def _stamp(now: Callable[[], datetime]) -> Processor:
    def stamp(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        line["at"] = _printed(now())
        return line

    return stamp


def _printed(utc: datetime) -> str:
    """Return `utc.isoformat(timespec="milliseconds")`, in a third of its time."""
    if not utc.microsecond:
        return utc.isoformat(timespec="milliseconds")
    return f"{orjson.dumps(utc)[1:24].decode()}+00:00"


def _masked(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    for name, value in line.items():
        # Nearly all are words without a number or ids, which is seen without a call.
        if type(value) is str:
            if "+" in value or "@" in value or "%" in value:
                line[name] = _masked_words(value)
        elif type(value) is not UUID:
            line[name] = _masked_value(value)
    return line


def _masked_value(value: Any) -> Any:  # noqa: ANN401 - a log line holds anything
    match value:
        case str():
            return _masked_words(value)
        case None | bool() | int() | float() | datetime() | UUID():
            return value
        case Mapping():
            return {name: _masked_value(one) for name, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked_value(one) for one in value]
        case _:  # rendered by its text, which may hold a number
            return _masked_value(str(value))


def _masked_words(words: str) -> str:
    return mask_within(_ENCODED_PHONE.sub(lambda found: mask(f"+{found[1]}"), words))
