"""Hand-off tickets over HTTP: what is refused and why, and the product team's own link."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.settings import load_settings
from gateway.store.pool import Pool
from gateway.web.handoffs import rules
from tests.domain.handoff_tickets import CALLER, FORM
from tests.kit.api import PUBLIC_URL, Api, serving

HANDOFFS = "/v1/handoffs"
BODY = CALLER._asdict()
PRODUCT = {"product": "Dispatch"}


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    """Serve the API of a house that knows its product team's mailbox."""
    async with serving(pool, handoff_product_email="product@accurence.example") as served:
        yield served


async def asked(api: Api, call: str, body: object = None, status: int = 200) -> dict[str, Any]:
    answer = await api.ask("agent:1204", call, body)
    assert answer.status_code == status, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def handed_off(api: Api, until: str = "product") -> str:
    """Open a ticket and take it to its form or its product; return the path of its calls."""
    path = f"{HANDOFFS}/{(await asked(api, f'POST {HANDOFFS}', BODY, 201))['id']}"
    await asked(api, f"POST {path}/call-ended")
    await asked(api, f"POST {path}/notes", {"text": "It fails."}, 201)
    await asked(api, f"PATCH {path}", dict(FORM))
    if until == "product":
        await asked(api, f"POST {path}/product", PRODUCT)
    return path


async def link_in_the_mail(api: Api) -> str:
    async with api.pool.acquire() as conn:
        body = await conn.fetchval("select body from letters where name = 'product'")
    return re.findall(rf"{PUBLIC_URL}(/handoffs/\S+)", body)[0]


@pytest.mark.parametrize("field", sorted(BODY))
async def test_each_of_the_five_fields_is_asked_for(api: Api, field: str) -> None:
    """S0-02: none may be left out or empty, phone and e-mail are checked."""
    wrong: list[dict[str, object]] = [
        {name: value for name, value in BODY.items() if name != field},
        {**BODY, field: " "},
        {**BODY, field: None},
    ]
    if field in {"phone", "email"}:
        wrong.append({**BODY, field: "nowhere"})
    for body in wrong:
        answer = await asked(api, f"POST {HANDOFFS}", body, 422)
        assert [one["place"] for one in answer["errors"]] == [f"body.{field}"]


async def test_a_repeat_under_one_key_opens_one_ticket_and_publishes_one_note(api: Api) -> None:
    key = {"Idempotency-Key": "k-1"}
    made = [await api.ask("agent", f"POST {HANDOFFS}", BODY, headers=key) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    path = f"{HANDOFFS}/{made[0].json()['id']}"
    await asked(api, f"POST {path}/call-ended")
    key = {"Idempotency-Key": "k-2"}
    for _ in range(2):
        noted = await api.ask("agent", f"POST {path}/notes", {"text": "Once."}, headers=key)
        assert noted.status_code == 201
    kinds = [one["kind"] for one in (await api.ask("agent", f"GET {path}/history")).json()]
    assert kinds == ["handoff.created", "handoff.call_ended", "handoff.noted"]
    for owner in ("", "?owner=AGENT", "?owner=agent:AGENT"):
        assert len((await api.ask("agent", f"GET {HANDOFFS}{owner}")).json()) == 1


async def test_however_many_set_the_product_at_once_one_mail_is_written(api: Api) -> None:
    """S0-11: a double click, or two agents."""
    path = await handed_off(api, until="form")
    made = await asyncio.gather(
        *(api.ask("agent", f"POST {path}/product", PRODUCT) for _ in range(4))
    )
    assert [one.status_code for one in made] == [200] * 4
    async with api.pool.acquire() as conn:
        assert await conn.fetchval("select count(*) from letters") == 1


async def test_the_product_team_confirms_by_a_button_and_never_by_a_fetch(api: Api) -> None:
    """S0-14: GET changes nothing, nor does a POST that has not seen the page."""
    path = await handed_off(api)
    link = await link_in_the_mail(api)
    page = await api.ask(None, f"GET {link}")
    assert page.status_code == 200
    assert "It fails" not in page.text
    blind = await api.client.post(link, data={"nonce": "guessed"})
    assert blind.status_code == 403
    assert (await asked(api, f"GET {path}"))["state"] == "AWAIT_PRODUCT_ACK"

    (word,) = re.findall(r'name="nonce" value="([^"]+)"', page.text)
    for _ in range(2):
        assert (await api.client.post(link, data={"nonce": word})).status_code == 200
    ticket = await asked(api, f"GET {path}")
    assert (ticket["state"], ticket["acked_by"]) == ("ACKNOWLEDGED", "contact:product")
    items = (await api.ask("agent", f"GET {path}/history")).json()
    assert [one["actor"] for one in items if one["kind"] == "handoff.acknowledged"] == [
        "contact:product"
    ]
    assert "<form" not in (await api.ask(None, f"GET {link}")).text
    assert (await asked(api, f"GET {path}/history/verify"))["ok"] is True


async def test_another_link_confirms_nothing(api: Api) -> None:
    await handed_off(api)
    link = await link_in_the_mail(api)
    ticket = link.split("/")[2]
    unknown = link.replace(ticket, "00000000-0000-0000-0000-000000000000")
    for wrong in (f"/handoffs/{ticket}/{'A' * 22}", f"/handoffs/{ticket}/short", unknown):
        for answer in (await api.client.get(wrong), await api.client.post(wrong)):
            assert answer.status_code == 404
    answers = [(await api.client.get(f"/handoffs/{ticket}/x")).status_code for _ in range(40)]
    assert answers[-1] == 429
    assert (await api.client.get(link)).status_code == 200


async def test_what_does_not_exist_is_told_so(api: Api) -> None:
    nothing = f"{HANDOFFS}/00000000-0000-0000-0000-000000000000"
    for call, body in (
        (f"GET {nothing}", None),
        (f"GET {nothing}/history", None),
        (f"POST {nothing}/notes", {"text": "x"}),
        (f"POST {nothing}/product", PRODUCT),
    ):
        assert (await asked(api, call, body, 404))["code"] == "unknown_handoff"
    answer = await asked(api, f"POST {nothing}/product", {"product": "Billing"}, 422)
    assert answer["code"] == "invalid"


async def test_the_canned_texts_are_there_to_be_read_out(api: Api) -> None:
    """S0-02, S0-13, S0-15: each by its name and version."""
    answer = await api.ask("agent", "GET /v1/canned-texts")
    assert {"/dispatch escalation", "/dispatch update", "/dispatch resolve"} <= {
        one["name"] for one in answer.json()
    }


def test_the_hand_off_goes_to_its_own_mailbox_or_to_the_houses() -> None:
    """Also S0-12, S0-14: both a setting."""
    own, other = "product@accurence.example", "Desk <desk@dispatch.example>"
    named = load_settings(isolated=True, handoff_product_email=own, mail_from=other)
    house = load_settings(isolated=True, mail_from=other, handoff_reminder_hours=9)
    late = load_settings(isolated=True, handoff_resolution="after_product")
    assert rules(named) == (own, 4, True)
    assert rules(house) == ("desk@dispatch.example", 9, True)
    assert rules(late) == ("product@simulator.invalid", 4, False)
    assert rules(late.model_copy(update={"carrier": "twilio"})).mailbox is None
