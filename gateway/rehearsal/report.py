"""What a rehearsal tells: its history, then what left the house, as JSON values (CONTRACT 8)."""

from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import Any

from gateway.domain.history import stamp
from gateway.rehearsal.play import Play


def left_lines(play: Play) -> Iterator[dict[str, Any]]:
    """Yield each call, text, e-mail, web post and alert that left, with unmasked addresses."""
    carrier = play.line.carrier
    if carrier is not None:
        yield from _in_order(
            {
                "type": "call",
                "at": stamp(call.at),
                "to": call.to,
                "ended_at": _maybe(call.ended_at),
                "outcome": call.outcome,
            }
            for call in carrier.calls
        )
        yield from _in_order(
            {"type": "text", "at": stamp(text.at), "to": text.to, "body": text.body}
            for text in carrier.texts
        )
    yield from _in_order(
        {
            "type": "email",
            "at": stamp(at),
            "to": mail.to,
            "subject": mail.subject,
            "body": mail.body,
        }
        for at, mail in play.letterbox.mails
    )
    yield from _posts(play)
    yield from _in_order(
        {"type": "alert", "at": stamp(at), "sink": sink, "text": text}
        for at, sink, text in play.bell.alerts
    )


def _posts(play: Play) -> list[dict[str, Any]]:
    return _in_order(
        {
            "type": "post",
            "at": stamp(at),
            "to": post.url,
            "content_type": post.content_type,
            "body": post.body.decode(),
        }
        for at, post in play.sites.posts
    )


def _in_order(lines: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=itemgetter("at"))


def _maybe(at: datetime | None) -> str | None:
    return stamp(at) if at is not None else None
