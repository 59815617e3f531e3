"""E-mail over SMTP: one message, one recipient, one try.

Until the server has the message nothing was sent, and every failure is a definite no; once the
body is on its way, silence is Unsure. A 2xx answer means the server took it, never that it was
read.
"""

import re
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime, parseaddr
from typing import Final, Literal

import aiosmtplib

from adapters.wire import Accepted, Answer, Kind, Refused, Unsure

Tls = Literal["none", "starttls", "tls"]

_CONTROL = re.compile("[\x00-\x1f\x7f]+")
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")
_ODD = re.compile(r'[\s,;:<>()"\\\[\]]')
_LONGEST: Final = 200
_PERMANENT: Final = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. `message_id` with or without its angle brackets; `at` becomes the Date.

    Without `at` the submission server writes the date.
    """

    to: str
    subject: str
    body: str
    message_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mailer:
    """A submission server and our address there. `timeout`: seconds for each step.

    `tls`: none, starttls (required, never skipped) or tls (from the first byte); certificates are
    always checked, against `trust` where a private authority is used.
    """

    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    tls: Tls
    sender: str
    timeout: float = 10.0
    trust: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        """Refuse a sender that is no address: raises ValueError."""
        if _CONTROL.search(self.sender) or not _is_address(self._from()):
            raise ValueError("the sender is not an e-mail address")

    async def send(self, mail: Mail) -> Answer:
        """Hand one message over; Accepted carries its Message-ID."""
        name = mail.message_id.strip().strip("<>")
        if not _is_address(mail.to) or not _is_address(name):
            words = "not sent: the recipient or the message id is not an address"
            return Refused(None, words, again=False, ours=True, kind="content")
        client = self._client()
        try:
            return await self._hand_over(client, mail, f"<{name}>")
        finally:
            client.close()

    async def _hand_over(self, client: aiosmtplib.SMTP, mail: Mail, name: str) -> Answer:
        try:
            await client.connect()
            await client.mail(self._from())
            await client.rcpt(mail.to)
        except (aiosmtplib.SMTPException, OSError) as error:
            return _not_begun(error)
        try:
            said = await client.data(self._compose(mail, name))
        except aiosmtplib.SMTPDataError as error:
            return _refused(error, ours=error.code >= _PERMANENT, kind="content")
        except (aiosmtplib.SMTPException, OSError):
            return Unsure("the mail server fell silent after the message was sent")
        await _leave(client)
        return Accepted(name, _plain(said.message))

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username or None,
            password=self.password or None,
            # Our own domain, for the default asks the resolver for this host's name.
            local_hostname=self._from().rpartition("@")[2],
            timeout=self.timeout,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            tls_context=self.trust,
        )

    def _from(self) -> str:
        return parseaddr(self.sender)[1]

    def _compose(self, mail: Mail, name: str) -> bytes:
        message = EmailMessage(policy=LINES)
        message["From"] = self.sender
        message["To"] = mail.to
        message["Subject"] = _line(mail.subject)
        message["Message-ID"] = name
        if mail.at is not None:
            message["Date"] = format_datetime(mail.at)
        # Keeps out-of-office replies away (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(_sound(mail.body), cte="quoted-printable")
        return message.as_bytes()


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        return  # the message is taken; a rude goodbye changes nothing


def _not_begun(error: Exception) -> Refused:
    match error:
        case aiosmtplib.SMTPAuthenticationError() | aiosmtplib.SMTPSenderRefused():
            return _refused(error, ours=True, kind="account")
        case aiosmtplib.SMTPRecipientRefused():
            return _refused(error, ours=False, kind="number")
        case aiosmtplib.SMTPResponseException():
            return _refused(error, ours=error.code >= _PERMANENT, kind="account")
        case OSError():
            words = "not sent: the mail server was not reached"
            return Refused(None, words, again=True, ours=False, kind="retryable")
        case _:
            words = "not sent: the mail server lacks the TLS or login asked for"
            return Refused(None, words, again=False, ours=True, kind="account")


def _refused(error: aiosmtplib.SMTPResponseException, *, ours: bool, kind: Kind) -> Refused:
    again = error.code < _PERMANENT
    words = f"SMTP {error.code}: {_plain(error.message)}"
    return Refused(error.code, words, again, ours, None, "retryable" if again else kind)


def _is_address(text: str) -> bool:
    """Whether it is exactly one plain ASCII address: no list, no name, no second header."""
    return bool(_ADDRESS.fullmatch(text)) and text.count("@") == 1 and not _ODD.search(text)


def _plain(words: str) -> str:
    return _ADDRESS.sub("[address]", _line(words))[:_LONGEST]


def _line(words: str) -> str:
    """Return one line: a line break in a subject must not begin another header."""
    return " ".join(_CONTROL.sub(" ", _sound(words)).split())


def _sound(words: str) -> str:
    return words.encode("utf-8", "replace").decode("utf-8")
