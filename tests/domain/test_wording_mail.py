"""What e-mails say, with and without details."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.content import Content
from gateway.domain.wording import mail

URL = "https://gate.example/m/AAAAAAAAAAAAAAAAAAAAAA"


def test_an_e_mail_carries_the_whole_message() -> None:
    content = Content("No heat\nsince Sunday", "Jo Dole", "+12025550142", {"address": "1 Main St"})
    letter = mail.details("Northside HVAC", "urgent", "49000001", content)
    assert letter.subject == "Northside HVAC: urgent message 49000001"
    assert letter.body == (
        "No heat\nsince Sunday\n\n"
        "Caller: Jo Dole\nCallback: +12025550142\nAddress: 1 Main St\n\n"
        "Message 49000001, from the answering service for Northside HVAC.\n"
    )


def test_a_protected_e_mail_carries_a_link_on_a_line_of_its_own() -> None:
    letter = mail.linked("Northside Clinic", "emergency", "49000001", URL)
    assert letter.subject == "Northside Clinic: emergency message 49000001"
    assert URL in letter.body.splitlines()
    assert letter.body.startswith("An emergency message is waiting for you. Open it here:\n")


@given(st.text(), st.text(), st.text())
def test_a_subject_is_one_line_whatever_the_account_is_called(
    account: str, story: str, ucn: str
) -> None:
    letter = mail.details(account, "urgent", ucn, Content(story, None, None, {}))
    assert len(letter.subject.splitlines()) == 1


@given(st.text(min_size=12, alphabet="qxz"))
def test_the_subject_never_says_what_the_message_says(story: str) -> None:
    content = Content(story, story, story, {story: story})
    assert story not in mail.details("Northside", "urgent", "1", content).subject
