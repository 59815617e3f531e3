"""The vendor's own API document, served by a mock that answers 422 to a malformed request."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".cache" / "vendor-mock" / "node_modules"
PRISM = INSTALLED / "@stoplight" / "prism-cli" / "dist" / "index.js"
DOCUMENT = INSTALLED / "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"
FORM = "application/x-www-form-urlencoded"
ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
OURS = [
    ACCOUNT + path
    for path in ("/Calls.json", "/Calls/{Sid}.json", "/Messages.json", "/Messages/{Sid}.json")
]


def missing() -> str | None:
    """Return why the mock cannot run here, or None."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (PRISM.exists() and DOCUMENT.exists()):
        return "the vendor's document and its mock are not installed: make vendor-mock"
    return None


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Serve the paths we use and yield the address; `home` takes the document."""
    document = home / "api.json"
    document.write_text(json.dumps(_prepared(json.loads(DOCUMENT.read_text("utf-8")))), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(PRISM), "mock", str(document), "-p", str(port), "--errors"]
    with subprocess.Popen(  # noqa: S603 - our own words
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as mock:
        try:
            _await_listening(mock)
            yield f"http://127.0.0.1:{port}"
        finally:
            mock.terminate()


def _await_listening(mock: subprocess.Popen[str]) -> None:
    assert mock.stdout is not None
    said = []
    for line in mock.stdout:
        said.append(line)
        if "is listening" in line:
            return
    raise RuntimeError("the mock ended: " + "".join(said))


def _prepared(api: dict[str, Any]) -> dict[str, Any]:
    """Keep our paths only, and say that lists repeat their key, which the document leaves out."""
    api["paths"] = {path: api["paths"][path] for path in OURS}
    for item in api["paths"].values():
        # The document's own examples of lists hold relative addresses where it asks for whole ones.
        item["get"] = json.loads(json.dumps(item["get"]).replace(_WHOLE, _ANY))
        form = item.get("post", {}).get("requestBody", {}).get("content", {}).get(FORM)
        if form is not None:
            form["encoding"] = dict.fromkeys(_lists(form["schema"]), _REPEATED)
    return api


_WHOLE, _ANY = '"format": "uri"', '"format": "uri-reference"'
_REPEATED = {"style": "form", "explode": True}


def _lists(schema: dict[str, Any]) -> list[str]:
    fields = cast("dict[str, dict[str, Any]]", schema["properties"])
    return [name for name, one in fields.items() if one.get("type") == "array"]
