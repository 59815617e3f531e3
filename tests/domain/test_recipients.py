"""To whom a resend may go: contacts, the office, addresses of nobody."""

import pytest

from gateway.domain.documents import compile_account
from gateway.domain.recipients import recipient
from tests.kit.desk import document

ACCOUNT = compile_account(
    document(
        contacts={
            "ann": {"name": "Ann", "phone": "+12025550101", "email": "ann@northside.example"},
            "bob": {"name": "Bob", "phone": "+12025550102", "sms": "+12025550112"},
            "dee": {"name": "Dee", "email": "dee@northside.example"},
        },
        schedules=[],
        permanent=[],
        office={"phone": "+12025550199", "email": "office@northside.example"},
    )
)


@pytest.mark.parametrize(
    ("channel", "to", "expected"),
    [
        ("email", "ann", ("ann", "ann@northside.example")),
        ("sms", "bob", ("bob", "+12025550112")),
        ("secure", "dee", ("dee", "dee@northside.example")),
        ("email", "office", ("office", "office@northside.example")),
        ("email", "office@northside.example", ("office", "office@northside.example")),
        ("email", "ann@northside.example", ("ann", "ann@northside.example")),
        ("sms", "+12025550112", ("bob", "+12025550112")),
        ("secure", "new@client.example", ("n**@client.example", "new@client.example")),
        ("sms", "+12025550177", ("+1******0177", "+12025550177")),
    ],
)
def test_a_contact_an_office_or_an_address_is_a_recipient(
    channel: str, to: str, expected: tuple[str, str]
) -> None:
    """S3-15."""
    assert recipient(ACCOUNT, channel, to) == expected


@pytest.mark.parametrize(
    ("channel", "to", "words"),
    [
        ("email", "bob", "bob has no address for email"),
        ("sms", "dee", "dee has no address for sms"),
        ("sms", "ann@northside.example", "an E.164 number"),
        ("email", "+12025550101", "an e-mail address"),
        ("secure", "zoe", "an E.164 number or an e-mail address"),
        ("sms", "2025550101", "an E.164 number"),
        ("email", "a b@c", "an e-mail address"),
    ],
)
def test_anything_else_is_refused_with_what_is_wrong(channel: str, to: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        recipient(ACCOUNT, channel, to)
