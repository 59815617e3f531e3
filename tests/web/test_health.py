"""Alive, ready, measured; and errors that are problems whatever goes wrong."""

from dataclasses import replace
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.clock import VirtualClock
from gateway.store.pool import Pool
from gateway.web.app import create_app, openapi
from tests.kit.api import PUBLIC_URL, Api, parts_on
from tests.kit.desk import NOON


async def test_health_needs_no_token(api: Api) -> None:
    assert (await api.ask(None, "GET /healthz")).json() == {"ok": True}
    assert (await api.ask(None, "GET /readyz")).json() == {"ok": True}
    metrics = await api.ask(None, "GET /metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "dispatchd_build_info" in metrics.text


async def test_a_database_that_is_behind_is_not_ready(api: Api) -> None:
    await api.pool.execute("delete from schema_migrations")
    answer = await api.ask(None, "GET /readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "behind" in answer.json()["detail"]


async def test_without_a_database_it_is_alive_but_not_ready_and_answers_503(api: Api) -> None:
    await api.pool.close()
    assert (await api.ask(None, "GET /healthz")).status_code == 200
    assert (await api.ask(None, "GET /readyz")).status_code == 503
    answer = await api.ask("admin", "GET /v1/jobs/")
    assert answer.status_code in {307, 404}
    answer = await api.ask("admin", "GET /v1/jobs")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")


@pytest.mark.parametrize(("place", "judge"), [("/readyz", "ready"), ("/healthz", "alive")])
async def test_a_process_whose_engine_stands_still_is_not_ready_and_when_it_hangs_not_alive(
    pool: Pool, place: str, judge: str
) -> None:
    async def amiss() -> tuple[str, ...]:
        return ("the engine stands still",)

    judges: dict[str, Any] = {judge: amiss}
    parts = replace(parts_on(pool, VirtualClock(NOON)), **judges)
    async with AsyncClient(
        transport=ASGITransport(app=create_app(parts)), base_url=PUBLIC_URL
    ) as client:
        answer = await client.get(place)
    assert (answer.status_code, answer.json()["amiss"]) == (503, ["the engine stands still"])


async def test_plain_routes_stand_beside_the_api(pool: Pool) -> None:
    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    async def broken(_request: Request) -> PlainTextResponse:
        raise RuntimeError("a secret detail")

    routes = [Route("/m/hello", hello), Route("/m/broken", broken)]
    app = create_app(parts_on(pool, VirtualClock(NOON)), routes)
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        assert (await client.get("/m/hello")).text == "hello"
        answer = await client.get("/m/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [("GET /nowhere", 404, "not_found"), ("DELETE /v1/jobs", 405, "method_not_allowed")],
)
async def test_even_a_wrong_path_is_a_problem(api: Api, call: str, status: int, code: str) -> None:
    answer = await api.ask("admin", call)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("call", "methods"),
    [
        ("DELETE /v1/jobs", "GET"),
        ("PUT /v1/messages", "GET, POST"),
        ("DELETE /v1/messages/1", "GET, PATCH"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(api: Api, call: str, methods: str) -> None:
    answer = await api.ask("admin", call)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)


async def test_the_document_is_served_and_needs_no_parts(api: Api) -> None:
    served = (await api.ask(None, "GET /openapi.json")).json()
    assert served["paths"].keys() == openapi()["paths"].keys()
    assert "AccountDocument" in served["components"]["schemas"]
    assert (await api.ask(None, "GET /docs")).status_code == 200
