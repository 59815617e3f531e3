"""What is wrong with a document is said in words, with file, line and field."""

from typing import Any

import pytest

from gateway.domain.document_files import read_documents
from gateway.domain.documents import AccountDocument, DocumentError, compile_account
from tests.domain.documents import fault, least, staffed


def test_every_problem_is_named_with_its_line() -> None:
    text = """\
account: "7001"
name: Northside
timezone: America/New_York
contacts:
  ann: {phone: "5", fone: 1}
schedules:
  - name: OnCall
    shifts:
      - {contact: ann, start: 2026-02-30T17:00, end: 2026-03-01T08:00}
      - contact: ann
        start: 2026-03-02T17:00
        end: 2026-03-01T08:00
protocols: [{name: urgent, ring: 25}]
"""
    with pytest.raises(DocumentError) as caught:
        read_documents(text, "7001.yaml")
    assert str(caught.value).splitlines() == [
        "7001.yaml:5: contacts.ann.phone: '5' is not an E.164 number such as +12025550101",
        "7001.yaml:5: contacts.ann.fone: unknown key; did you mean phone?",
        "7001.yaml:9: schedules[0].shifts[0].start: there is no 2026-02-30 in the calendar",
        "7001.yaml:10: schedules[0].shifts[1]: the end is not after the start",
        "7001.yaml:13: protocols[0].ring: 25 has no unit; write 25s, 25m or 25h",
    ]


def test_unknown_contacts_are_named_wherever_they_stand() -> None:
    text = """\
account: "7001"
name: Northside
timezone: UTC
contacts: {ann: {}}
unavailable: [{contact: z1, weekly: Mon}]
permanent: [{contact: z2}]
schedules:
  - name: OnCall
    shifts:
      - {contact: z3, weekly: Mon}
      - {rotate: [ann, z4], every: 1d, handoff: "08:00", from: 2026-01-05}
    overrides:
      - {start: 2026-02-07T00:00, end: 2026-02-08T00:00, replace: z5, with: z6}
      - {start: 2026-02-08T00:00, end: 2026-02-09T00:00, swap: [ann, z7]}
      - {start: 2026-02-08T00:00, end: 2026-02-09T00:00, add: z8}
    temporary:
      - {start: 2026-02-08T00:00, end: 2026-02-09T00:00, shifts: [{contact: z9}]}
protocols: [{name: p, steps: [{reach: "contact:z0"}]}]
"""
    with pytest.raises(DocumentError) as caught:
        read_documents(text, "f")
    found = [each.split(": unknown contact ")[0] for each in str(caught.value).splitlines()]
    assert found == [
        "f:5: unavailable[0].contact",
        "f:6: permanent[0].contact",
        "f:10: schedules[0].shifts[0].contact",
        "f:11: schedules[0].shifts[1].rotate[1]",
        "f:13: schedules[0].overrides[0].replace",
        "f:13: schedules[0].overrides[0].with",
        "f:14: schedules[0].overrides[1].swap[1]",
        "f:15: schedules[0].overrides[2].add",
        "f:17: schedules[0].temporary[0].shifts[0].contact",
        "f:18: protocols[0].steps[0].reach",
    ]


def test_a_long_list_of_contacts_is_cut() -> None:
    many = {f"c{number}": {} for number in range(9)}
    words = fault(least(contacts=many, permanent=[{"contact": "zed"}]))
    assert words.endswith("contacts has c0, c1, c2, c3, c4, c5, c6, c7, …")
    assert fault(least(permanent=[{"contact": "zed"}])).endswith("contacts has nobody")


