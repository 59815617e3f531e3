"""What copies and daily digests say; with phi the fact alone, never a detail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.content import Content
from gateway.domain.messages import Message
from gateway.domain.wording import phrases
from gateway.domain.wording.mail import Letter


@dataclass(frozen=True, slots=True)
class Copied:
    """A message that is copied, and why: it was taken, or delivered."""

    account_name: str
    priority: str
    ucn: str
    occasion: str

    @property
    def subject(self) -> str:
        """One line without details."""
        what = f"{phrases.message(self.priority)} {phrases.one_line(self.ucn)}"
        return f"{phrases.one_line(self.account_name)}: {what} {self.occasion}"

    @property
    def closing(self) -> str:
        """Who writes, and that nothing is asked for."""
        name = phrases.one_line(self.account_name)
        return f"A copy from the answering service for {name}. No answer is needed."


@dataclass(frozen=True, slots=True)
class Digested:
    """A digest: whose, for which span, in which zone, and whether details may stand in it."""

    account_name: str
    since: datetime
    until: datetime
    zone: ZoneInfo
    phi: bool


def copied(about: Copied, content: Content, delivered: str | None) -> Letter:
    """Write the message out in full, and to whom it was delivered."""
    parts = [phrases.story(content.text), _stated(content), delivered or "", about.closing]
    return _letter(about.subject, parts)


def fact(about: Copied) -> Letter:
    """Write that there is a message, and none of its details."""
    what = phrases.capital(phrases.a_message(about.priority))
    said = f"{what} was {about.occasion}: number {phrases.one_line(about.ucn)}."
    return _letter(about.subject, [said, about.closing])


def digested(
    about: Digested, messages: Sequence[tuple[Message, Content | None]], more: int
) -> Letter:
    """Write what was taken in a span, a paragraph a message, and how many are left out."""
    name = phrases.one_line(about.account_name)
    count = len(messages) + more
    number = "1 message" if count == 1 else f"{count} messages"
    since, until = (phrases.moment(at, about.zone) for at in (about.since, about.until))
    parts = [f"{number} from {since} to {until}."]
    parts += [_entry(about, message, content) for message, content in messages]
    parts += [f"{more} more are not shown."] if more else []
    parts.append(f"From the answering service for {name}. No answer is needed.")
    return _letter(f"{name}: {number}", parts)


def _entry(about: Digested, message: Message, content: Content | None) -> str:
    at = phrases.moment(message.taken_at, about.zone)
    lines = [f"{message.key.ucn}, {message.priority.word}, taken at {at}: {_state(about, message)}"]
    if content is not None and not about.phi:
        lines += [phrases.story(content.text), _stated(content)]
    return _joined(lines, "\n")


def _state(about: Digested, message: Message) -> str:
    if message.delivered_at is None:
        return message.state.value
    return f"delivered at {phrases.moment(message.delivered_at, about.zone)}"


def _stated(content: Content) -> str:
    return "\n".join(f"{name}: {value}" for name, value in phrases.facts(content))


def _letter(subject: str, parts: Iterable[str]) -> Letter:
    return Letter(subject, f"{_joined(parts, chr(10) * 2)}\n")


def _joined(parts: Iterable[str], joint: str) -> str:
    return joint.join(part.strip() for part in parts if part.strip())
