"""What a document asks to be delivered, and what of a message brings it about."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.deliveries import asked_for, digest_of
from gateway.domain.delivery_rules import DigestRule
from gateway.domain.documents import (
    DocumentError,
    canonical,
    compile_account,
    document_from,
    keep_pins,
)
from gateway.domain.duties import DutyKind, wanted
from gateway.domain.taking import take
from tests.kit.desk import NOON, Dice, document, intake, later, northside

COPY = {"email": "office@northside.example", "on": "taken"}
POST = {"post": "https://post.example/x", "fields": {"Name": "caller.name"}}
SECRET = "0123456789abcdef"  # noqa: S105 - an example


def fault(deliveries: list[dict[str, Any]], **keys: object) -> str:
    with pytest.raises(DocumentError) as raised:
        document_from(northside(deliveries=deliveries, **keys), "test")
    return str(raised.value).partition(": ")[2]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        ({"email": "a@b.example"}, "deliveries[0]: an e-mail needs either on or digest"),
        ({**COPY, "digest": "08:00"}, "deliveries[0]: an e-mail needs either on or digest"),
        ({"email": "nobody", "on": "taken"}, "deliveries[0].email: 'nobody' is not an e-mail"),
        ({**COPY, "on": "read"}, "deliveries[0].on: must be 'taken' or 'delivered'"),
        ({**COPY, "format": "xml"}, "deliveries[0]: format is not for e-mails"),
        ({"email": "a@b.example", "digest": "8:00"}, "deliveries[0].digest: '8:00' is not a time"),
        ({**POST, "digest": "08:00"}, "deliveries[0]: digest is not for web posts"),
        ({"post": "https://x.example"}, "deliveries[0]: a web post needs fields"),
        ({**POST, "post": "ftp://x.example"}, "deliveries[0].post: must be an https:// or http://"),
        ({**POST, "post": "https://a:b@x.example"}, "deliveries[0].post: must be a plain URL"),
        ({**POST, "fields": {"1 a": "text"}}, "deliveries[0].fields.1 a: must be letters"),
        ({**POST, "fields": {"a": "caller.mail"}}, "deliveries[0].fields.a: 'caller.mail' is no"),
        ({**POST, "order": ["Nam"]}, "deliveries[0]: order names 'Nam'"),
        ({**POST, "allow": "utf8"}, "deliveries[0].allow: must be ascii, latin1, unicode or"),
        ({**POST, "accept": "/(/"}, "deliveries[0].accept: is not a regular expression"),
        ({**POST, "kind": "order"}, "deliveries[0].kind: must be 'claim' or 'lead'"),
        ({**POST, "secret": "short"}, "deliveries[0].secret: must be 16 to 200 plain characters"),
        ({**POST, "secret": "****"}, "deliveries[0].secret: stands for a stored one"),
        ({**POST, "feilds": {}}, "deliveries[0].feilds: unknown key; did you mean fields?"),
    ],
)
def test_a_faulty_delivery_is_named_with_its_place(one: dict[str, Any], words: str) -> None:
    if one.get("secret") == "****":
        with pytest.raises(DocumentError, match="stands for a stored one"):
            compile_account(document(deliveries=[one]))
        return
    assert fault([one]).startswith(words)


def test_names_are_unique_whatever_they_are_made_of() -> None:
    assert "deliveries[1].name" in fault([COPY, {**POST, "name": "copy-taken"}])
    twice = compile_account(document(deliveries=[COPY, COPY, {**COPY, "on": "delivered"}, POST]))
    assert [rule.name for rule in twice.deliveries] == [
        *("copy-taken", "copy-taken-2", "copy-delivered", "lead-taken"),
    ]


def test_web_posts_that_only_their_order_tells_apart_are_named() -> None:
    """Else taking one out renames the others, and what waits goes to the wrong side."""
    other = {**POST, "post": "https://other.example/y"}
    assert "deliveries[1].name: is needed" in fault([POST, other])
    document(deliveries=[POST, {**other, "name": "other"}])


def test_a_secret_is_not_put_back_at_another_address() -> None:
    stored = document(deliveries=[{**POST, "secret": SECRET}])
    moved = {**POST, "post": "https://other.example/y", "secret": "****"}
    with pytest.raises(DocumentError, match="stands for a stored one"):
        compile_account(keep_pins(document(deliveries=[moved]), stored))


def test_with_phi_posts_are_encrypted_on_their_way() -> None:
    plain = {**POST, "post": "http://post.example/x"}
    assert fault([plain], phi=True).startswith("deliveries[0].post: must be an https:// URL")
    document(deliveries=[plain])


def test_a_secret_is_kept_and_never_printed() -> None:
    stored = document(deliveries=[{**POST, "secret": SECRET}])
    printed = canonical(stored)
    assert SECRET not in str(printed)
    assert SECRET not in repr(compile_account(stored).deliveries)
    again = keep_pins(document_from(printed, "test"), stored)
    assert again.deliveries[0].secret == SECRET


def test_a_printed_document_reads_as_the_same() -> None:
    full = {
        **POST,
        "name": "lead",
        "format": "xml",
        "kind": "claim",
        "allow": "[A-Z]",
        "accept": "/ok/",
        "idempotent": True,
        "form": ["hvac"],
        "on": "delivered",
    }
    one = document(deliveries=[COPY, full, {"email": "a@b.example", "digest": "08:00"}])
    assert document_from(canonical(one, pins=True), "test") == one


def test_fields_stand_in_the_order_that_was_asked_for() -> None:
    fields = {"Zip": "zip", "Name": "caller.name", "City": "city", "Age": "age"}
    rule = compile_account(
        document(deliveries=[{**POST, "fields": fields, "order": ["Name", "Zip"]}])
    ).deliveries[0]
    assert list(rule.fields) == ["Name", "Zip", "Age", "City"]  # type: ignore[union-attr]


def test_a_message_brings_about_what_is_for_its_form_and_occasion() -> None:
    account = compile_account(
        document(
            deliveries=[
                COPY,
                {**COPY, "name": "sales", "form": ["sales"]},
                {**COPY, "name": "done", "on": "delivered"},
                {**POST, "form": ["hvac"]},
                {"email": "a@b.example", "digest": "08:00"},
            ]
        )
    )
    one = take(intake(), "49000001", account, NOON, Dice())
    assert [each.name for each in one.deliveries] == ["copy-taken", "lead-taken"]
    (again, *_) = asked_for(account, one.message, "taken", later(hours=1))
    assert again.id == one.deliveries[0].id
    assert [each.name for each in asked_for(account, one.message, "delivered", NOON)] == ["done"]


def test_a_digest_is_a_duty_of_its_account() -> None:
    one = document(deliveries=[{"email": "a@b.example", "digest": "08:00", "name": "boss"}])
    kinds = {(each.kind, each.key) for each in wanted(one)}
    assert (DutyKind.REPORT, "boss") in kinds
    assert not any(each.kind == DutyKind.REPORT for each in wanted(document()))


def test_a_digest_comes_at_its_local_time_also_over_a_clock_change() -> None:
    rule, zone = DigestRule("d", "a@b.example", time(2, 30)), ZoneInfo("America/New_York")
    before = datetime(2026, 3, 7, 12, tzinfo=UTC)
    # 02:30 does not exist on 8 March: the first instant after the gap.
    first = rule.after(before, zone)
    assert first == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert rule.after(first, zone) == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
    made = digest_of(compile_account(document()), rule, (before, first), first)
    assert (made.key.ucn, made.since, made.until) == ("", before, first)
