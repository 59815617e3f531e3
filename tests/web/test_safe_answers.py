"""Every answer is safe to receive, and asking too often for secure links is refused."""

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from gateway.clock import VirtualClock
from gateway.domain import receipts
from gateway.store.pool import Pool
from gateway.web.app import create_app
from gateway.web.bodies import MOST
from gateway.web.pace import Pace
from gateway.web.secure import SecureDoor
from tests.kit.api import PUBLIC_URL, message, parts_on, serving
from tests.kit.desk import NOON, document
from tests.kit.shelf import Shelf, key_of
from tests.kit.street import roster, shift

GUESS = "/m/AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
async def link(pool: Pool) -> str:
    """Text a secure link to Ann and return its path."""
    async with pool.acquire() as conn:
        shelf = Shelf(conn)
        await shelf.load(document("7001", permanent=[], **roster(shift("ann", status="secure"))))
        await shelf.take("49000001")
        change = await shelf.intend("49000001")
    words = f"{change.wire.body}{change.wire.tail}"  # type: ignore[union-attr] # it is a text
    return "/m/" + words.split("/m/")[1].split(maxsplit=1)[0].rstrip(".,")


async def _broken(_request: Request) -> Response:
    raise RuntimeError


@pytest.fixture
async def web(pool: Pool) -> AsyncIterator[AsyncClient]:
    """Serve the pages of secure messages."""
    parts = parts_on(pool, VirtualClock(NOON))
    app = create_app(parts, [*SecureDoor(parts).routes(), Route("/broken", _broken)])
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/messages", "/healthz", "/openapi.json", "/nowhere", GUESS, "/v1/x", "/docs"),
        "/broken",
    ],
)
async def test_every_answer_is_kept_nowhere_framed_by_nobody_and_taken_for_nothing_else(
    web: AsyncClient, path: str
) -> None:
    headers = (await web.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert headers["Strict-Transport-Security"].startswith("max-age=")


async def test_one_link_is_shown_thirty_times_a_minute(web: AsyncClient, link: str) -> None:
    answers = [(await web.get(link)).status_code for _ in range(32)]
    assert answers == [200] * 30 + [429] * 2


async def test_guessing_is_refused_and_keeps_nobody_from_a_good_link(
    web: AsyncClient, link: str, pool: Pool
) -> None:
    answers = [(await web.get(GUESS)).status_code for _ in range(32)]
    assert answers == [404] * 30 + [429] * 2
    assert (await web.post(GUESS, data={"nonce": "x"})).status_code == 429
    assert (await web.get(link)).status_code == 200
    state = await pool.fetchval("select state from messages where ucn = '49000001'")
    assert (state, key_of("49000001").ucn) == ("open", "49000001")


async def test_a_link_that_has_ended_shows_and_opens_nothing(
    web: AsyncClient, link: str, pool: Pool
) -> None:
    assert (await web.get(link)).status_code == 200
    await pool.execute("update links set expires_at = $1", NOON)
    assert (await web.get(link)).status_code == 404
    assert (await web.post(link, data={"nonce": "x"})).status_code == 404


def test_links_cannot_be_guessed_and_end_after_three_days() -> None:
    assert receipts.ENTROPY_BYTES * 8 == 128
    assert receipts.LINK_LIFETIME.days == 3
    assert receipts.expired(receipts.link_expires(NOON), NOON + receipts.LINK_LIFETIME)


def test_a_pace_forgets_after_its_time_and_never_grows() -> None:
    pace = Pace(2, 60.0)
    assert [pace.allows("a", at) for at in (0.0, 1.0, 2.0, 60.0, 60.5, 61.0)] == [
        *(True, True, False, True, False, True),
    ]
    assert sum(pace.allows(f"k{n}", 100.0) for n in range(11_000)) == 11_000
    assert len(pace._seen) == 10_000  # noqa: SLF001 - what must not grow


async def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole(pool: Pool) -> None:
    async with serving(pool) as api:
        answer = await api.ask("agent", "POST /v1/messages", message(text="x" * MOST))
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert await pool.fetchval("select count(*) from messages") == 0


@pytest.mark.parametrize("path", [GUESS, "/v1/messages"])
async def test_who_hangs_up_in_the_middle_of_a_request_changes_nothing_and_fills_no_log(
    pool: Pool, link: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = parts_on(pool, VirtualClock(NOON))
    app = create_app(parts, SecureDoor(parts).routes())
    told = iter([{"type": "http.request", "body": b"{}", "more_body": True}])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(told, {"type": "http.disconnect"})

    async def send(one: Message) -> None:
        sent.append(one)

    kind = (b"content-type", b"application/x-www-form-urlencoded")
    at = link if path == GUESS else path
    scope = {"type": "http", "method": "POST", "path": at, "headers": [kind], "query_string": b""}
    await app(scope, receive, send)
    assert [one["status"] for one in sent if "status" in one] in ([], [400])
    assert "Traceback" not in capsys.readouterr().out
