"""Field jobs over HTTP: what each sees exactly, photos on disk, the survey page, keys."""

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gateway.domain.deeds import RefusedError
from gateway.store.pool import Pool
from gateway.web import fieldjob_notes
from gateway.web.pictures import kind_of
from gateway.web.problems import ProblemError
from tests.kit.api import Api, serving

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
ANN = {"name": "Ann Cain", "phone": "+12025550142"}
VISIT = {"start": "2026-02-02T23:30:00Z", "duration": "2h", "technician": "technician:T-1"}


@pytest.fixture
async def api(pool: Pool, tmp_path: Path) -> AsyncIterator[Api]:
    """Serve the API with its photos in a folder of the test."""
    async with serving(pool, data_dir=tmp_path) as served:
        yield served


async def job(api: Api, **changes: object) -> dict[str, Any]:
    """Open a job of Ann Cain with one visit of T-1 for Acme, account 7001."""
    customer = (await api.ask("dispatcher", "POST /v1/customers", ANN)).json()["id"]
    body = {"customer": customer, "title": "No heat", "brand": "Acme", "account": "7001"}
    answer = await api.ask(
        "dispatcher", "POST /v1/field-jobs", {**body, "appointment": VISIT, **changes}
    )
    assert answer.status_code == 201, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def letters(api: Api) -> list[tuple[str, str, str]]:
    """Return what waits to leave: name, recipient and words."""
    async with api.pool.acquire() as conn:
        rows = await conn.fetch("select name, recipient, body from letters order by name")
    return [(row["name"], row["recipient"], row["body"]) for row in rows]


def files(folder: Path) -> list[Path]:
    """Return what stands on disk."""
    return [one for one in folder.rglob("*") if one.is_file()]


async def test_each_sees_what_their_role_may(api: Api, tmp_path: Path) -> None:
    """S1-27, S1-30, S1-31; and a photo is the same bytes for who may see it."""
    path = f"/v1/field-jobs/{(await job(api))['id']}"
    for public in (False, True):
        note = {"text": f"public {public}", "public": public}
        assert (await api.ask("technician:T-1", f"POST {path}/notes", note)).status_code == 201
        photo = {"content": base64.b64encode(PNG).decode(), "public": public}
        made = await api.ask("technician:T-1", f"POST {path}/photos", photo)
        assert made.status_code == 201, made.text
    seen = {}
    for who in ("dispatcher", "lead", "technician:T-1", "brand:Acme", "agent", "technician:T-2"):
        got = await api.ask(who, f"GET {path}")
        pictures = [each["href"] for each in got.json().get("photos", ())]
        for href in pictures:
            picture = await api.ask(who, f"GET {href}")
            assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
        seen[who] = (len(got.json().get("notes", ())), len(pictures), got.status_code)
    assert seen == {
        "dispatcher": (2, 2, 200),
        "lead": (2, 2, 200),
        "technician:T-1": (2, 2, 200),
        "brand:Acme": (1, 1, 200),
        "agent": (1, 1, 200),
        "technician:T-2": (0, 0, 403),
    }
    for spelt in ("T-1", "technician:T-1"):
        mine = f"GET /v1/field-jobs?technician={spelt}"
        assert len((await api.ask("dispatcher", mine)).json()) == 1
    lists = {who: len((await api.ask(who, "GET /v1/field-jobs")).json()) for who in seen}
    assert [lists["technician:T-2"], lists["brand:Acme"], lists["dispatcher"]] == [0, 1, 1]
    assert (await api.ask("brand:Other", "GET /v1/field-jobs")).json() == []
    assert [one.stat().st_mode & 0o777 for one in files(tmp_path)] == [0o600, 0o600]


