"""Mail handed to a real server: what was taken, what was refused, and when nobody can tell."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.smtp import Mail, Mailer, Tls
from adapters.wire import Accepted, Refused, Unsure
from tests.adapters.mail_server import Post

MAIL = Mail(
    to="ann@northside.example",
    subject="Message 49000001: Hélène",
    body="No heat at 12 Elm St — call José.\n.\nReply 41.\n",
    message_id="a-1@gw.example",
)
"""A lone dot and accents: both need care on the wire."""


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
async def mailer(post: Post) -> AsyncIterator[Mailer]:
    server = await post.open()
    yield reaching(post.port)
    post.ending.set()
    server.close()
    await server.wait_closed()


def reaching(port: int, tls: Tls = "none", trust: ssl.SSLContext | None = None) -> Mailer:
    return Mailer(
        host="127.0.0.1",
        port=port,
        username=None,
        password=None,
        tls=tls,
        sender="Answering service <gateway@gw.example>",
        timeout=10.0,
        trust=trust,
    )


async def test_a_message_arrives_as_written_under_its_own_id(mailer: Mailer, post: Post) -> None:
    sent = replace(MAIL, at=datetime(2026, 2, 2, 23, tzinfo=UTC))
    assert await mailer.send(sent) == Accepted("<a-1@gw.example>", "taken for [address] as 7")
    (envelope,) = post.taken
    assert envelope.mail_from == "gateway@gw.example"
    assert envelope.rcpt_tos == ["ann@northside.example"]
    assert post.message()["Message-ID"] == "<a-1@gw.example>"
    assert post.message()["Subject"] == "Message 49000001: Hélène"
    assert post.message()["From"] == "Answering service <gateway@gw.example>"
    assert post.message()["To"] == "ann@northside.example"
    assert post.message()["Date"] == "Mon, 02 Feb 2026 23:00:00 +0000"
    assert post.message()["Auto-Submitted"] == "auto-generated"
    assert post.message().get_content().replace("\r\n", "\n") == MAIL.body


async def test_an_id_in_brackets_is_the_same_id(mailer: Mailer, post: Post) -> None:
    answer = await mailer.send(replace(MAIL, message_id="<a-1@gw.example>"))
    assert isinstance(answer, Accepted)
    assert post.message()["Message-ID"] == "<a-1@gw.example>"
    assert post.message()["Date"] is None


@pytest.mark.parametrize(
    "subject",
    ["Two\nlines", "Two\r\nBcc: eve@evil.example", "Two\x00\x0b\u2028lines\x85", "half \ud83d"],
)
async def test_a_line_break_in_a_subject_begins_no_header(
    mailer: Mailer, post: Post, subject: str
) -> None:
    assert isinstance(await mailer.send(replace(MAIL, subject=subject)), Accepted)
    assert post.message()["Bcc"] is None
    assert "\n" not in post.message()["Subject"]
    assert post.taken[0].rcpt_tos == ["ann@northside.example"]


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ann",
        "ann@northside.example, eve@evil.example",
        "ann@northside.example\nBcc: eve@evil.example",
        "Ann <ann@northside.example>",
        "ann@northside.example>",
        "änn@northside.example",
        "ann@north@side",
    ],
)
async def test_whatever_is_not_one_plain_address_is_refused_here(
    mailer: Mailer, post: Post, to: str
) -> None:
    for odd in (replace(MAIL, to=to), replace(MAIL, message_id=to)):
        answer = await mailer.send(odd)
        if odd.message_id == "ann@northside.example>":
            continue  # a stray bracket at an id's end is no harm
        assert isinstance(answer, Refused)
        assert answer.ours
        assert not answer.again
    assert all(one.rcpt_tos == ["ann@northside.example"] for one in post.taken)


@pytest.mark.parametrize("sender", ["", "gateway", "a@b\nBcc: eve@evil.example"])
def test_a_sender_that_is_no_address_is_refused_at_once(sender: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        replace(reaching(25), sender=sender)


@pytest.mark.parametrize(
    ("command", "said", "ours"),
    [
        ("RCPT", "450 try later", False),
        ("RCPT", "550 no such person ann@northside.example", False),
        ("MAIL", "451 later", True),
        ("MAIL", "553 not your address", True),
        ("DATA", "452 full", False),
        ("DATA", "554 looks like spam", True),
    ],
)
async def test_a_refusal_is_definite_and_a_passing_one_may_be_repeated(
    mailer: Mailer, post: Post, command: str, said: str, ours: object
) -> None:
    post.says[command] = said
    answer = await mailer.send(MAIL)
    assert isinstance(answer, Refused)
    assert answer.code == int(said[:3])
    assert answer.again is said.startswith("4")
    assert answer.ours is ours
    assert "ann@" not in answer.words


@pytest.mark.parametrize("trouble", ["silence", "break off"])
async def test_trouble_before_the_message_left_is_a_no_and_after_it_unsure(
    mailer: Mailer, post: Post, trouble: str
) -> None:
    hasty = replace(mailer, timeout=1.0)
    post.says["RCPT"] = trouble
    answer = await hasty.send(MAIL)
    assert isinstance(answer, Refused)
    assert answer.again
    assert post.taken == []
    post.says = {"DATA": trouble}
    assert isinstance(await hasty.send(MAIL), Unsure)
    assert len(post.taken) == 1


async def test_a_server_that_is_not_there_or_never_greets_got_nothing() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        for listening in (False, True):
            if listening:
                mute.listen()
            answer = await replace(reaching(mute.getsockname()[1]), timeout=0.2).send(MAIL)
            assert isinstance(answer, Refused)
            assert (answer.code, answer.again, answer.ours) == (None, True, False)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_mail_goes_through_tls_to_a_trusted_server_only(
    post: Post, key: tuple[ssl.SSLContext, ssl.SSLContext], tls: Tls
) -> None:
    post.tls, trust = key
    post.from_first_byte = tls == "tls"
    async with await post.open():
        assert isinstance(await reaching(post.port, tls, trust).send(MAIL), Accepted)
        stranger = await reaching(post.port, tls).send(MAIL)
    assert isinstance(stranger, Refused)
    assert stranger.again
    assert len(post.taken) == 1


async def test_starttls_is_never_skipped(mailer: Mailer, post: Post) -> None:
    answer = await replace(mailer, tls="starttls").send(MAIL)
    assert isinstance(answer, Refused)
    assert (answer.ours, answer.again) == (True, False)
    assert post.taken == []


async def test_credentials_open_the_door_and_never_show(
    post: Post, key: tuple[ssl.SSLContext, ssl.SSLContext], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post.wants_login = True
    post.tls, trust = key
    async with await post.open():
        named = replace(
            reaching(post.port, "starttls", trust),
            username="gateway",
            password="pass phrase",  # noqa: S106 - opens nothing else
        )
        wrong = replace(named, password="open sesame")  # noqa: S106 - opens nothing
        assert isinstance(await named.send(MAIL), Accepted)
        answer = await wrong.send(MAIL)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.ours, answer.again) == (535, True, False)
    # The server's own log is not ours.
    told = [one.getMessage() for one in caplog.records if not one.name.startswith("mail.")]
    assert "sesame" not in f"{wrong!r} {answer} {told}"


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_subject_and_no_body_breaks_a_message(subject: str, body: str) -> None:
    async def exchange() -> None:
        post = Post()
        async with await post.open():
            mail = replace(MAIL, subject=subject, body=body)
            assert isinstance(await reaching(post.port).send(mail), Accepted)
        assert post.message()["Subject"] == " ".join(post.message()["Subject"].split())
        assert post.message()["To"] == MAIL.to

    asyncio.run(exchange())
