"""The simulator signs as the vendor does."""

from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from adapters.simulator.signing import Policy, sign, split_policy

NAMES = st.text(min_size=1, max_size=8)
PAIRS = st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=8)


@given(PAIRS)
def test_the_vendors_own_validator_agrees(pairs: list[tuple[str, str]]) -> None:
    url = "https://gateway.example/twilio/sms?a=1"
    assert RequestValidator("12345").validate(url, MultiDict(pairs), sign("12345", url, pairs))


def test_a_published_vector_is_met() -> None:
    pairs = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("From", "+14158675309"),
        ("Digits", "1234"),
        ("To", "+18005551212"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, pairs) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_fragment_is_a_policy_and_no_part_of_the_url() -> None:
    assert split_policy("https://x/y?a=1#rc=5&rp=all") == (
        "https://x/y?a=1",
        Policy(5, frozenset({"4xx", "5xx", "ct", "rt"})),
    )
    assert split_policy("https://x/y") == ("https://x/y", Policy())
