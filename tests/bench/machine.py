"""On what was measured: the machine, the versions, the server's settings, and who else was busy."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Final

from gateway.clock import SystemClock
from gateway.store.pool import connect

_PACKAGES: Final = ("asyncpg", "aiohttp", "uvloop", "uvicorn", "pgqueuer", "procrastinate")
_SETTINGS: Final = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


async def stated(server: str) -> dict[str, str]:
    """Describe the machine, the versions and the server's settings."""
    conn = await connect(server, SystemClock())
    settings = [f"{name} {await conn.fetchval(f'show {name}')}" for name in _SETTINGS]
    postgres = await conn.fetchval("show server_version")
    await conn.close()
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Postgres": f"{postgres}, {', '.join(settings)}",
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "load average before": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    return next(_values("/proc/cpuinfo", "model name"), platform.machine())


def _memory() -> float:
    return int(next(_values("/proc/meminfo", "MemTotal"), "0 kB").split()[0]) / 2**20


def resident(pid: int, what: str = "VmRSS") -> float:
    """Return the memory of a process in MB: what it has (`VmRSS`) or had at most (`VmHWM`)."""
    return int(next(_values(f"/proc/{pid}/status", what), "0 kB").split()[0]) / 1024


def _values(path: str, name: str) -> Iterator[str]:
    file = Path(path)
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        key, _, value = line.partition(":")
        if key.strip() == name:
            yield value.strip()
