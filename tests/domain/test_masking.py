"""Addresses as history and log may show them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.masking import mask, mask_address, mask_mail, mask_within

E164 = st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+12025550101", "+1******0101"),
        ("+442071234567", "+44******4567"),
        ("+353861234567", "+353*****4567"),
        ("+77012345678", "+7******5678"),
        ("2025550101", "******0101"),
        ("911", "***"),
        ("", ""),
    ],
)
def test_a_masked_phone_shows_its_country_and_its_end(phone: str, masked: str) -> None:
    assert mask(phone) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("ann@northside.example", "a**@northside.example"),
        ("a@northside.example", "*@northside.example"),
        ("nobody", "******"),
    ],
)
def test_a_masked_mail_address_shows_a_letter_and_the_domain(address: str, masked: str) -> None:
    assert mask_mail(address) == masked


@given(E164)
def test_masking_hides_digits_keeps_the_length_and_may_be_repeated(phone: str) -> None:
    masked = mask(phone)
    assert len(masked) == len(phone)
    assert masked.count("*") >= 2
    assert mask(masked) == masked
    assert mask_address(masked) == masked


@given(st.emails())
def test_masking_mail_may_be_repeated(address: str) -> None:
    assert mask_mail(mask_mail(address)) == mask_mail(address)


def test_a_star_in_a_number_does_not_make_it_count_as_masked() -> None:
    assert "2025550" not in mask("+12025550101*")


@given(E164, st.text(alphabet="abc .,", max_size=10))
def test_numbers_inside_words_are_masked_too(phone: str, around: str) -> None:
    assert phone not in mask_within(f"{around} {phone} {around}")


def test_words_with_addresses_keep_everything_else() -> None:
    words = "No route from +12025550101 to ann@northside.example (21612)."
    masked = "No route from +1******0101 to a**@northside.example (21612)."
    assert mask_within(words) == masked
    assert mask_within(masked) == masked
