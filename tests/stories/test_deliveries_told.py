"""What leaves because a client asked for copies, digests and web posts, and what is on record."""

from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.domain.retrace import documents_named, retrace
from gateway.rehearsal.run import Outcome, rehearse
from gateway.rehearsal.scenario import read_scenarios
from gateway.store import messages
from gateway.store.pool import connect
from gateway.store.states import States
from tests.kit.desk import NOON

HERE = Path(__file__).parent


async def played(name: str, database: str) -> Outcome:
    path = HERE / f"{name}.yaml"
    (scenario,) = read_scenarios(path.read_text(encoding="utf-8"), path.name)
    return await rehearse(scenario, database)


def left(outcome: Outcome, kind: str) -> list[Any]:
    return [one for one in outcome.left if one["type"] == kind]


async def test_copies_and_digest_go_where_they_were_asked_for(database: str) -> None:
    outcome = await played("copies-and-digest", database)
    mails = left(outcome, "email")
    assert [(mail["at"][11:19], mail["to"]) for mail in mails] == [
        ("23:00:00", "office@northside.example"),
        ("23:00:32", "office@northside.example"),
        ("13:00:00", "boss@northside.example"),
    ]
    assert all("No heat" in mail["body"] for mail in mails)
    assert "Delivered to Ann Ames at 6:00 PM EST, Mon Feb 2." in mails[1]["body"]


async def test_with_phi_no_detail_is_in_an_email_or_an_alert(database: str) -> None:
    """S3-57: of a web post alerts tell its kind and fields, never a value."""
    outcome = await played("deliveries-with-phi", database)
    said = str(left(outcome, "email") + left(outcome, "alert"))
    assert "49000001" in said
    for detail in ("Chest", "pain", "Rita", "Roe"):
        assert detail not in said
        assert not [item for item in outcome.items if detail in str(item["data"])]
    (claim, *_) = [one for one in left(outcome, "post") if one["to"].endswith("/claim")]
    assert claim["body"].endswith(
        "<claim><Caller>Rita Roe</Caller>"
        '<Summary>Chest &lt;pain&gt; &amp; "more"</Summary><Unit>North</Unit></claim>'
    )


async def test_alerts_about_a_blocked_post_quote_no_value(database: str) -> None:
    """S3-57: they name the account, the UCN, and the fields to look at."""
    outcome = await played("post-blocked-and-approved", database)
    alerts = str(left(outcome, "alert"))
    assert "Account 7001, UCN 49000001: the lead is not posted: characters in email" in alerts
    for value in ("nüne", "nune", "none.com", "Çem"):
        assert value not in alerts
        assert not [item for item in outcome.items if value in str(item["data"])]
    posts = [one["body"] for one in left(outcome, "post")]
    assert posts == [
        '{"email":"nune@none.com","name":"Cem Oe","number":"49000001"}',
        '{"email":"nune@none.com","name":"Cem Oe, Office 9","number":"49000001"}',
    ]


@pytest.mark.parametrize("name", ["copies-and-digest", "deliveries-with-phi"])
async def test_a_copy_is_nobodys_turn_when_the_night_is_explained(name: str, database: str) -> None:
    await played(name, database)
    conn = await connect(database, SystemClock(), tries=1)
    try:
        states = States("")
        key = await states.key_of_ucn(conn, "49000001")
        assert key is not None
        items = await messages.history(conn, key)
        wanted = [(key.account, version) for version in documents_named(items)]
        compiled = await states.accounts.compiled(conn, wanted)
        versions = {version: account for (_, version), account in compiled.items()}
        state = (await states.to_plan(conn, [key], NOON))[key]
        rounds = retrace(state, items, versions)
        assert [one.mismatches for one in rounds if one.mismatches] == []
    finally:
        await conn.close()
