"""The pages behind a secure message's link (CONTRACT section 6, S3-19).

Whole HTML documents as strings, well-formed XML too: no script, nothing loaded from elsewhere.
Opening needs the button, because phones and scanners fetch links by themselves; the waiting page
therefore says no detail.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Final

from gateway.domain.content import Content
from gateway.domain.wording import phrases

NONCE_FIELD: Final = "nonce"  # the form field in which the page's one-time nonce comes back
_STYLE: Final = """
:root{color-scheme:light dark;--back:#f3f5f7;--card:#fff;--ink:#16202b;--soft:#52606d;
--line:#d5dbe1;--act:#0b5cad;--on:#fff}
@media(prefers-color-scheme:dark){:root{--back:#10161c;--card:#1a232c;--ink:#eef2f6;--soft:#a9b5c1;
--line:#35424f;--act:#7db8f5;--on:#0b1520}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);
font:1.0625rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:34rem;margin:0 auto;padding:1.25rem 1rem 3rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}
h1{font-size:1.375rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}
p{margin:.75rem 0;overflow-wrap:anywhere}
.soft,dt{color:var(--soft)}
.story{white-space:pre-wrap;font-size:1.1875rem}
.note{border-left:.25rem solid var(--act);padding-left:.75rem}
dl{margin:1rem 0 0}dt{font-size:.9375rem;margin-top:.75rem}
dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}
a{color:var(--act)}
button{width:100%;min-height:3.25rem;margin-top:1rem;border:0;border-radius:.5rem;cursor:pointer;
background:var(--act);color:var(--on);font:inherit;font-weight:600}
button:focus-visible,a:focus-visible{outline:.1875rem solid var(--ink);outline-offset:.125rem}
""".strip()
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# To be sent with every page here: nothing is kept, framed, indexed, or told to the next site.
HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY,
        "Content-Type": "text/html; charset=utf-8",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
)
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")


def waiting(account_name: str, priority: str, nonce: str) -> str:
    """Show that a message waits, with a button that posts `nonce` to this same path; no details."""
    name = escape(phrases.one_line(account_name))
    waits = escape(phrases.capital(phrases.a_message(priority)))
    hidden = (
        f'<input type="hidden" name="{NONCE_FIELD}" value="{escape(phrases.one_line(nonce))}"/>'
    )
    return whole(
        f"Message from {name}",
        f"<h1>{name}</h1>"
        f"<p>{waits} is waiting for you.</p>"
        f'<form method="post">{hidden}<button type="submit">Open the message</button></form>'
        '<p class="soft">Opening it confirms that you have read the message.</p>',
    )


def opened(account_name: str, priority: str, content: Content, holder: str | None = None) -> str:
    """Show the message itself; `holder` names somebody else who has already accepted it."""
    name = escape(phrases.one_line(account_name))
    kind = escape(phrases.capital(phrases.message(priority)))
    return whole(
        f"Message from {name}",
        f'<h1>{name}</h1><p class="soft">{kind}</p>'
        f"{_held_note(holder)}"
        f'<p class="story">{escape(phrases.story(content.text))}</p>'
        f"{_facts(content)}",
    )


def gone() -> str:
    """Show that the link opens nothing: expired and unknown ones look alike, so none is probed."""
    return whole(
        "Link not valid",
        "<h1>This link is no longer valid</h1>"
        "<p>It has expired or was not complete. Please call the answering service if you still "
        "need the message.</p>",
    )


def too_often() -> str:
    """Show that a link is asked for too often; it opens again in a minute."""
    return whole(
        "Too many requests",
        "<h1>Please wait a minute</h1><p>This was asked for too often. Nothing was recorded.</p>",
    )


def unavailable() -> str:
    """Show that the message cannot be opened at the moment; nothing was recorded."""
    return whole(
        "Please try again",
        "<h1>Please try again in a minute</h1>"
        "<p>The message cannot be opened right now. It has not been marked as read.</p>",
    )


def _held_note(holder: str | None) -> str:
    if holder is None:
        return ""
    name = escape(phrases.one_line(holder))
    return f'<p class="note">This message has already been accepted by {name}.</p>'


def _facts(content: Content) -> str:
    rows = [
        f"<dt>{escape(name)}</dt><dd>{_dialable(value)}</dd>"
        for name, value in phrases.facts(content)
    ]
    return f"<dl>{''.join(rows)}</dl>" if rows else ""


def _dialable(value: str) -> str:
    """Make an E.164 number a link that calls it; anything else stays text."""
    if _E164.fullmatch(value):
        return f'<a href="tel:{value}">{value}</a>'
    return escape(value)


def whole(title: str, body: str) -> str:
    """Return a page with its head, its style, and one card that holds `body` (HTML)."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        '<meta name="robots" content="noindex, nofollow"/>'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f'<body><main><div class="card">{body}</div></main></body></html>\n'
    )
