"""Links of secure messages: unguessable, short-lived, and never stored in the clear."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import receipts

NOW = datetime(2026, 2, 2, 23, 0, tzinfo=UTC)
ENTROPY = st.binary(min_size=16, max_size=16)


@given(ENTROPY, ENTROPY)
def test_different_entropy_gives_different_tokens(one: bytes, other: bytes) -> None:
    assert (receipts.token_from(one) == receipts.token_from(other)) == (one == other)


@given(ENTROPY)
def test_a_token_is_well_formed_and_ends_in_a_letter(entropy: bytes) -> None:
    token = receipts.token_from(entropy)
    assert len(token) == 22
    assert receipts.well_formed(token)
    assert token[-1].isalpha()


@pytest.mark.parametrize("entropy", [b"", b"x" * 15, b"x" * 17])
def test_a_token_of_too_little_or_too_much_entropy_is_refused(entropy: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        receipts.token_from(entropy)


@pytest.mark.parametrize("token", ["", "abc", "A" * 23, "A" * 21 + "\n", "A" * 21 + "B", "../" * 7])
def test_what_cannot_be_a_token_is_known_without_asking_the_store(token: str) -> None:
    assert not receipts.well_formed(token)


def test_the_fingerprint_is_the_sha256_of_the_token() -> None:
    token = receipts.token_from(bytes(16))
    assert receipts.fingerprint(token) == hashlib.sha256(token.encode()).hexdigest()


@given(st.text(alphabet=st.characters(), max_size=50))
def test_any_string_from_a_path_has_a_fingerprint(token: str) -> None:
    assert len(receipts.fingerprint(token)) == 64


@pytest.mark.parametrize("base", ["https://gate.example", "https://gate.example/"])
def test_a_link_is_the_public_url_with_the_token(base: str) -> None:
    assert receipts.link(base, "abc") == "https://gate.example/m/abc"


def test_a_nonce_has_the_strength_of_a_token() -> None:
    assert receipts.well_formed(receipts.nonce_from(bytes(range(16))))


def test_a_link_lives_for_72_hours_and_not_an_instant_longer() -> None:
    end = receipts.link_expires(NOW)
    assert end - NOW == timedelta(hours=72)
    assert not receipts.expired(end, end - timedelta(microseconds=1))
    assert receipts.expired(end, end)


def test_an_account_may_give_its_links_another_life() -> None:
    assert receipts.link_expires(NOW, timedelta(hours=4)) == NOW + timedelta(hours=4)
