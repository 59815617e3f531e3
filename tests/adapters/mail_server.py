"""A real mail server in this process, saying what it is told to say."""

import asyncio
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

OPENS = LoginPassword(b"gateway", b"pass phrase")


@dataclass
class Post:
    """Keeps what it takes; `says` holds an answer per command, `tls` its key, if it has one."""

    taken: list[Envelope] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    from_first_byte: bool = False
    wants_login: bool = False
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0

    async def handle_MAIL(  # noqa: N802 - the server calls it so, as those below
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Note the sender."""
        del server, session, options
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Note the recipient, or fall silent, or break off."""
        del session, options
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server)

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the message, or fall silent, or break off."""
        del session
        self.taken.append(envelope)
        return await self._answer("DATA", server)

    def message(self) -> EmailMessage:
        """Return the one message taken."""
        (envelope,) = self.taken
        content = cast("bytes", envelope.content)
        return cast("EmailMessage", message_from_bytes(content, policy=policy.default))

    async def open(self) -> asyncio.Server:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        key = self.tls if self.from_first_byte else None
        server = await loop.create_server(self._protocol, "127.0.0.1", 0, ssl=key)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.example",
            tls_context=None if self.from_first_byte else self.tls,
            authenticator=_judge,
            auth_required=self.wants_login,
            loop=asyncio.get_running_loop(),
        )

    async def _answer(self, command: str, server: SMTP) -> str:
        said = self.says.get(command, "250 taken for ann@northside.example as 7")
        if said == "silence":
            await self.ending.wait()
        if said == "break off":
            assert server.transport is not None
            server.transport.abort()
        return said


def _judge(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
) -> AuthResult:
    del server, session, envelope, mechanism
    # Unhandled: the server itself is to answer a wrong one.
    return AuthResult(success=login == OPENS, handled=False)
