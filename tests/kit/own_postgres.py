"""A Postgres of the test's own, which it may kill and start again."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

from gateway.clock import SystemClock
from gateway.store.cluster import Cluster, account_for
from gateway.store.embedded import socket_url
from gateway.store.migrate import migrate
from gateway.store.pool import connect
from tests.kit.programs import in_time


class Server:
    """A Postgres of the test's own, which it may kill and start again."""

    def __init__(self, folder: Path) -> None:
        """Start it, with a migrated database."""
        self.folder = folder
        self._cluster = Cluster.of(folder / "data", account_for(None), durable=True)
        self._cluster.give(folder)
        self._cluster.create()
        self.start()
        self.url = socket_url(folder)
        asyncio.run(_migrated(self.url))

    def start(self) -> None:
        """Start it, or start it again: it recovers what was committed."""
        self._cluster.start(self.folder)

    def kill(self) -> None:
        """End it as `pg_ctl stop -m immediate` does: no session is closed, nothing is flushed."""
        lock = self._cluster.data / "postmaster.pid"
        os.kill(int(lock.read_text().splitlines()[0]), signal.SIGQUIT)
        assert in_time(lambda: not lock.exists())

    def said(self) -> str:
        """Return all that it has written to its log."""
        return (self._cluster.data / "server.log").read_text(errors="replace")

    def close(self) -> None:
        """Stop it for good."""
        self._cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


async def _migrated(url: str) -> None:
    conn = await connect(url, SystemClock(), tries=1)
    await migrate(conn, SystemClock().now())
    await conn.close()
