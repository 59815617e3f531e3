"""A stranger's tool reads our OpenAPI document, calls the API by it, and finds no fault."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from pydantic import TypeAdapter, ValidationError

from gateway.clock import VirtualClock
from gateway.store import accounts
from gateway.store.pool import Pool
from gateway.web.app import create_app
from gateway.web.fieldjob_shapes import Photo
from gateway.web.mistakes import Detail
from gateway.web.post_views import Value
from gateway.web.shapes import Said, Words
from tests.kit.api import ADMIN, parts_on
from tests.kit.desk import NOON, document

EXAMPLES = 2  # of each kind of request, for each call
STORIES = 10  # of calls that follow one another
UNROLLED = 1_000  # characters: up to there the tool may unroll a pattern
LONG = {  # every long text is one of these
    "words": (Words, 20_000),
    "said": (Said, 20_000),
    "detail": (Detail, 20_000),
    "value": (Value, 10_000),
    "photo": (Photo, 14_000_000),
}
# No schema can say that the parts of an account document fit together, that a key was used for
# another request before, that an end is after its start, that a kind of mistake is known, that a
# fix changes something, what a case must have, that a customer is there or that bytes are a
# picture: there 422 (415) is the right answer to a request of the right shape. A stream of events
# has no end to wait for.
CONFIG = """
# What a path does not take is refused in one place for all methods: one that others take, one that
# none does.
[phases.coverage]
unexpected-methods = ["DELETE", "TRACE"]

[[operations]]
include-name = "GET /v1/events"
enabled = false

[[operations]]
include-name = "PUT /v1/accounts/{account}"
checks.positive_data_acceptance.enabled = false

# Hours, zones and calendars must be known; an empty key of a table is as if absent.
[[operations]]
include-name = "PUT /v1/markets/{market}"
checks.positive_data_acceptance.enabled = false
checks.negative_data_rejection.enabled = false

[[operations]]
include-name = "POST /v1/escalations/check"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/messages"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/messages/{ucn}/resend"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/handoffs"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/handoffs/{handoff}/notes"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/mistakes"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/reviews/{review}/fix"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/phones/{phone}/restore"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/accounts/{account}/specials"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/customers"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/field-jobs"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/field-jobs/{field_job}/actions/{action}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/field-jobs/{field_job}/appointments"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "PATCH /v1/field-jobs/{field_job}/appointments/{appointment}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/field-jobs/{field_job}/photos"
checks.positive_data_acceptance.expected-statuses = ["2xx", "4xx"]


[[operations]]
include-name = "POST /v1/cases/{case}/documents"
checks.positive_data_acceptance.expected-statuses = ["2xx", "4xx"]

[[operations]]
include-name = "PUT /v1/users/{name}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/cases"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/cases/{case}/assignments"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/cases/{case}/reviews"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/cases/{case}/comments"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/cases/{case}/owner"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
include-name = "POST /v1/cases/{case}/close"
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""


@contextlib.asynccontextmanager
async def _served(pool: Pool) -> AsyncIterator[str]:
    """Serve the API on a free port of the loopback, as production does."""
    async with pool.acquire() as conn:
        await accounts.put(conn, document(), "lead:L-7", NOON)
    app = create_app(parts_on(pool, VirtualClock(NOON)))
    # Written here: the tool does not wait long for it, and the machine may be busy.
    whole = app.openapi()
    assert set(_long(whole)) == {
        *_long([TypeAdapter(kind).json_schema() for kind, _ in LONG.values()])
    }
    app.openapi_schema = _easily_read(whole)
    # With the protocol named, asyncio turns Nagle's delays off on each connection.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


def _long(shape: object) -> Iterator[tuple[str, int]]:
    """Yield pattern and limit of every long text of a document."""
    if isinstance(shape, list):
        for one in shape:
            yield from _long(one)
    if isinstance(shape, dict):
        if "pattern" in shape and shape.get("maxLength", 0) > UNROLLED:
            yield shape["pattern"], shape["maxLength"]
        yield from _long([*shape.values()])


def _easily_read(shape: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a document without the limits of long texts.

    The tool makes one pattern of pattern and limit, which takes it half a second to read, hundreds
    of times. Each such limit is tried in `test_a_long_text_is_taken_to_its_limit`.
    """
    if isinstance(shape, list):
        return [_easily_read(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    long = "pattern" in shape and shape.get("maxLength", 0) > UNROLLED
    return {
        key: _easily_read(value) for key, value in shape.items() if not long or key != "maxLength"
    }


@pytest.mark.parametrize(("kind", "most"), LONG.values(), ids=LONG)
def test_a_long_text_is_taken_to_its_limit(kind: object, most: int) -> None:
    taken = TypeAdapter[str](kind)

    assert len(taken.validate_python("x" * most)) == most
    with pytest.raises(ValidationError):
        taken.validate_python("x" * (most + 1))


@pytest.mark.longest
@pytest.mark.timeout(900)
@pytest.mark.parametrize("phases", ["coverage", "stateful", "examples,fuzzing"])
async def test_schemathesis_finds_no_fault(pool: Pool, tmp_path: Path, phases: str) -> None:
    """Each call by itself, and calls that follow one another by what was answered before."""
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(CONFIG)
    tool = Path(sys.executable).parent / "schemathesis"
    examples = STORIES if phases == "stateful" else EXAMPLES
    async with _served(pool) as url:
        process = await asyncio.create_subprocess_exec(
            *(str(tool), "--config-file", str(settings), "run", f"{url}/openapi.json"),
            *("--header", f"Authorization: Bearer {ADMIN}", "--max-examples", str(examples)),
            # A recording stands with strangers, and a busy machine makes its requests slowly.
            *("--phases", phases, "--max-redirects", "0", "--suppress-health-check", "too_slow"),
            *("--seed", "1", "--no-color"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
