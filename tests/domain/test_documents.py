"""Account documents are read, compiled and printed back."""

import json
from datetime import datetime, timedelta

import pytest
import yaml

from gateway.domain.document_files import read_documents
from gateway.domain.documents import (
    DocumentError,
    account_schema,
    canonical,
    compile_account,
    document_from,
    keep_pins,
)
from gateway.domain.protocols import DEFAULT_PROTOCOL, Step
from tests.domain.documents import FULL, LEAST, least


def test_a_document_with_account_name_and_zone_alone_compiles() -> None:
    account = compile_account(document_from(LEAST, "x"))
    assert (account.account, account.name, account.zone.key) == (
        "7001",
        "Northside HVAC",
        "America/New_York",
    )
    assert not account.phi
    assert (account.permanent, account.protocols, account.office) == ((), (), None)


def test_every_key_of_the_contract_is_read_and_compiled() -> None:
    (document,) = read_documents(FULL, "full.yaml")
    account = compile_account(document)
    ann = account.contacts["ann"]
    assert (ann.pin, ann.requires_human, ann.notes) == ("4711", True, "ring twice\nthen wait")
    assert ann.phone_limit
    assert (ann.phone_limit.calls, ann.phone_limit.per) == (30, timedelta(hours=3))
    assert ann.consent
    assert (ann.consent.voice, ann.consent.source) == (True, "signed form")
    assert account.contacts["cho"].phone == "+12025550103"
    assert list(account.schedules) == ["OnCall", "East"]
    assert account.forms["hvac-service"].required == ("address", "callback_number")


def test_every_key_of_a_protocol_is_compiled() -> None:
    protocol = compile_account(read_documents(FULL, "full.yaml")[0]).protocols[0]
    assert protocol.steps == (
        Step("oncall"),
        Step("contact:cho", "sms", timedelta(minutes=7), 2),
        Step("office", "email", timedelta(0)),
    )
    assert (protocol.permanent, protocol.voicemail) == ("when_blank", "hang_up")
    assert (protocol.hold, protocol.rotation) == ("office_open", "one_per_cue")
    assert "email_accepted" in protocol.evidence


def test_a_protocol_that_says_nothing_has_the_defaults() -> None:
    account = compile_account(document_from(least(protocols=[{"name": "default"}]), "x"))
    assert account.protocols == (DEFAULT_PROTOCOL,)
    assert DEFAULT_PROTOCOL.cue == timedelta(minutes=15)
    assert DEFAULT_PROTOCOL.limit == timedelta(hours=2)
    assert DEFAULT_PROTOCOL.ring == timedelta(seconds=25)
    assert [step.reach for step in DEFAULT_PROTOCOL.steps] == ["oncall", "backup", "permanent"]


def test_loading_a_dump_changes_nothing() -> None:
    (document,) = read_documents(FULL, "full.yaml")
    printed = canonical(document, pins=True)
    for text in (yaml.safe_dump(printed, sort_keys=False), json.dumps(printed, indent="\t")):
        (again,) = read_documents(text, "dump")
        assert again == document
        assert canonical(again, pins=True) == printed


def test_a_dump_holds_only_what_was_set() -> None:
    assert canonical(document_from(LEAST, "x")) == LEAST


def test_pins_are_write_only_and_kept_when_a_dump_is_loaded() -> None:
    (document,) = read_documents(FULL, "full.yaml")
    printed = canonical(document)
    assert printed["contacts"]["ann"]["pin"] == "****"
    loaded = document_from(printed, "dump")
    assert keep_pins(loaded, document) == document
    with pytest.raises(DocumentError, match=r"contacts\.ann\.pin: stands for a stored pin"):
        compile_account(keep_pins(loaded, None))
    assert keep_pins(document, None) == document


def test_a_pin_that_was_never_stored_cannot_be_kept() -> None:
    bare = document_from(least(contacts={"ann": {}}), "x")
    loaded = document_from(least(contacts={"ann": {"pin": "****"}}), "x")
    with pytest.raises(DocumentError, match="none is stored"):
        compile_account(keep_pins(loaded, bare))


def test_one_file_may_hold_many_documents_or_a_list() -> None:
    other = {**LEAST, "account": "7002"}
    stream = yaml.safe_dump_all([LEAST, other])
    assert [each.account for each in read_documents(stream, "x")] == ["7001", "7002"]
    listed = json.dumps([LEAST, other])
    assert [each.account for each in read_documents(listed, "x")] == ["7001", "7002"]


def test_a_key_without_a_value_is_as_if_absent() -> None:
    text = "account: 7001\nname: N\ntimezone: UTC\npermanent:\noffice: null\n"
    assert canonical(read_documents(text, "x")[0]) == {
        "account": "7001",
        "name": "N",
        "timezone": "UTC",
    }


@pytest.mark.parametrize("phone", ["+12025550100", "+12025550199", "+442071838750", "+4930123456"])
def test_numbers_are_e164_and_fictitious_ones_are_welcome(phone: str) -> None:
    document_from(least(contacts={"ann": {"phone": phone}}), "x")


def test_a_number_written_otherwise_gets_a_friendly_guess() -> None:
    with pytest.raises(DocumentError, match=r"did you mean \+12025550101\?"):
        document_from(least(contacts={"ann": {"phone": "(202) 555-0101"}}), "x")


def test_holidays_may_be_a_word_or_a_mapping() -> None:
    office = {"hours": "Mon-Fri 08:00-17:00", "holidays": "US"}
    printed = canonical(document_from(least(office=office), "x"))
    assert printed["office"]["holidays"] == {"calendar": "US"}


def test_holidays_need_no_calendar() -> None:
    office = {"hours": "Mon-Sun", "holidays": {"also": ["2026-12-24"]}}
    account = compile_account(document_from(least(office=office), "x"))
    eve = datetime(2026, 12, 24, 12, tzinfo=account.zone)
    assert not account.office_open(eve)
    assert account.office_open(eve + timedelta(days=1))


def test_the_schema_knows_every_key() -> None:
    schema = account_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["required"]) == {"account", "name", "timezone"}
    assert {"schedules", "deliveries", "specials", "forms"} <= schema["properties"].keys()
    assert {"with", "replace", "swap"} <= schema["$defs"]["Override"]["properties"].keys()
    assert {"from", "until"} <= schema["$defs"]["Shift"]["properties"].keys()
