"""TLS by the database's URL: asked for, with the server's certificate checked or not.

The embedded server is built without TLS, so the test's own door stands before it: it agrees to
what a client asks (SSLRequest), and hands on what it deciphers.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.clock import SystemClock
from gateway.store.pool import DatabaseError, connect
from tests.kit.certificates import certify

_ASKS = 8
_AGREED, _REFUSED = b"S", b"N"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the server's key and certificate."""
    folder = tmp_path_factory.mktemp("tls")
    certify(folder)
    return folder


@asynccontextmanager
async def door(url: str, home: Path) -> AsyncIterator[Callable[[str], str]]:
    """Stand before the database at `url`; yields what makes the door's URL with further words."""
    folder = parse_qs(urlsplit(url).query)["host"][0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "cert.pem", home / "key.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(_ASKS)
        writer.write(_AGREED)
        with suppress(OSError):  # whoever does not trust us goes away
            await writer.start_tls(context)
            inner, back = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
            await asyncio.gather(_hand_on(reader, back), _hand_on(inner, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        name = urlsplit(url).path
        yield lambda words: f"postgresql://postgres@127.0.0.1:{port}{name}?{words}"


async def _hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65_536):
            target.write(piece)
        target.close()


async def speaks(url: str) -> bool:
    """Tell whether a connection is deciphered at the other end; DatabaseError without one."""
    conn = await connect(url, SystemClock(), tries=1)
    try:
        assert await conn.fetchval("select count(*) from accounts") == 0
        return conn._transport.get_extra_info("ssl_object") is not None  # noqa: SLF001 - shown nowhere else
    finally:
        await conn.close()


async def test_a_url_that_requires_tls_gets_it(database: str, home: Path) -> None:
    async with door(database, home) as at:
        assert await speaks(at("sslmode=require"))


async def test_a_certificate_that_is_trusted_is_taken(database: str, home: Path) -> None:
    async with door(database, home) as at:
        for mode in ("verify-ca", "verify-full"):
            assert await speaks(at(f"sslmode={mode}&sslrootcert={home / 'cert.pem'}"))


async def test_a_certificate_of_nobody_we_trust_is_refused_with_a_clear_line(
    database: str, home: Path, tmp_path: Path
) -> None:
    certify(tmp_path)
    async with door(database, home) as at:
        url = at(f"sslmode=verify-full&sslrootcert={tmp_path / 'cert.pem'}")
        with pytest.raises(DatabaseError, match="certificate verify failed") as refused:
            await speaks(url)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("database 127.0.0.1:")


async def test_tls_that_is_required_is_not_done_without() -> None:
    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(_ASKS)
        writer.write(_REFUSED)
        writer.close()

    async with await asyncio.start_server(refuses, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DatabaseError, match="rejected SSL upgrade"):
            await speaks(f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=require")
