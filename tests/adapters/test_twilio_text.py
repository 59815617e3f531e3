# ruff: noqa: RUF001 - look-alikes of plain characters are what is tested
"""Texts are spelled in the phone network's alphabet and say the same as before."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twilio.spelling import SPELLED
from adapters.twilio.text import BASIC, EXTENDED, fit, fold, segments

GSM = BASIC | EXTENDED
ANY = st.text(st.characters(exclude_categories=()), max_size=60)
ODD = st.text(
    st.sampled_from("12 .,a" + "½⅔²³₂①❶㏠٣५５“’–…\u00a0€£¢µμgé\u0301ñç🔥👍🏽🇺1\ufe0f\u20e3°№日й^~"),
    max_size=20,
)


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        ("“It’s” ‘here’ — 10–20…", "\"It's\" 'here' - 10-20..."),
        ("a\u00a0b\u2009c\u200bd\u2028e\tf", "a b cd\ne f"),
        ("`x´", "'x'"),
        ("naïve café Łódź garçon Århus Ñandú", "naive café Lodz garcon Århus Ñandu"),
        ("cafe\u0301 c\u0327", "café c"),
        ("œuvre Þór ﬁn Straße ẞ", "oeuvre Thor fin Straße SS"),
        ("€5 £6 ¥7 $8", "€5 £6 ¥7 $8"),
        ("50¢ ₹500 ₩900", "50c INR 500 KRW 900"),
        ("٠١٢ ०१२ ０１２ 𝟎𝟏𝟐", "012 012 012 012"),
        ("٣٫٥ ١٬٠٠٠", "3.5 1,000"),
        ("2½ cups, ½2, 1⁄2, ⅔", "2 1/2 cups, 1/2 2, 1/2, 2/3"),
        ("10² x²³ m⁻¹ ²3", "10^2 x^23 m^-1 ^2 3"),
        ("H₂O 10₂", "H2O 10_2"),
        ("①② 6① ❶ ㉑5 Ⅳ", "(1)(2) 6(1) (1) (21)5 IV"),
        ("3·5 • 3×5 3÷5", "3*5 * 3x5 3/5"),
        ("98°F −5 ±3 ≤4 ≠5 ≮6", "98 deg F -5 +/-3 <=4 not =5 not <6"),
        ("50 µg 50 μg 50㎍ 5 µL", "50 mcg 50 mcg 50mcg 5 uL"),
        ("5′10″ №5 3º", "5'10\" No.5 3.o"),
        ("3㏠ 3㎡", "3 1? 3m2"),
        ("🔥 in kitchen 👍🏽 ❤️", "[fire] in kitchen [thumbs up sign] [heart]"),
        ("🇺🇸 1️⃣2️⃣", "US 12"),
        ("日本 Привет й 한국 \ud800 \ue000", "?? ?????? ? ?? ? ?"),
        ("Ω 50 \u2126 Δ", "Ω 50 Ω Δ"),
        ("\x1b\x00\x07\x7f", ""),
        ("(555) 010-1234 {x} [y] ~|\\^", "(555) 010-1234 {x} [y] ~|\\^"),
    ],
)
def test_words_are_spelled_plainly(body: str, plain: str) -> None:
    assert fold(body) == plain


@given(ANY | ODD)
def test_whatever_comes_in_gsm7_goes_out_and_stays(body: str) -> None:
    folded = fold(body)
    assert GSM.issuperset(folded)
    assert fold(folded) == folded


@given(st.text(string.printable.translate({ord(odd): None for odd in "`\t\x0b\x0c"})))
def test_plain_words_are_left_alone(body: str) -> None:
    assert fold(body) == body


@given(st.text(string.ascii_letters + string.digits + " “”’–…€🔥\u00a0日"))
def test_letters_and_digits_are_never_lost_or_reordered(body: str) -> None:
    kept = [one for one in body.replace("🔥", "") if one.isascii() and one.isalnum()]
    folded = fold(body).replace("[fire]", "")
    assert [one for one in folded if one.isascii() and one.isalnum()] == kept


@given(st.integers(0, 10**9), st.sampled_from("½⅓¼²³①⑳❶㉑₂㏠🔟"), st.integers(0, 10**9))
def test_a_number_beside_an_odd_one_stays_the_same_number(left: int, odd: str, right: int) -> None:
    folded = fold(f"{left}{odd}{right}")
    numbers = "".join(one if one.isdigit() else " " for one in folded).split()
    assert numbers[0] == str(left)
    assert numbers[-1] == str(right)


@given(st.decimals(0, 10**7, allow_nan=False, places=2), st.sampled_from("€£$¥₹₩₽₺¢"))
def test_a_price_stays_the_same_price(price: object, sign: str) -> None:
    assert str(price) in fold(f"“{sign}{price}”")


def test_every_spelling_is_itself_plain() -> None:
    assert all(GSM.issuperset(plain) for plain in SPELLED.values())
    assert GSM.isdisjoint(SPELLED)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("", 0),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("x" * 152 + "€" + "x" * 151, 2),
        ("x" * 152 + "€" + "x" * 152, 3),
        ("é" * 160, 1),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("ç" * 134, 2),
        ("ç" * 135, 3),
        ("🔥" * 35, 1),
        ("🔥" * 36, 2),
        ("🔥" * 66, 2),
        ("🔥" * 67, 3),
    ],
)
def test_segments_are_counted_as_the_network_counts(body: str, count: int) -> None:
    assert segments(body) == count


TAILS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + " ,.€^"), min_size=1, max_size=120
)


@given(st.text(max_size=500) | st.text("ab1 \n€", max_size=500), TAILS, st.integers(1, 3))
def test_a_text_is_cut_to_fit_and_its_tail_never(body: str, tail: str, most: int) -> None:
    text = fit(body, tail, most)
    assert text.endswith(tail)
    assert segments(text) <= most or text == tail
    assert GSM.issuperset(text)


def test_a_text_that_fits_is_not_shortened() -> None:
    assert fit("No heat", " Reply 41.") == "No heat Reply 41."


def test_a_cut_shows_and_falls_between_words() -> None:
    text = fit("call 2025550101 " * 20, " Reply 41.", 1)
    assert text.endswith("... Reply 41.")
    assert set(text.removesuffix("... Reply 41.").split()) == {"call", "2025550101"}
    assert len(text) > 140


def test_one_endless_word_is_cut_all_the_same() -> None:
    text = fit("x" * 400, " Reply 41.", 1)
    assert text == "x" * 147 + "... Reply 41."


def test_a_tail_too_long_for_its_segments_stands_alone() -> None:
    assert fit("words", "y" * 200, 1) == "y" * 200
    assert fit("words and words", "y" * 158, 1) == "y" * 158
