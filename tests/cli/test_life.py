"""`export`, `verify`, `erase`: what is kept can be taken along, checked, and forgotten."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest

from gateway.clock import SystemClock
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, CaseType, closed
from gateway.domain.matters import Item, Letter, Written
from gateway.store import matters
from gateway.store.matters import Hand
from gateway.store.pool import connect
from tests.cli.conftest import UCN, Dispatchd
from tests.cli.test_history import spoil
from tests.kit.desk import NOON, Dice
from tests.kit.shelf import FREE

CASE: Final = UUID(int=9)
SAID: Final = "She is at her mother's"
SCRIPT = Path(__file__).parents[2] / "deploy/verify_history.py"
ERASE = ("erase", "--by", "ops", "--reason", "asked for by the caller")


def alone(*paths: object, given: str = "") -> tuple[int, str, str]:
    """Run the script by Python alone: no package, no environment; return code, out and err."""
    words = [sys.executable, "-I", str(SCRIPT), *map(str, paths)]
    ran = subprocess.run(words, input=given, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    return ran.returncode, ran.stdout, ran.stderr


@pytest.fixture
def folder(night: Dispatchd, tmp_path: Path) -> Path:
    """Export the example night's account."""
    place = tmp_path / "export"
    ran = night("export", "7001", "--to", place)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{place}: ")
    return place


def test_an_export_is_checked_by_a_script_that_needs_nothing_else(folder: Path) -> None:
    assert alone(folder)[::2] == (0, "")
    assert " histories hold, " in alone(folder)[1]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["format"], manifest["account"]) == ("dispatchd-export/1", "7001")
    for name, told in manifest["files"].items():
        assert len((folder / name).read_text().splitlines()) == told["lines"], name


def test_an_export_holds_everything_but_what_opens_something(folder: Path) -> None:
    whole = {path.stem: path.read_text() for path in folder.glob("*.jsonl")}
    (message, *_) = [json.loads(line) for line in whole["messages"].splitlines()]
    assert message["ucn"] == UCN
    assert message["content"]["text"]
    assert {"message.taken", "job.completed"} <= {
        json.loads(line)["kind"] for line in whole["history"].splitlines()
    }
    assert '"outcome":"no_answer"' in whole["attempts"]
    assert '"pin"' not in whole["documents"]
    assert folder.stat().st_mode & 0o077 == 0
    assert not [path for path in folder.iterdir() if path.stat().st_mode & 0o077]


@pytest.mark.parametrize(
    ("name", "was", "now", "said"),
    [
        ("history", "Message taken", "Message given", "the text of item 1 was changed"),
        ("history", '"seq":2', '"seq":3', "item 2 is missing"),
        ("messages", '"head_seq":', '"head_seq":1', "does not end where the message says"),
        ("attempts", "no_answer", "accepted_", "attempts.jsonl is not what the manifest says"),
    ],
)
def test_whatever_is_changed_in_an_export_is_found(
    folder: Path, name: str, was: str, now: str, said: str
) -> None:
    path = folder / f"{name}.jsonl"
    path.write_text(path.read_text().replace(was, now, 1))
    code, _, err = alone(folder)
    assert code == 1
    assert said in err


def test_the_script_reads_what_history_prints(night: Dispatchd, tmp_path: Path) -> None:
    printed = night("history", UCN, "--json").out
    code, out, err = alone("-", given=printed)
    assert (code, err) == (0, "")
    assert out.startswith("1 of 1 histories hold")
    lines = printed.splitlines()
    (tmp_path / "cut").write_text("\n".join([lines[0], *lines[2:]]))
    assert alone(tmp_path / "cut")[0] == 1
    assert alone("-", given="no json")[::2] == (1, "line 1 is no JSON\n")
    assert alone("-", given="\n5\n") == (1, "", "line 2 is no JSON object\n")
    assert alone("-", given="")[::2] == (1, "no items were given\n")


def test_an_export_without_messages_holds(here: Dispatchd, tmp_path: Path) -> None:
    here("load", SCRIPT.parent / "examples/northside.yaml")
    assert here("export", "7001", "--to", tmp_path / "new").code == 0
    assert alone(tmp_path / "new") == (0, "0 of 0 histories hold, 0 items\n", "")


def test_verify_checks_every_chain(night: Dispatchd, database: str) -> None:
    assert " histories hold" in night("verify").out
    assert night("verify", "7001").code == 0
    spoil(database, "update history set item = replace(item, 'a', 'b') where ucn = '49000001'")
    ran = night("verify")
    assert ran.code == 1
    assert f"the history of {UCN} (account 7001) is broken at item 1" in ran.err


