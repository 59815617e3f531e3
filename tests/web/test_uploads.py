"""Files that are sent: judged by their bytes, read beside the loop, given again to who may."""

import asyncio
import base64
import io
import threading
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from gateway.store.pool import Pool
from gateway.web import uploads
from gateway.web.case_documents import NewDocument
from gateway.web.problems import ProblemError
from tests.kit import callers
from tests.kit.api import Api, serving
from tests.kit.callers import PDF, PHOTO, PNG, made

LONG = 30.0  # nothing takes so long but a loop that stands still


@pytest.fixture
async def api(pool: Pool, tmp_path: Path) -> AsyncIterator[Api]:
    """Serve the API with its files in a folder of the test."""
    async with serving(pool, data_dir=tmp_path) as served:
        yield served


async def test_others_are_served_while_a_file_is_read(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file waits for another request to be answered: on the loop it would wait for ever."""
    path = await callers.job(api, await callers.customer(api))
    begun, answered, real = threading.Event(), threading.Event(), uploads.decoded
    waited: list[bool] = []

    def slowly(text: bytes) -> bytes:
        begun.set()
        waited.append(answered.wait(LONG))
        return real(text)

    monkeypatch.setattr(uploads, "decoded", slowly)
    body = {"content": PHOTO}
    sending = asyncio.create_task(made(api, "dispatcher", f"POST {path}/photos", body))
    await asyncio.to_thread(begun.wait, LONG)
    assert (await api.ask("dispatcher", f"GET {path}")).status_code == 200
    answered.set()
    assert (await sending)["size"] == len(PNG)
    assert waited == [True]


def test_base64_is_read_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_BIT", 8)
    for size in range(40):
        content = bytes(range(200, 200 + size))
        assert uploads.decoded(base64.b64encode(content)) == content


@pytest.mark.parametrize(
    "text", ["a", "aaaa aaa", "aaa=aaaaaaaa", "aaaaaa==aaaa", "aaaaaaaa=", "aaaa\n", "aaaä", "a-_a"]
)
def test_what_is_no_base64_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_BIT", 8)
    with pytest.raises(ProblemError, match="is not base64"):
        uploads.decoded(text.encode())


LARGE = base64.b64encode(PDF * 300)
SHAPE = TypeAdapter(NewDocument)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"content": "%s"}', None),
        (b'{"name": "a", "content": "%s", "x": 1}', "extra"),
        (b'{"name": "\\"quoted\\"", "content": "%s"}', '"quoted"'),
        (b'{"content": "%s"' + b" " * 9000 + b', "name": "a"}', "a"),
        (b'{"name": "%s", "content": "JVBERi0="}', "too long"),
        (b'{"name": "\\"%s", "content": "JVBERi0="}', "too long"),
        (b'{"name": "' + b"/" * 64 + b'", "content": "%s"}', "/" * 64),
        (b'{"a": "%s"', "no JSON"),
        (b'["%s"]', "no object"),
    ],
)
def test_json_is_read_as_if_its_long_string_stood_in_it(body: bytes, name: str | None) -> None:
    for content in (LARGE, LARGE.replace(b"J", rb"\u004a")):
        sent = body % content
        try:
            read = uploads._of_json(sent, SHAPE)  # noqa: SLF001 - what a thread does
        except (ProblemError, RequestValidationError):
            with pytest.raises(ValidationError):
                SHAPE.validate_json(sent)
        else:
            assert (read.content, read.said["name"]) == (PDF * 300, name)
            assert SHAPE.validate_json(sent).name == name


def office(*names: str) -> bytes:
    """Return a zip of empty files with those names."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as parts:
        for name in names:
            parts.writestr(name, "")
    return whole.getvalue()


WORD = "word/document.xml"
SENT: dict[str, tuple[str, bytes, int, str]] = {
    "a scan": ("image/png", PNG, 201, "image/png"),
    "no matter what it is called": ("image/png", PDF, 201, "application/pdf"),
    "a letter": ("application/zip", office("[Content_Types].xml", WORD), 201, "wordprocessingml"),
    "a table": ("application/zip", office("xl/workbook.xml"), 201, "spreadsheetml"),
    "with macros": ("application/zip", office(WORD, "word/vbaProject.bin"), 415, ""),
    "two at once": ("application/zip", office(WORD, "xl/workbook.xml"), 415, ""),
    "some archive": ("application/zip", office("a.exe"), 415, ""),
    "half an archive": ("application/zip", office(WORD)[:40], 415, ""),
    "a page": ("text/html", b"<html><script>", 415, ""),
    "too large": ("application/pdf", PDF + b"\0" * 10_000_000, 413, ""),
    "no JSON": ("application/json", b"{", 422, ""),
    "JSON without a file": ("application/json", b'{"name": "x"}', 422, ""),
    "a name of two lines": (
        "application/json",
        b'{"content": "JVBERi0=", "name": "a\\nb"}',
        422,
        "",
    ),
}


async def test_a_document_is_what_its_bytes_say(api: Api, tmp_path: Path) -> None:
    """S4-26: and what is refused leaves no file behind."""
    path = await callers.case(api)
    headers = {"Authorization": f"Bearer {await api.token('account_manager')}"}
    kept = len(callers.files(tmp_path))
    for name, (kind, content, status, found) in SENT.items():
        sent = {**headers, "Content-Type": kind}
        answer = await api.client.post(f"{path}/documents", content=content, headers=sent)
        assert answer.status_code == status, (name, answer.text)
        if status == 201:
            assert found in answer.json()["kind"], name
            kept += 1
        assert len(callers.files(tmp_path)) == kept, name


async def test_documents_are_listed_and_given_again_until_the_case_is_closed(api: Api) -> None:
    """S4-26: attached by a form, by its own name; on record without a word of it."""
    path = await callers.case(api)
    headers = {"Authorization": f"Bearer {await api.token('agent:1205')}"}
    form = {"document": ("C:\\Users\\Amy\\Höfe & Co; lease.pdf", PDF, "text/plain")}
    sent = await api.client.post(f"{path}/documents", files=form, headers=headers)
    assert sent.status_code == 201, sent.text
    shown = await api.ask("agent", f"GET {path}/documents")
    assert [one["name"] for one in shown.json()] == ["hal's lease.pdf", "Höfe & Co; lease.pdf"]
    assert shown.json()[1] == sent.json()
    got = await api.ask("account_manager", f"GET {sent.json()['href']}")
    assert (got.content, got.headers["content-type"]) == (PDF, "application/pdf")
    way, _, name = got.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (way, unquote(name), ";" in name) == ("attachment", "Höfe & Co; lease.pdf", False)
    items = (await api.ask("agent", f"GET {path}/history")).json()
    assert [one["actor"] for one in items if one["kind"] == "case.attached"][1] == "agent:1205"
    assert "lease" not in str(items)
    await made(api, "agent:1204", f"POST {path}/close", {"reason": "Solved"})
    for call, code in (
        (f"POST {path}/documents", "case_closed"),
        (f"GET {path}/documents/{path[-36:]}", "unknown_document"),
    ):
        body = {"content": base64.b64encode(PDF).decode()}
        refused = await api.ask("agent", call, body if call.startswith("POST") else None)
        assert refused.json()["code"] == code
    assert len((await api.ask("agent", f"GET {path}/documents")).json()) == 2
