"""A gate spoils a connection in just the way it is told to."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.chaos.gate import Gate, Mode


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    """A gate before somebody who repeats each word."""

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(100):
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(repeat, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = Gate(lambda: asyncio.open_connection("127.0.0.1", port))
    await made.listen()
    yield made
    await made.close()
    server.close()


async def heard(gate: Gate, mode: Mode, then: Mode = "open") -> bytes | None:
    """Say a word through it in that mode, then change it: what comes back, None for nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(b"one")
    assert await reader.read(100) == b"one"
    gate.turn(mode)
    try:
        writer.write(b"two")
        async with asyncio.timeout(0.2):
            return await reader.read(100)
    except TimeoutError:
        gate.turn(then)
        async with asyncio.timeout(1):
            return await reader.read(100) if mode == "stall" else None
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("mode", "said"),
    [("open", b"two"), ("delay", b"two"), ("stall", b"two"), ("half_open", None), ("cut", b"")],
)
async def test_what_comes_through_a_gate(gate: Gate, mode: Mode, said: bytes | None) -> None:
    assert await heard(gate, mode) == said


async def test_a_cut_gate_takes_nobody_until_it_is_open_again(gate: Gate) -> None:
    gate.turn("cut")
    with pytest.raises((ConnectionError, AssertionError)):
        await heard(gate, "open")
    gate.turn("open")
    assert await heard(gate, "open") == b"two"
