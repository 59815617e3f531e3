"""Processor time burned, ours and others': what noisy neighbours cannot change much."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Burned(NamedTuple):
    """Seconds of processor time: of this process, of all of Postgres, of the stub carrier."""

    python: float
    postgres: float
    stub: float

    def since(self, before: "Burned") -> "Burned":
        """Return what was burned since an earlier look."""
        return Burned(*(now - then for now, then in zip(self, before, strict=True)))


@dataclass(frozen=True, slots=True)
class Meter:
    """Looks at the processes of one measurement: Postgres is found by one of its backends."""

    backend: int
    stub: int

    def look(self) -> Burned:
        """Read what was burned so far."""
        return Burned(time.process_time(), of_postgres(self.backend), of_process(self.stub))


def of_postgres(backend: int) -> float:
    """Return the seconds burned by the whole server that has this backend."""
    postmaster = int(_fields(backend)[1])
    children = [pid for pid in _pids() if int(_fields(pid)[1]) == postmaster]
    # With the postmaster's own come those of children that have ended.
    return sum(of_process(pid) for pid in children) + of_process(postmaster, ended=True)


def _pids() -> list[int]:
    return [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]


def _fields(pid: int) -> list[str]:
    """Return the fields of a process's line from its state on; zeros when it is gone."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 20
    return line.rpartition(")")[2].split()


def of_process(pid: int, *, ended: bool = False) -> float:
    """Sum user and system time, with those of its ended children if asked."""
    return sum(int(one) for one in _fields(pid)[11 : 15 if ended else 13]) / _TICKS
