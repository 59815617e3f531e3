"""The transport over real connections: one try each, kept for a while, and nothing believed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from adapters.transport import HttpTransport, Limits
from adapters.wire import Broken, NotSent, Reply
from tests.adapters.far_side import Say, far_side, says

OK = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Made = Callable[..., HttpTransport]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[..., object]:
    """Run a coroutine on either loop: they differ in what they hand to a protocol."""

    def runs(work: object) -> object:
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(work)  # type: ignore[arg-type] # a coroutine

    return runs


async def post(transport: HttpTransport, url: str, body: bytes = b"To=1") -> Reply:
    return await transport.request("POST", url, FORM, body)


async def replies(*sayings: Say, many: int, idle: float = 5.0) -> tuple[list[object], int]:
    """Ask so many times, one after the other; return what came and how many connections it took."""
    transport = HttpTransport(limits=Limits(idle=idle))
    came: list[object] = []
    async with far_side(*sayings) as side:
        for _ in range(many):
            try:
                reply = await post(transport, side.url)
                came.append((reply.status, reply.body))
            except Broken as broken:
                came.append(str(broken))
        await transport.close()
        return came, side.connections


def test_one_connection_carries_request_after_request(run: Callable[..., object]) -> None:
    assert run(replies(says(OK), many=5)) == ([(201, b"ok")] * 5, 1)


def test_a_connection_that_was_idle_for_long_carries_no_further_request(
    run: Callable[..., object],
) -> None:
    assert run(replies(says(OK), many=3, idle=0.0)) == ([(201, b"ok")] * 3, 3)


@pytest.mark.parametrize(
    ("saying", "status", "connections"),
    [
        (says(CHUNKED), 200, 1),
        (says(*(bytes([one]) for one in CHUNKED)), 200, 1),
        (says(b"HTTP/1.1 100 Continue\r\n\r\n", OK), 201, 1),
        (says(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"), 200, 2),
        (says(b"HTTP/1.1 200 OK\r\n\r\no", b"k", close=True), 200, 2),
        (says(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), 200, 2),
    ],
    ids=["chunks", "byte by byte", "continue", "close", "until the end", "old"],
)
def test_a_reply_is_read_in_every_form_it_may_take(
    run: Callable[..., object], saying: Say, status: int, connections: int
) -> None:
    assert run(replies(saying, many=2)) == ([(status, b"ok")] * 2, connections)


@pytest.mark.parametrize(
    "saying",
    [
        says(b"", close=True),
        says(OK[:-1], close=True),
        says(CHUNKED[:-5], close=True),
        says(b"220 mail.example ESMTP\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ],
    ids=["silence", "half a body", "half a chunk", "no HTTP", "two lengths"],
)
def test_what_is_no_whole_reply_is_none_and_ends_the_connection(
    run: Callable[..., object], saying: Say
) -> None:
    broke = "the connection broke before a reply came"
    assert run(replies(saying, says(OK), many=2)) == ([broke, (201, b"ok")], 2)


def test_words_that_were_not_asked_for_are_not_taken_for_the_next_reply(
    run: Callable[..., object],
) -> None:
    twice = says(OK + OK.replace(b"ok", b"no"))
    assert run(replies(twice, many=2)) == ([(201, b"ok")] * 2, 2)


def test_no_more_connections_are_open_than_may_be(run: Callable[..., object]) -> None:
    async def all_at_once() -> tuple[set[int], int]:
        transport = HttpTransport(limits=Limits(connections=3))
        async with far_side(says(OK)) as side:
            came = await asyncio.gather(*(post(transport, side.url) for _ in range(20)))
            await transport.close()
            return {reply.status for reply in came}, side.connections

    assert run(all_at_once()) == ({201}, 3)


def test_who_finds_no_free_connection_in_time_has_sent_nothing(run: Callable[..., object]) -> None:
    async def two_for_one() -> tuple[str, int]:
        transport = HttpTransport(connect=0.5, limits=Limits(connections=1))
        async with far_side(says(b"")) as side:
            first = asyncio.create_task(post(transport, side.url))
            while not side.requests:
                await asyncio.wait([first], timeout=0.01)
            with pytest.raises(NotSent) as unsent:
                await post(transport, side.url)
            first.cancel()
            await transport.close()
            return str(unsent.value), len(side.requests)

    assert run(two_for_one()) == ("no connection within the time allowed", 1)


def test_a_request_that_is_given_up_takes_its_connection_with_it(
    run: Callable[..., object],
) -> None:
    async def cancelled() -> tuple[int, int]:
        transport = HttpTransport()
        async with far_side(says(b""), says(OK)) as side:
            first = asyncio.create_task(post(transport, side.url))
            while not side.requests:
                await asyncio.wait([first], timeout=0.01)
            first.cancel()
            reply = await post(transport, side.url)
            await transport.close()
            return reply.status, side.connections

    assert run(cancelled()) == (201, 2)


def test_what_is_given_up_does_not_arrive_later(run: Callable[..., object]) -> None:
    """Its connection is reset: what is not there yet is not sent any more."""

    async def ended() -> str:
        transport, seen = HttpTransport(), asyncio.get_running_loop().create_future()

        async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"To=1")
            begun.set()
            try:
                seen.set_result(repr(await reader.read()))
            except ConnectionResetError:
                seen.set_result("reset")
            writer.close()

        begun = asyncio.Event()
        server = await asyncio.start_server(waits, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        asked = asyncio.create_task(post(transport, f"http://127.0.0.1:{port}/"))
        await begun.wait()
        asked.cancel()
        how = await seen
        server.close()
        await transport.close()
        return str(how)

    assert run(ended()) == "reset"


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    made = HttpTransport()
    yield made
    await made.close()


async def test_a_request_says_what_it_must_and_no_more(transport: HttpTransport) -> None:
    async with far_side(says(OK)) as side:
        await transport.request("POST", side.url + "?a=%2B1", {"Accept": "x"}, b"To=%2B1")
        await transport.request("GET", f"http://me:p%40ss@127.0.0.1:{side.port}", {}, b"")
        assert side.requests == [
            b"POST /2010-04-01/Calls.json?a=%%2B1 HTTP/1.1\r\n"
            b"Host: 127.0.0.1:%d\r\nAccept: x\r\nContent-Length: 7\r\n\r\nTo=%%2B1" % side.port,
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Basic bWU6cEBzcw==\r\n\r\n"
            % side.port,
        ]


@pytest.mark.parametrize(
    "end", ["/a b", "/a\r\nX: y", "/é", "/\x00", "/\x7f"], ids=["space", "line", "é", "nul", "del"]
)
async def test_an_address_that_could_say_more_than_a_request_is_refused(
    transport: HttpTransport, end: str
) -> None:
    async with far_side(says(OK)) as side:
        with pytest.raises(NotSent):
            await post(transport, side.url + end)
        assert side.requests == []


def test_by_tls_a_trusted_far_side_is_spoken_to_and_no_other(
    run: Callable[..., object], key: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server, trust = key

    async def speaks() -> tuple[int, int, int]:
        good = HttpTransport(trust=trust)
        stranger = HttpTransport()
        async with far_side(says(OK), trust=server) as side:
            reply = await post(good, side.url)
            again = await post(good, side.url)
            with pytest.raises(NotSent, match="TLS"):
                await post(stranger, side.url)
            await good.close()
            await stranger.close()
            return reply.status, again.status, len(side.requests)

    assert run(speaks()) == (201, 201, 2)


async def test_a_name_nobody_has_is_nowhere(transport: HttpTransport) -> None:
    with pytest.raises(NotSent):
        await post(transport, "http://nobody.invalid/")
