"""What is wrong with a scenario file is told with its line and field, before it is played."""

import re
from pathlib import Path

import pytest

import gateway
from gateway.domain.problems import DocumentError
from gateway.rehearsal.kinds import KINDS, unknown_kind
from gateway.rehearsal.scenario import Scenario, read_scenarios
from tests.stories.test_expectations import HEAD, TAKEN, faults


def calling(call: str, more: str = "", at: str = "18:01:00") -> str:
    """Return the event of a lead's call."""
    return f'{{at: "{at}", api: {{as: {{name: L-7, role: lead}}, call: "{call}"{more}}}}}'


def read(text: str) -> Scenario:
    (scenario,) = read_scenarios(text, "test")
    return scenario


def told(*events: str, expect: str = "{}", head: str = HEAD) -> list[str]:
    """Return what is wrong with a file, as it is told."""
    rows = "".join(f"  - {one}\n" for one in events)
    with pytest.raises(DocumentError) as fault:
        read(f"{head}events:\n{rows}expect: {expect}\n")
    return str(fault.value).splitlines()


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        (
            '{never: {"49600001": [dial.startd ann]}}',
            "expect.never.49600001[0]: 'dial.startd ann': there is no kind dial.startd; did you ",
        ),
        (
            '{never: {"49600009": [dial.started]}}',
            "expect.never.49600009: no event makes a message",
        ),
        ('{count: {"49600009": {dial.started: 0}}}', "expect.count.49600009: no event makes a"),
        (
            '{count: {"49600001": {dial.begun: 0}}}',
            "expect.count.49600001.dial.begun: 'dial.begun':",
        ),
        ('{never: {"49600001": ["18:00:00"]}}', "expect.never.49600001[0]: must name a kind"),
        ('{never: {"49600001": ["25:00 dial.busy"]}}', "expect.never.49600001[0]: "),
        (
            '{history: {"49600001": ["dial.busy ann"]}}',
            "expect.history.49600001[0]: must begin with",
        ),
    ],
)
def test_what_would_hold_whatever_happens_names_line_and_field(expect: str, words: str) -> None:
    (fault,) = told(TAKEN, expect=expect)
    assert fault.startswith(f"test:14: {words}")


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (TAKEN.replace(', ucn: "49600001"', ""), "0123456789"),
        (calling("POST /v1/messages", ', body: {ucn: "7", text: "?"}'), "7"),
        (calling("POST /v1/messages", ', body: {text: "?"}'), "8"),
        (calling("POST /v1/cases", ", save: mine"), "mine"),
    ],
)
def test_whatever_a_scenario_may_come_to_make_can_be_spoken_of(event: str, name: str) -> None:
    expect = f'{{never: {{"{name}": [dial.busy, case.made_up_later]}}}}'
    if name != "mine":
        expect = expect.replace(", case.made_up_later", "")
    assert read(f"{HEAD}events: [{event}]\nexpect: {expect}\n").remarks == ()


def test_somebody_whom_no_account_has_is_remarked_upon_and_may_come_with_a_document() -> None:
    expect = 'expect: {never: {"49600001": [dial.started zed, dial.started office]}}\n'
    (remark,) = read(f"{HEAD}events: [{TAKEN}]\n{expect}").remarks
    assert remark.sentence() == (
        "test:13: expect.never.49600001[0]: 'dial.started zed': no account has a contact zed"
    )
    later = calling("PUT /v1/accounts/7001", ", body: {contacts: {zed: {name: Zed Zorn}}}")
    assert read(f"{HEAD}events: [{TAKEN}, {later}]\n{expect}").remarks == ()


async def test_what_shall_never_be_may_have_its_time(database: str) -> None:
    other = '{never: {"49600001": ["18:05:00 secure.sent ann"]}}'
    assert await faults(database, TAKEN, expect=other) == ()


async def test_a_fault_says_what_is_misspelt(database: str) -> None:
    history = '{"49600001": ["18:00:00 secure.snt ann"]}'
    expect = f'{{history: {history}, count: {{"49600001": {{lead.alerted zed: 1}}}}}}'
    one, other = await faults(database, TAKEN, expect=expect)
    assert one.endswith("there is no kind secure.snt; did you mean secure.sent?")
    assert other.endswith("expected, found 0; no account has a contact zed")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("urgent", "urgnt"), "message.priority: should be 'emergency', 'urgent' or 'routine'"),
        (('"7001"', '"7009"'), "message.account: there is no account 7009; there are 7001"),
        (("priority", "prority"), "message.prority: unknown key; did you mean priority?"),
        (('"No heat"', '" "'), "message.text: must not be empty"),
        (('"49600001"', '"49600001!"'), "message.ucn: must be 1 to 40 letters, digits, _ or -"),
        (("18:00:00", "18:10:01"), "at: 2026-02-02T18:10:01-05:00 is after the end, 2026-02-02T18"),
        (("18:00:00", "17:58:00"), "at: 2026-02-03T17:58:00-05:00 is after the end, 2026-02-02T18"),
    ],
)
def test_a_message_that_nobody_could_take_names_line_and_field(
    change: tuple[str, str], words: str
) -> None:
    spread = TAKEN.replace(*change).replace(", taken_by", ",\n      taken_by")
    faults = told('{at: "18:00:00", crash: {for: 1s}}', spread)
    assert faults[-1].startswith(f"test:14: events[1].{words}")


