"""Reaching somebody: the intent, the words on the wire, the code and the secure link."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import receipts
from gateway.domain.attempts import WIRE_LASTS
from gateway.domain.change import CallOut, MailOut, TextOut
from tests.kit.desk import NOON, TEXT, later
from tests.kit.street import ANN, Street, compiled, protocol, roster, shift, street

TEXTED = {**roster(shift("ann", status="sms")), "permanent": []}
SECURE = {**roster(shift("ann", status="secure")), "permanent": []}


def texted(one: Street) -> TextOut:
    wire = one.go().wire
    assert isinstance(wire, TextOut)
    return wire


def test_an_intent_is_written_before_the_wire_is_touched_and_may_begin_for_seconds_only() -> None:
    one = street()
    change = one.step()
    assert isinstance(change.wire, CallOut)
    (intent,) = change.begun
    assert (intent.id, intent.sid, intent.outcome) == (change.wire.attempt, None, None)
    assert change.wire.deadline == NOON + WIRE_LASTS
    assert change.document == one.version


def test_a_call_claims_the_phone_for_its_own_limits_and_six_minutes() -> None:
    change = street(compiled(**protocol(ring="40s"))).step()
    assert isinstance(change.wire, CallOut)
    assert change.call_until == later(minutes=6, seconds=40 + change.wire.limit)


def test_a_text_carries_the_message_and_ends_with_its_code() -> None:
    one = street(compiled(**TEXTED))
    wire = texted(one)
    assert TEXT in wire.body
    assert wire.to == ANN
    assert f"Reply {one.last.code} to accept, {one.last.code} NO to pass." in wire.tail


def test_the_code_is_claimed_for_the_phone_and_kept_over_the_rounds() -> None:
    one = street(compiled(**TEXTED))
    claim = one.go()
    assert claim.code is not None
    assert (claim.code.phone, claim.code.contact) == (ANN, "ann")
    one.accepted(claim)
    one.wind(minutes=15)
    again = one.go()
    if again.wire is None:
        one.wind(minutes=15)
        again = one.go()
    assert isinstance(again.wire, TextOut)
    assert again.code is None
    assert again.wire.tail.count(claim.code.code) == 2


@given(st.frozensets(st.integers(10, 9999).map(str), max_size=600), st.integers(0, 1000))
def test_a_code_has_two_to_four_digits_and_is_never_one_that_is_taken(
    taken: frozenset[str], seed: int
) -> None:
    one = street(compiled(**TEXTED), seed=seed)
    one.codes = {ANN: taken}
    code = one.go().code
    assert code is not None
    assert code.code not in taken
    assert 2 <= len(code.code) <= 4
    assert code.code[0] != "0"


def test_a_phone_with_every_short_code_taken_gets_a_longer_one() -> None:
    one = street(compiled(**TEXTED))
    one.codes = {ANN: frozenset(str(code) for code in range(10, 100))}
    code = one.go().code
    assert code is not None
    assert len(code.code) == 3


def test_protected_details_never_travel_only_their_link_does() -> None:
    one = street(compiled(phi=True, **TEXTED))
    wire = texted(one)
    assert TEXT not in wire.body + wire.tail
    assert "https://dispatch.example/m/" in wire.body + wire.tail
    assert f"Reply {one.last.code}" in wire.tail


def test_a_link_is_kept_by_its_fingerprint_only() -> None:
    one = street(compiled(**SECURE))
    wire = texted(one)
    words = wire.body + wire.tail
    token = words.split("/m/")[1].split()[0].rstrip(".,")
    (link,) = one.links
    assert link.fingerprint == receipts.fingerprint(token)
    assert token not in repr(one.changes[-1]._replace(wire=None))
    assert (link.attempt, link.contact) == (one.last.id, "ann")
    assert one.kinds()[-2:] == ["secure.sent", "cue.set"]


def test_a_secure_message_goes_by_email_where_there_is_no_phone() -> None:
    ann = {"ann": {"name": "Ann", "email": "ann@northside.example"}}
    one = street(compiled(contacts=ann, **SECURE))
    wire = one.go().wire
    assert isinstance(wire, MailOut)
    assert "/m/" in wire.body
    assert TEXT not in wire.body


def test_no_note_of_an_attempt_holds_the_details_or_the_whole_address() -> None:
    one = street(compiled(**TEXTED))
    one.go()
    printed = "".join(item.body for item in one.items)
    assert TEXT not in printed
    assert ANN not in printed
