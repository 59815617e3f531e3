"""Programs as they were, out of the repository's own history."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.store.migrate import migrations
from tests.kit.programs import in_time
from tests.kit.tools import lacking

TOP: Final = Path(__file__).parents[2]


def packed_before(migration: str, *folders: str) -> bytes:
    """Return folders as a tar, as they last were without that migration; skips without commits."""
    try:
        return _git("archive", _last_without(migration), *folders)
    except (OSError, subprocess.CalledProcessError, IndexError):
        lacking("git", "the commits of older releases are not here (a shallow clone?)")


def _last_without(migration: str) -> str:
    """Find the last commit with just the migrations before, else the one before it came.

    Of one that is not committed yet, that is the last there is.

    Numbers change where branches meet: what came before the file of that name may have been no
    program at all.
    """
    before = [f"migrations/{one.name}.sql" for one in migrations() if one.name < migration]
    for line in _git("log", "--format=%P", "--", "migrations").decode().splitlines():
        for commit in line.split():
            listed = _git("ls-tree", "--name-only", commit, "migrations/").decode().split()
            if [one for one in listed if one.endswith(".sql")] == before:
                return commit
    came = _git("log", "--diff-filter=A", "--format=%H", "--", f"migrations/{migration}.sql")
    first = came.decode().split()[-1:]
    return f"{first[0]}^" if first else "HEAD"


def _git(*words: str) -> bytes:
    command = ["git", "-C", str(TOP), *words]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own words


@dataclass(slots=True)
class OlderDaemon:
    """`dispatchd run` as it was before a migration, started as programs.Process is."""

    migration: str
    folder: Path
    env: Mapping[str, str]
    ran: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self) -> None:
        """Unpack it, start it, and be patient: nothing of it is compiled yet.

        Its packages are those of today.
        """
        packed = packed_before(self.migration, "gateway", "adapters", "schedules", "migrations")
        self.folder.mkdir()
        unpack = ["tar", "-x", "-C", str(self.folder)]
        subprocess.run(unpack, input=packed, check=True)  # noqa: S603 - our own words
        words = [sys.executable, "-m", "gateway", "run"]
        env = {**self.env, "PYTHONPATH": str(self.folder)}
        with self._log.open("wb") as log:
            self.ran.append(
                subprocess.Popen(words, cwd=self.folder, env=env, stdout=log, stderr=log)  # noqa: S603 - ours
            )

        begun = (in_time(self._begun) for _ in range(4))
        assert any(begun), self.said()

    def _begun(self) -> bool:
        return "web.ready" in self.said() or self.exit_code is not None

    @property
    def _log(self) -> Path:
        return self.folder / "daemon.log"

    @property
    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.ran[-1].poll()

    def said(self) -> str:
        """Return all it has printed."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def over(self) -> None:
        """See to it that it does not outlive the test."""
        for one in self.ran:
            if one.poll() is None:
                os.kill(one.pid, signal.SIGKILL)
            one.wait()