@pytest.mark.parametrize(
    ("kind", "picture", "status"),
    [
        ("image/png", PNG, 201),
        ("image/jpeg", b"\xff\xd8\xff\xe1" + b"\0" * 40, 201),
        ("image/jpeg", b"<html><script>", 415),
        ("image/png", b"", 415),
        ("image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 10_000_000, 413),
        ("text/plain", b'"x"', 415),
        ("application/json", b'{"content": "PGh0"}', 415),
        ("application/json", b'{"content": "a"}', 422),
        ("application/json", b'{"other": 1}', 422),
    ],
)
async def test_a_photo_is_what_its_bytes_say(
    api: Api, tmp_path: Path, kind: str, picture: bytes, status: int
) -> None:
    made = f"/v1/field-jobs/{(await job(api))['id']}/photos"
    token = await api.token("technician:T-1")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
    answer = await api.client.post(made, content=picture, headers=headers)
    assert answer.status_code == status, answer.text
    assert len(files(tmp_path)) == (status == 201)


@pytest.mark.parametrize(
    ("fault", "kept"), [(ConnectionResetError("gone"), 1), (RefusedError("too_many", "x"), 0)]
)
async def test_a_photo_stays_unless_its_job_surely_does_not_list_it(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, kept: int
) -> None:
    async def lost(*_: object) -> None:
        raise fault

    made = f"POST /v1/field-jobs/{(await job(api))['id']}/photos"
    monkeypatch.setattr(fieldjob_notes, "decided", lost)
    sent = {"content": base64.b64encode(PNG).decode()}
    assert (await api.ask("technician:T-1", made, sent)).status_code >= 400
    assert len(files(tmp_path)) == kept


def test_a_phone_s_own_pictures_are_pictures() -> None:
    for brand in (b"heic", b"heix", b"mif1"):
        assert kind_of(b"\0\0\0\x18ftyp" + brand + b"\0" * 40) == "image/heif"
    with pytest.raises(ProblemError, match="HEIC"):
        kind_of(b"\0\0\0\x18ftypisom" + b"\0" * 40)


async def test_a_photo_comes_as_the_file_of_a_form(api: Api) -> None:
    path = f"/v1/field-jobs/{(await job(api))['id']}/photos"
    headers = {"Authorization": f"Bearer {await api.token('technician:T-1')}"}
    sent = {"photo": ("door.txt", PNG, "text/plain")}
    made = await api.client.post(path, files=sent, data={"public": "true"}, headers=headers)
    assert (made.status_code, made.json()["public"]) == (201, True)
    bare = await api.client.post(path, files={"x": (None, "y")}, headers=headers)
    assert (bare.status_code, bare.json()["code"]) == (422, "invalid")


async def test_the_customer_hears_and_answers_and_sees_nothing_else(api: Api) -> None:
    """S1-21, S1-24, S1-29: one text, one survey by a page that shows no note; GET is no answer."""
    opened = await job(api)
    path = f"POST /v1/field-jobs/{opened['id']}"
    await api.ask("technician:T-1", f"{path}/notes", {"text": "Rude", "public": True})
    await api.ask("technician:T-1", f"{path}/actions/on_my_way", {"eta": "18:20"})
    done = await api.ask("technician:T-1", f"{path}/actions/complete")
    assert done.json()["survey_asked_at"] is not None
    (way, to, words), (survey, _, ask) = await letters(api)
    assert (way, to) == (f"on_my_way:{opened['appointments'][0]['id']}", ANN["phone"])
    assert words.startswith(
        "Acme: your technician is on the way and should be with you about 6:20 PM"
    )
    link = re.search(r"/s/\S+", ask)
    assert survey == "survey"
    assert link is not None
    page = await api.client.get(link[0])
    assert "How did we do?" in page.text
    assert "Rude" not in page.text
    assert (await api.client.post(link[0], data={"rating": "7"})).status_code == 422
    for rating in ("4", "1"):
        answer = await api.client.post(link[0], data={"rating": rating, "comment": "Kind"})
        assert "Thank you" in answer.text
    shown = await api.ask("dispatcher", f"GET /v1/field-jobs/{opened['id']}")
    assert shown.json()["survey_rating"] == 4
    history = (await api.ask("lead", f"GET /v1/field-jobs/{opened['id']}/history")).json()
    assert [one["content"] for one in history if one["actor"] == "customer"] == ["Kind"]
    assert (await api.client.get("/s/" + "A" * 22)).status_code == 404


async def test_a_repeat_under_one_key_does_a_thing_once(api: Api) -> None:
    """S1-16, S1-21, S1-25: no job without its customer, no text twice."""
    opened = await job(api)
    path = f"POST /v1/field-jobs/{opened['id']}/actions/on_my_way"
    key = {"Idempotency-Key": "k-1"}
    first, again = [
        await api.ask("dispatcher", path, {"eta": "25m"}, headers=key) for _ in range(2)
    ]
    assert (first.status_code, again.json()) == (200, first.json())
    other = await api.ask("dispatcher", path, {"eta": "20m"}, headers=key)
    assert other.json()["code"] == "idempotency_mismatch"
    for late in ({"eta": "20m"}, {"eta": "soon", "start": 5}, {"other": 1}, ["x"]):
        bare = await api.ask("dispatcher", path, late)
        assert (bare.status_code, bare.json()["code"]) == (409, "illegal_transition")
    pause = path.replace("on_my_way", "pause")
    wrong = await api.ask("dispatcher", pause, {"reason": "part", "eta": "soon"})
    assert (wrong.status_code, wrong.json()["errors"][0]["place"][:8]) == (422, "body.eta")
    theirs = await api.ask("technician:T-9", pause, {"eta": "soon"})
    assert (theirs.status_code, theirs.json()["code"]) == (403, "forbidden")
    assert len(await letters(api)) == 1
    body = {"customer": str(UUID(int=5)), "title": "x"}
    nobody = await api.ask("dispatcher", "POST /v1/field-jobs", body)
    assert (nobody.status_code, nobody.json()["code"]) == (422, "unknown_customer")
    assert len((await api.ask("dispatcher", "GET /v1/field-jobs")).json()) == 1


async def test_who_leaves_has_no_token_and_takes_no_visit_and_comes_back_as_they_were(
    api: Api,
) -> None:
    """S1-32: also a second time, and a contact that was inactive before stays so."""
    document = (await api.ask("lead", "GET /v1/accounts/7002")).json()
    document["contacts"]["bob"]["active"] = False
    assert (await api.ask("lead", "PUT /v1/accounts/7002", document)).status_code == 200
    opened = await job(api)
    places = {"contacts": ["7001:bob", "7002:ann", "7002:bob"]}
    assert (await api.ask("admin", "PUT /v1/users/T-1", places)).status_code == 200
    assert (await api.ask("technician:T-1", "GET /v1/field-jobs")).status_code == 200

    async def active() -> list[bool]:
        found = []
        for place in places["contacts"]:
            account, key = place.split(":")
            shown = (await api.ask("lead", f"GET /v1/accounts/{account}")).json()
            found.append(shown["contacts"][key].get("active", True))
        return found

    for _ in range(2):
        for _ in range(2):
            await api.ask("admin", "POST /v1/users/T-1/deactivate")
        assert await active() == [False, False, False]
        assert (await api.ask("technician:T-1", "GET /v1/field-jobs")).status_code == 401
        path = f"POST /v1/field-jobs/{opened['id']}/appointments"
        refused = await api.ask("dispatcher", path, VISIT)
        assert refused.json()["code"] == "technician_inactive"
        await api.ask("admin", "POST /v1/users/T-1/reactivate")
        assert await active() == [True, True, False]
        assert (await api.ask("technician:T-1", "GET /v1/field-jobs")).status_code == 200
    (one,) = (await api.ask("admin", "GET /v1/users")).json()["users"]
    assert (one["name"], one["active"], one["changed_by"]) == ("T-1", True, "admin:bootstrap")


async def test_who_is_named_as_their_contact_is_that_contact_and_no_longer_coded(api: Api) -> None:
    """S1-32."""
    await api.ask("lead", "PUT /v1/sessions/7001:ann", {"coded": True})
    gone = await api.ask("admin", "POST /v1/users/7001:ann/deactivate")
    assert (gone.json()["contacts"], gone.json()["active"]) == (["7001:ann"], False)
    document = (await api.ask("lead", "GET /v1/accounts/7001")).json()
    assert document["contacts"]["ann"]["active"] is False
    (session,) = (await api.ask("lead", "GET /v1/sessions")).json()
    assert session["coded"] is False
    document["contacts"]["ann"]["active"] = True
    assert (await api.ask("lead", "PUT /v1/accounts/7001", document)).status_code == 200
    shown = (await api.ask("lead", "GET /v1/accounts/7001")).json()
    assert shown["contacts"]["ann"]["active"] is False
