"""What a caller leaves behind: a customer, a job with note and photo, a case with a document."""

import base64
from pathlib import Path
from typing import Any, Final

from gateway.store.pool import Connection
from tests.kit.api import Api

PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
PHOTO: Final = base64.b64encode(PNG).decode()
PDF: Final = b"%PDF-1.7\nHal's own words"
ANN: Final = {
    "name": "Ann Cain",
    "phone": "+12025550142",
    "email": "ann@cain.example",
    "address": "5 Elm Road",
}
# Nothing of this may stand anywhere afterwards.
OF_ANN: Final = (*ANN.values(), "Her heater", "Rude dog")
OF_HAL: Final = ("Hal Home", "It leaks", "hal's lease", "Solved for Hal")
_TABLES: Final = "select tablename from pg_tables where schemaname = 'public'"


async def made(api: Api, who: str, call: str, body: object, key: str = "") -> dict[str, Any]:
    """Make a call, under a key if there is one, and return its answer."""
    headers = {"Idempotency-Key": key} if key else {}
    answer = await api.ask(who, call, body, headers=headers)
    assert answer.status_code < 300, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def customer(api: Api, key: str = "", **changes: str) -> str:
    """Write Ann down, or who is as named."""
    told = await made(api, "dispatcher", "POST /v1/customers", {**ANN, **changes}, key)
    return str(told["id"])


async def job(api: Api, whose: str, key: str = "") -> str:
    """Open a job with a note and a photo, all under keys; return its path."""
    visit = {"start": "2026-02-02T23:30:00Z", "duration": "2h"}
    body = {"customer": whose, "title": "Her heater", "account": "7001", "appointment": visit}
    path = (
        f"/v1/field-jobs/{(await made(api, 'dispatcher', 'POST /v1/field-jobs', body, key))['id']}"
    )
    await made(api, "dispatcher", f"POST {path}/notes", {"text": "Rude dog"}, f"{key}-note")
    await made(api, "dispatcher", f"POST {path}/photos", {"content": PHOTO})
    return path


async def case(api: Api) -> str:
    """Open Hal's case with a document and a comment, under keys; return its path."""
    body = {
        "type": "homeowner",
        "contract": {"id": "C-1", "state": "active"},
        "contact_name": "Hal Home",
        "request_type": "Repair",
        "subtype": "Roof",
        "description": "It leaks",
        "source": "phone",
    }
    path = f"/v1/cases/{(await made(api, 'agent:1204', 'POST /v1/cases', body, 'case'))['id']}"
    await made(api, "agent:1204", f"POST {path}/comments", {"text": "It leaks"}, "comment")
    document = {"content": base64.b64encode(PDF).decode(), "name": "hal's lease.pdf"}
    await made(api, "agent:1204", f"POST {path}/documents", document)
    return path


async def left(conn: Connection, words: tuple[str, ...]) -> dict[str, list[str]]:
    """Return which of these words stand in which tables, whatever tables there are."""
    found: dict[str, list[str]] = {}
    for row in await conn.fetch(_TABLES):
        table = row["tablename"]
        text = await conn.fetchval(f'select string_agg(t::text, chr(10)) from "{table}" as t')  # noqa: S608 - a name of ours
        if there := [one for one in words if one in (text or "").replace("''", "'")]:
            found[table] = there
    return found


def files(folder: Path) -> list[bytes]:
    """Return what stands on disk, photos and documents."""
    return sorted(one.read_bytes() for one in folder.rglob("*") if one.is_file())
