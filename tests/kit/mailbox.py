"""A mailbox behind a real mail server, for what daemons send."""

import asyncio
import contextlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """A mail server that keeps what it takes; while `mute` it never says that it has.

    `logins`: the passwords of those who logged in, which nobody must.
    """

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.logins: list[bytes] = []
        self.mute = False

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail, by its recipient and its body."""
        del server, session
        content = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        mail = cast("EmailMessage", content)
        self.taken += [(one, mail.get_content()) for one in envelope.rcpt_tos]
        if self.mute:
            await asyncio.Event().wait()
        return "250 taken"

    def let_in(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        auth: LoginPassword,
    ) -> AuthResult:
        """Let everybody in."""
        del server, session, envelope, mechanism
        self.logins.append(auth.password)
        return AuthResult(success=True)


@contextlib.contextmanager
def served(mailbox: Mailbox, port: int) -> Iterator[None]:
    """Have the mail server listen."""
    server = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        authenticator=mailbox.let_in,
        auth_require_tls=False,
    )
    server.start()
    try:
        yield
    finally:
        server.stop()
