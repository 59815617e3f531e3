"""What e-mails say; with phi, or where the status is secure, a link instead of the details."""

from dataclasses import dataclass

from gateway.domain.content import Content
from gateway.domain.wording import phrases


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail's subject (one line, no details) and its plain-text body."""

    subject: str
    body: str


def details(account_name: str, priority: str, ucn: str, content: Content) -> Letter:
    """Write a message out in full, for accounts without protected details."""
    stated = [f"{name}: {value}" for name, value in phrases.facts(content)]
    return _letter(account_name, priority, ucn, [phrases.story(content.text), "\n".join(stated)])


def linked(account_name: str, priority: str, ucn: str, url: str) -> Letter:
    """Write that a message waits behind `url`: none of its details."""
    opening = f"{phrases.capital(phrases.a_message(priority))} is waiting for you. Open it here:"
    note = "The link works for a limited time. Opening it confirms that you have read the message."
    return _letter(account_name, priority, ucn, [f"{opening}\n{url}", note])


def _letter(account_name: str, priority: str, ucn: str, parts: list[str]) -> Letter:
    name = phrases.one_line(account_name)
    kind = phrases.message(priority)
    closing = f"Message {ucn}, from the answering service for {name}."
    body = "\n\n".join([part.strip() for part in parts if part.strip()] + [closing])
    return Letter(f"{name}: {kind} {phrases.one_line(ucn)}", f"{body}\n")