def test_a_message_may_be_for_an_account_that_is_put_later() -> None:
    put = calling("PUT /v1/accounts/7009", ", body: {name: Eastside}")
    other = TAKEN.replace('"7001"', '"7009"')
    assert read(f"{HEAD}events: [{put}, {other}]\n").remarks == ()


async def test_numbers_need_no_quotes_where_a_document_takes_them(database: str) -> None:
    bare = TAKEN.replace('"7001"', "7001").replace('"49600001"', "49600001")
    more = bare.replace("text:", 'taken_at: "2026-02-02T17:59:30-05:00", fields: {unit: 12}, text:')
    expect = '{count: {"49600001": {secure.sent: 1}}}'
    assert await faults(database, more, expect=expect) == ()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            'text: {from: "12025550101", body: ok}',
            "text.from: must be a phone number such as +1202",
        ),
        (
            "link: {phone: ann, tap: true}",
            "link.phone: must be a phone number such as +12025550101",
        ),
        ('call: {from: "2025550101"}', "call.from: must be a phone number such as +12025550101"),
        (
            'call: {from: "+12025550101", keys: [{after: 1, press: "1"}]}',
            "call.keys[0].after: a dur",
        ),
        ("crash: {for: 5}", "crash.for: a duration such as 12s, 2m or 1h is wanted, not 5"),
        (
            calling("GET /v1/jobs/{job:99}"),
            "api.call: {job:99}: no event makes a message 99",
        ),
        (calling("GET /v1/jobs/{M.id}"), "api.call: {M.id}: no event saves an answer as M"),
        (calling("GET /v1/x/{special:7001}"), "api.call: {special:7001}: no event posts a"),
        (calling("FETCH /v1/jobs"), "api.call: must be a method and a path, such as GET"),
    ],
)
def test_an_event_that_cannot_be_names_line_and_field(event: str, words: str) -> None:
    whole = event if event.startswith("{") else f'{{at: "18:01:00", {event}}}'
    (fault,) = told(TAKEN, whole)
    assert fault.startswith(f"test:14: events[1].{words}")


async def test_what_is_not_there_yet_is_said_and_not_asked_for(database: str) -> None:
    gone = "GET /v1/jobs/{job:49600001}", "GET /v1/cases/{mine.id}"
    early = [calling(one, at="17:59:30") for one in gone]
    late = calling("GET /v1/messages/49600001", ", save: mine")
    found = await faults(database, *early, TAKEN, late)
    assert [one.partition(": ")[2] for one in found] == [
        "there is no {job:49600001} at this time",
        "there is no {mine.id} at this time",
    ]


async def test_what_shall_be_refused_may_ask_for_anything(database: str) -> None:
    nowhere = "/v1/jobs/{job:99}", "/v1/jobs/{M.id}"
    nobody = [calling(f"GET {one}", ", status: 422") for one in nowhere]
    assert await faults(database, TAKEN, *nobody) == ()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("{CALLS_PER_SECOND: 0}", "settings.CALLS_PER_SECOND: should be greater than 0"),
        (
            "{CALLS_PER_SEC: 1}",
            "settings.CALLS_PER_SEC: unknown key; did you mean CALLS_PER_SECOND?",
        ),
        ("{COVERAGE_HOURS: 1.5}", "settings.COVERAGE_HOURS: should be a valid integer"),
        ("{HANDOFF_REMINDER_HOURS: 0}", "settings.HANDOFF_REMINDER_HOURS: should be greater than"),
    ],
)
def test_a_setting_out_of_range_names_line_and_field(settings: str, words: str) -> None:
    (fault,) = told(TAKEN, head=f"{HEAD}settings: {settings}\n")
    assert fault.startswith(f"test:12: {words}")


PEOPLE = """people:
  "+12025550101":
    calls:
      - no_answer: true
      - answer_aft: 3s
  "12025550102":
    texts: []
"""


def test_each_fault_of_people_names_its_own_line() -> None:
    head = HEAD.replace('people: {"+12025550101": {texts: [{delivered_after: 1s}]}}\n', PEOPLE)
    one, other = told(TAKEN, head=head)
    assert one.startswith(
        "test:15: people[+12025550101].calls[1].answer_aft: unknown key; known are"
    )
    assert other == "test:16: people[12025550102]: a phone number is written +12025550101"


def test_every_kind_that_is_written_is_known() -> None:
    """A new kind of item is a kind that a scenario may speak of."""
    families = "|".join(sorted({kind.partition(".")[0] for kind in KINDS}))
    noted = re.compile(rf'"((?:{families})\.[a-z_]+)"')
    domain = Path(gateway.__file__).parent / "domain"
    found = {
        kind for file in domain.glob("*.py") for kind in noted.findall(file.read_text("utf-8"))
    }
    assert len(found) > len(KINDS) / 2
    assert {kind for kind in found if unknown_kind(kind)} == set()
