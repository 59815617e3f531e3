"""A look at our own door: names, sockets and certificates that hold or do not."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from adapters.doorway import DoorwayError, Stage, look
from gateway.clock import SystemClock
from tests.adapters.far_side import far_side, says
from tests.kit.programs import free_port

PATIENCE = 20


async def refused(host: str, port: int) -> tuple[Stage, str]:
    with pytest.raises(DoorwayError) as caught:
        await look(host, port, PATIENCE)
    return caught.value.stage, str(caught.value)


async def test_a_certificate_tells_until_when(key: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    ours, theirs = key
    async with far_side(says(b""), trust=ours) as side:
        seen = await look("127.0.0.1", side.port, PATIENCE, theirs)
    assert seen.addresses == seen.inside == ("127.0.0.1",)
    left = seen.expires - SystemClock().now()
    assert timedelta(days=1) < left < timedelta(days=3)
    assert seen.expires.tzinfo is UTC
    assert isinstance(seen.expires, datetime)


async def test_a_certificate_that_nobody_signed_is_refused(
    key: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    async with far_side(says(b""), trust=key[0]) as side:
        stage, words = await refused("127.0.0.1", side.port)
    assert stage == "certificate"
    assert "self" in words


async def test_what_speaks_no_tls_is_told() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stage, words = await refused("127.0.0.1", port)
    server.close()
    assert stage == "certificate"
    assert f"port {port} does not speak TLS" in words


async def test_a_name_that_does_not_resolve_and_a_port_that_is_shut_are_told_apart() -> None:
    assert await refused("nowhere.invalid", 443) == (
        "name",
        "the name nowhere.invalid does not resolve",
    )
    port = free_port()
    stage, words = await refused("127.0.0.1", port)
    assert stage == "connection"
    assert str(port) in words
