"""Web posts: one request, signed and named, to nobody inside our own network: S3-58."""

import hashlib
import hmac
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.web_posts import MOST_READ, WebAnswer, WebPost, WebPoster
from adapters.wire import Broken, NotSent

BODY = b'{"Name":"Jo"}'
POSTER = WebPoster(private=True, seconds=5.0)


class Client:
    """A client's side that keeps what it was posted."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, str], bytes]] = []

    async def lead(self, request: web.Request) -> web.Response:
        self.asked.append((dict(request.headers), await request.read()))
        return web.Response(text="stored")

    async def busy(self, _request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "120"})

    async def moved(self, _request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/lead"})

    async def large(self, _request: web.Request) -> web.Response:
        return web.Response(text="x" * (3 * MOST_READ))

    async def broken(self, request: web.Request) -> web.Response:
        assert request.transport
        request.transport.abort()
        return web.Response()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
async def host(client: Client) -> AsyncIterator[str]:
    app = web.Application()
    for name in ("lead", "busy", "moved", "large", "broken"):
        app.router.add_post(f"/{name}", getattr(client, name))
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")


def made(url: str, secret: str | None = None) -> WebPost:
    return WebPost(url, "application/json", BODY, "key-1", secret)


async def test_a_post_carries_its_key_and_its_signature(host: str, client: Client) -> None:
    secret = "0123456789abcdef"  # noqa: S105 - an example
    assert await POSTER.post(made(f"{host}/lead", secret)) == WebAnswer(200, "stored")
    ((headers, body),) = client.asked
    assert body == BODY
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "key-1"
    digest = hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()
    assert headers["X-Dispatchd-Signature"] == f"sha256={digest}"


async def test_without_a_secret_nothing_is_signed(host: str, client: Client) -> None:
    await POSTER.post(made(f"{host}/lead"))
    assert "X-Dispatchd-Signature" not in client.asked[0][0]


async def test_an_answer_is_told_as_it_is_and_no_redirect_is_followed(
    host: str, client: Client
) -> None:
    assert await POSTER.post(made(f"{host}/busy")) == WebAnswer(503, "", 120.0)
    assert (await POSTER.post(made(f"{host}/moved"))).status == 307
    assert len((await POSTER.post(made(f"{host}/large"))).text) == MOST_READ
    assert client.asked == []


async def test_a_connection_that_breaks_leaves_it_unknown(host: str) -> None:
    with pytest.raises(Broken):
        await POSTER.post(made(f"{host}/broken"))


async def test_who_is_not_there_was_sent_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent):
        await POSTER.post(made(f"http://127.0.0.1:{port}/x"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://10.0.0.8/x",
        "http://169.254.169.254/latest",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://localhost/x",
        "ftp://post.example/x",
        "file:///etc/passwd",
        "http:///x",
    ],
)
async def test_nobody_inside_our_own_network_is_posted_to(url: str) -> None:
    with pytest.raises(NotSent) as refused:
        await WebPoster().post(made(url))
    assert url not in str(refused.value)


def test_a_post_shows_neither_its_address_nor_what_it_says() -> None:
    shown = repr(made("https://post.example/secret-path", "0123456789abcdef"))
    assert all(word not in shown for word in ("secret-path", "Jo", "0123"))