def test_what_is_erased_is_nowhere_and_every_chain_still_holds(
    night: Dispatchd, tmp_path: Path
) -> None:
    night("export", "7001", "--to", tmp_path / "before")
    line = (tmp_path / "before/messages.jsonl").read_text().splitlines()[0]
    words = json.loads(line)["content"]["text"]
    ran = night(*ERASE, UCN)
    assert (ran.code, ran.out) == (0, f"erased the details of 1 messages: {UCN}\n")
    assert night(*ERASE, UCN).out == "erased the details of 0 messages\n"

    night("export", "7001", "--to", tmp_path / "after")
    whole = "".join(path.read_text() for path in (tmp_path / "after").iterdir())
    assert words not in whole
    assert '"content":null' in whole
    assert alone(tmp_path / "after")[0] == 0
    assert night("verify").code == 0
    items = (tmp_path / "after/account_history.jsonl").read_text()
    (item,) = [one for one in map(json.loads, items.splitlines()) if one["kind"] == "words.erased"]
    assert (item["actor"], item["data"]["ucns"]) == ("admin:ops", UCN)


def test_cases_are_exported_checked_and_forgotten_with_their_message(
    night: Dispatchd, database: str, tmp_path: Path
) -> None:
    asyncio.run(keep_case(database))
    night("export", "7001", "--to", tmp_path / "before")
    told = (tmp_path / "before/matter_history.jsonl").read_text()
    assert (tmp_path / "before/letters.jsonl").read_text().count("ann@northside.example") == 1
    assert told.count(SAID) == 1
    assert alone(tmp_path / "before")[::2] == (0, "")
    (tmp_path / "items").write_text(told.replace(SAID, "She is well"))
    assert f"case {CASE}: the words of item 1 were changed" in alone(tmp_path / "items")[2]

    held = night("verify").out
    assert night(*ERASE, UCN).code == 0
    night("export", "7001", "--to", tmp_path / "after")
    whole = "".join(path.read_text() for path in (tmp_path / "after").iterdir())
    assert (SAID in whole, "ann@northside.example" in whole) == (False, False)
    assert "case.erased" in whole
    assert alone(tmp_path / "after")[0] == 0
    assert night("verify").out.split()[0] == held.split()[0]
    spoil(database, "update matters set head_seq = 9")
    ran = night("verify", "7001")
    assert (ran.code, f"the history of case {CASE} is broken" in ran.err) == (1, True)


async def keep_case(database: str) -> None:
    """Put a case about the night's message on record that was closed, with a letter that left."""
    letter = Letter("hello", "email", "ann@northside.example", "Hello", f"{SAID}.\n")
    case = Case(CASE, CaseType.DISPATCH, "Support", "gateway", NOON, account="7001", ucns=(UCN,))
    item = Item("case.created", "A case was opened.", words=SAID)
    written = Written(closed(case, "done", NOON), (item,), letters=(letter,))
    conn = await connect(database, SystemClock(), tries=1)
    try:
        await matters.open_one(conn, CASES, CASE, written, Hand("lead:L-7", NOON, Dice(), FREE))
        await conn.execute("update letters set state = 'sent'")
    finally:
        await conn.close()


def test_a_slip_is_told_in_a_line(night: Dispatchd, tmp_path: Path) -> None:
    for words, said in [
        (("export", "9999"), "there is no account 9999"),
        (("export", "7001", "--to", tmp_path), f"{tmp_path}: File exists"),
        ((*ERASE,), "name either UCNs or --caller"),
        ((*ERASE, "nothing"), "there is no message nothing"),
    ]:
        ran = night(*words)
        assert (ran.code, ran.err) == (2, f"{said}\n"), words


def test_a_caller_is_named_as_messages_have_it_or_not_at_all(here: Dispatchd) -> None:
    """That nothing was found under a number that is none would look as if all were erased."""
    for number in ("2025550142", "+1 202 555 0142", "(202) 555-0142"):
        ran = here(*ERASE, "--caller", number)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"--caller: '{number}' is not an E.164 number")
        assert ran.err.endswith("did you mean +12025550142?\n")
    assert here(*ERASE, "--caller", "+12025550142").code == 0


def test_tokens_are_listed_revoked_and_made_for_accounts(night: Dispatchd) -> None:
    made = night("token", "create", "A-1", "--role", "agent", "--account", "7001")
    assert (made.code, made.err) == (
        0,
        "This token of agent A-1 for 7001 alone is shown once; only its hash is stored.\n",
    )
    listed = night("token", "list").out
    assert "A-1\tagent\t7001\t" in listed
    assert made.out.strip() not in listed
    assert night("token", "revoke", "A-1").out == "revoked 1 of A-1\n"
    assert night("token", "revoke", "A-1").code == 2
    assert night("token", "create", "A-2", "--role", "agent", "--account", "1").code == 2