@pytest.mark.parametrize("key", ["account", "name", "timezone"])
def test_the_three_needed_keys_are_asked_for(key: str) -> None:
    document = {**least(), key: None}
    assert fault(document) == f"{key}: is missing"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"account": "7 001"}, "account: must be 1 to 40 letters, digits, _ or -"),
        ({"account": "7" * 41}, "account: must be 1 to 40 letters, digits, _ or -"),
        ({"account": True}, "account: must be text; put it in quotes"),
        ({"name": ""}, "name: must not be empty"),
        ({"name": "  "}, "name: must not be empty"),
        ({"name": "a\nb"}, "name: must be one line of text"),
        ({"name": ["a"]}, "name: must be text"),
        ({"timezone": "Mars"}, "timezone: 'Mars' is not an IANA time zone, such as"),
        ({"phi": "yes"}, "phi: must be true or false"),
        ({"schedule": []}, "schedule: unknown key; did you mean schedules?"),
        ({"xyzzy": None}, "xyzzy: unknown key"),
        ({"schedules": {}}, "schedules: must be a list"),
        ({"contacts": []}, "contacts: must be a mapping of keys to values"),
        ({"contacts": {"a b": {}}}, "contacts.a b: must be letters, digits, _ . or -"),
        ({"contacts": {"ann": "Ann"}}, "contacts.ann: must be a mapping of keys to values"),
        ({"deliveries": [{}]}, "deliveries[0]: needs either email or post"),
        ({"specials": ["x"]}, "specials[0]: must be a mapping of keys to values"),
        ({"contacts": {"ann": {}, "ANN": {}}}, "contacts.ANN: the name 'ANN' is taken by 'ann'"),
        ({"schedules": [{"name": "a"}, {"name": "A"}]}, "schedules[1].name: the name 'A' is taken"),
        ({"schedules": [{"name": "a"}, {"name": "a"}]}, "schedules[1].name: the name 'a' is taken"),
        ({"protocols": [{"name": "p"}, {"name": "p"}]}, "protocols[1].name: the name 'p' is taken"),
        (
            {"protocols": [{"name": "a"}, {"name": "a "}]},
            "protocols[1].name: the name 'a' is taken",
        ),
        ({"forms": {"f": {"required": "x"}}}, "forms.f.required: must be a list"),
    ],
)
def test_a_faulty_account_says_what_is_wrong(keys: dict[str, Any], sentence: str) -> None:
    assert fault({**least(), **keys}).startswith(sentence)


@pytest.mark.parametrize(
    ("contact", "sentence"),
    [
        ({"phone": "+0123456789"}, "phone: '+0123456789' is not an E.164 number"),
        ({"phone": "+123456"}, "phone: '+123456' is not an E.164 number"),
        ({"phone": 12025550101}, "phone: '12025550101' is not an E.164 number"),
        ({"phone": "+1234567890123456"}, "phone: '+1234567890123456' is not an E.164 number"),
        ({"sms": "nobody"}, "sms: 'nobody' is not an E.164 number such as +12025550101"),
        ({"email": "ann"}, "email: 'ann' is not an e-mail address"),
        ({"email": "a@b, c@d"}, "email: 'a@b, c@d' is not an e-mail address"),
        ({"pin": "12"}, "pin: must be 3 to 10 digits"),
        ({"quiet": "late"}, "quiet: 'late': 'late' is not a day"),
        ({"active": 1.5}, "active: must be true or false"),
        ({"notes": 1.5}, "notes: must be text; put it in quotes"),
        ({"consent": {"at": "soon"}}, "consent.at: must be a date such as 2026-02-02"),
        ({"phone_limit": {"calls": 0, "per": "3h"}}, "phone_limit.calls: "),
        ({"phone_limit": {"calls": "x", "per": "3h"}}, "phone_limit.calls: must be a whole number"),
        ({"phone_limit": {"calls": 3, "per": "0s"}}, "phone_limit.per: must be 1s to 30d"),
        ({"phone_limit": {"calls": 3}}, "phone_limit.per: is missing"),
    ],
)
def test_a_faulty_contact_says_what_is_wrong(contact: dict[str, Any], sentence: str) -> None:
    assert fault(least(contacts={"ann": contact})).startswith(f"contacts.ann.{sentence}")


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"ring": "4s"}, ".ring: must be 5s to 10m"),
        ({"ring": "601s"}, ".ring: must be 5s to 10m"),
        ({"cue": "soon"}, ".cue: 'soon' is not a duration"),
        ({"cue": []}, ".cue: must be a duration such as 15m"),
        ({"cue": "1s"}, ".cue: must be 5s to 30d"),
        ({"limit": "0s"}, ".limit: must be 1s to 30d"),
        ({"permanent": "never"}, ".permanent: must be 'after_shift' or 'when_blank'"),
        ({"steps": []}, ".steps: "),
        ({"evidence": []}, ".evidence: "),
        ({"evidence": ["carrier"]}, ".evidence[0]: must be 'key_press'"),
        ({"steps": [{"reach": "boss"}]}, ".steps[0].reach: must be oncall, backup, permanent"),
        ({"steps": [{"reach": "oncall", "repeat": 0}]}, ".steps[0].repeat: "),
        ({"steps": [{"reach": "office"}]}, ".steps[0].reach: office has neither phone nor email"),
        ({"hold": "office_open"}, ".hold: waits for an office that has no hours"),
        ({"when": {"priority": ["high"]}}, ".when.priority[0]: must be 'emergency'"),
        ({"when": {"hours": "night"}}, ".when.hours: must be 'office', 'after' or 'any'"),
    ],
)
def test_a_faulty_protocol_says_what_is_wrong(keys: dict[str, Any], sentence: str) -> None:
    words = fault(least(protocols=[{"name": "urgent", **keys}]))
    assert words.startswith(f"protocols[0]{sentence}")


