"""A stranger's tool reads our OpenAPI document, calls the API by it, and finds no fault."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn

from gateway.clock import VirtualClock
from gateway.store import accounts
from gateway.store.pool import Pool
from gateway.web.app import create_app
from tests.kit.api import ADMIN, parts_on
from tests.kit.desk import NOON, document

EXAMPLES = 2  # of each kind of request, for each call
STORIES = 10  # of calls that follow one another
# No schema can say that the parts of an account document fit together, that a key was used for
# another request before, that an end is after its start, that a kind of mistake is known, that a
# fix changes something, what a case must have, that a customer is there or that bytes are a
# picture: there 422 (415) is the right answer to a request of the right shape. A stream of events
# has no end to wait for.
CONFIG = """
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
