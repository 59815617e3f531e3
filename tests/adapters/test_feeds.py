"""Calendars are fetched once, in small, and from nobody inside our own network."""

import gzip
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.feeds import LARGEST, Failed, FeedFetcher, Fetched, Unchanged

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
INSIDE = Failed("leads to an address that is not public")


class Source:
    """A host that gives one calendar, and whatever else a test asks for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    async def calendar(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.headers))
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304)
        names = {"ETag": '"v1"', "Last-Modified": "Mon, 02 Feb 2026 23:00:00 GMT"}
        return web.Response(body=BODY, headers=names)

    async def status(self, request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["code"]))

    async def moved(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def large(self, _request: web.Request) -> web.Response:
        return web.Response(body=b"x" * (LARGEST + 1))

    async def bomb(self, _request: web.Request) -> web.Response:
        packed = gzip.compress(b"x" * (40 * LARGEST))
        assert len(packed) < LARGEST
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async def broken(self, request: web.Request) -> web.Response:
        assert request.transport
        request.transport.abort()
        return web.Response()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
async def host(source: Source) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/status/{code}", source.status)
    for name in ("calendar", "moved", "large", "bomb", "broken"):
        app.router.add_get(f"/{name}", getattr(source, name))
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def fetcher(tmp_path: Path) -> FeedFetcher:
    return FeedFetcher(tmp_path, private=True)


async def test_a_copy_comes_with_its_names_and_is_not_sent_twice(
    fetcher: FeedFetcher, host: str, source: Source
) -> None:
    first = await fetcher.fetch(f"{host}/calendar", None, None)
    assert first == Fetched(BODY, '"v1"', "Mon, 02 Feb 2026 23:00:00 GMT")
    assert isinstance(first, Fetched)
    again = await fetcher.fetch(f"{host}/calendar", first.etag, first.modified)
    assert again == Unchanged()
    assert source.asked[1]["If-Modified-Since"] == first.modified


async def test_redirects_are_followed_for_a_while(fetcher: FeedFetcher, host: str) -> None:
    assert isinstance(await fetcher.fetch(f"{host}/moved?to=/calendar", None, None), Fetched)
    circle = f"{host}/moved?to=/moved%3Fto=/moved%253Fto=/moved%25253Fto=/moved%2525253Fto=/x"
    assert await fetcher.fetch(circle, None, None) == Failed("is redirected too often")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("status/404", "its host answers 404"),
        ("status/500", "its host answers 500"),
        ("large", f"has more than {LARGEST} bytes"),
        ("bomb", f"has more than {LARGEST} bytes"),
        ("broken", "the connection broke before an answer came"),
        ("moved?to=file:///etc/passwd", "only http and https addresses are asked"),
        ("moved?to=ftp://x.example/y", "only http and https addresses are asked"),
    ],
)
async def test_what_is_no_calendar_is_a_failure_in_words(
    fetcher: FeedFetcher, host: str, path: str, words: str
) -> None:
    assert await fetcher.fetch(f"{host}/{path}", None, None) == Failed(words)


async def test_a_host_that_does_not_answer_or_is_not_there(
    fetcher: FeedFetcher, tmp_path: Path
) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        refused = await fetcher.fetch(f"http://127.0.0.1:{port}/x", None, None)
        assert refused == Failed("its host refuses the connection")
        listening.listen()
        hasty = FeedFetcher(tmp_path, private=True, seconds=0.2)
        silent = await hasty.fetch(f"http://127.0.0.1:{port}/x", None, None)
        assert silent == Failed("no answer within the time allowed")


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
        *("100.64.0.1", "224.0.0.1", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]"),
        *("[2002:7f00:1::]", "localhost", "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]"),
        *("[::7f00:1]", "[fec0::1]"),
    ],
)
async def test_nobody_inside_our_network_is_asked(tmp_path: Path, address: str) -> None:
    careful = FeedFetcher(tmp_path)
    assert await careful.fetch(f"http://{address}:9/x.ics", None, None) == INSIDE


@pytest.mark.parametrize("spelling", ["127.1", "2130706433", "0x7f.1"])
async def test_nor_by_an_odd_spelling(tmp_path: Path, spelling: str) -> None:
    answer = await FeedFetcher(tmp_path).fetch(f"http://{spelling}:9/x.ics", None, None)
    assert answer in (INSIDE, Failed("its address is not a URL"))


async def test_a_file_is_one_of_the_folder_and_no_other(
    fetcher: FeedFetcher, tmp_path: Path
) -> None:
    (tmp_path / "oncall.ics").write_bytes(BODY)
    assert await fetcher.fetch("file:oncall.ics", None, None) == Fetched(BODY)
    (tmp_path / "large.ics").write_bytes(b"x" * (LARGEST + 1))
    large = await fetcher.fetch("file:large.ics", None, None)
    assert large == Failed(f"has more than {LARGEST} bytes")
    absent = await fetcher.fetch("file:absent.ics", None, None)
    assert absent == Failed("the file cannot be read: No such file or directory")
    (tmp_path / "link.ics").symlink_to("/etc/hostname")
    for outside in ("link.ics", "../x.ics"):
        found = await fetcher.fetch(f"file:{outside}", None, None)
        assert found == Failed("the file is not in the folder for feeds")