@pytest.mark.parametrize(
    ("office", "sentence"),
    [
        ({"hours": "9 to 5"}, "office.hours: '9 to 5' is not a weekly window"),
        ({"holidays": "US"}, "office: holidays need hours to take away from"),
        (
            {"hours": "Mon", "holidays": "ZZ"},
            "office.holidays.calendar: 'ZZ' is not a known calendar",
        ),
        (
            {"hours": "Mon", "holidays": {"also": ["2026-02-30"]}},
            "office.holidays.also[0]: there is no 2026-02-30 in the calendar",
        ),
        (
            {"hours": "Mon", "holidays": {"also": ["2026-02-03T10:00"]}},
            "office.holidays.also[0]: must be a date such as 2026-02-02",
        ),
        (
            {"hours": "Mon", "holidays": {"also": ["2026-02-03"], "not": ["2026-02-03"]}},
            "office.holidays: 2026-02-03 stands under also and under not",
        ),
    ],
)
def test_a_faulty_office_says_what_is_wrong(office: dict[str, Any], sentence: str) -> None:
    assert fault(least(office=office)).startswith(sentence)


@pytest.mark.parametrize(
    ("absence", "words"),
    [
        ({}, "needs start and end, or weekly"),
        ({"start": "2026-02-02T17:00"}, "start and end belong together"),
        ({"start": "2026-02-02T17:00", "end": "2026-02-02T16:00"}, "the end is not after"),
    ],
)
def test_a_faulty_absence_says_what_is_wrong(absence: dict[str, Any], words: str) -> None:
    document = staffed(unavailable=[{"contact": "ann", **absence}])
    assert fault(document).startswith(f"unavailable[0]: {words}")


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n"])
def test_a_file_without_documents_is_an_error(text: str) -> None:
    with pytest.raises(DocumentError, match="x:1: holds no account document"):
        read_documents(text, "x")


def test_one_account_stands_in_a_file_once() -> None:
    one = "account: 7001\nname: N\ntimezone: UTC\n"
    with pytest.raises(DocumentError, match="x:5: account: account 7001 stands twice"):
        read_documents(f"{one}---\n{one}", "x")


def test_the_problems_of_all_documents_of_a_file_are_told_together() -> None:
    with pytest.raises(DocumentError) as caught:
        read_documents("- {account: 1, name: N}\n- 5\n", "x")
    assert str(caught.value).splitlines() == [
        "x:1: timezone: is missing",
        "x:2: must be a mapping of keys to values",
    ]


def test_a_pin_never_stands_in_an_error() -> None:
    assert "47x1" not in fault(least(contacts={"ann": {"pin": "47x1"}}))


def test_a_document_that_was_not_checked_is_not_compiled() -> None:
    document = AccountDocument.model_validate(least(permanent=[{"contact": "zed"}]))
    with pytest.raises(DocumentError, match=r"permanent\[0\]\.contact: unknown contact 'zed'"):
        compile_account(document)


@pytest.mark.parametrize(
    ("notices", "sentence"),
    [
        ({"handoff": "yes"}, "notices.handoff: must be true or false"),
        ({"digest": "18:00"}, "notices.digest: '18:00' is not a time of the week; write it as Sun"),
        ({"digest": "Sun 24:00"}, "notices.digest: 'Sun 24:00' is not a time of the week"),
        ({"digset": "Sun 18:00"}, "notices.digset: unknown key; did you mean digest?"),
        ([], "notices: must be a mapping of keys to values"),
    ],
)
def test_notices_say_whether_and_when(notices: object, sentence: str) -> None:
    assert fault(least(notices=notices)).startswith(sentence)
