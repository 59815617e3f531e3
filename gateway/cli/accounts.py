"""`load` and `dump`: account documents into the database and back."""

import getpass
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Mistake
from gateway.cli.files import read_text
from gateway.cli.output import say, say_json
from gateway.cli.preview import as_values, tell
from gateway.clock import SystemClock
from gateway.domain.document_files import read_documents
from gateway.domain.documents import AccountDocument, DocumentError, Problem
from gateway.domain.preview import Preview, compare
from gateway.store import accounts
from gateway.store.pool import Connection
from gateway.store.preview import ground
from gateway.store.states import States


def read_files(files: Sequence[Path]) -> list[AccountDocument]:
    """Read the documents of all files; DocumentError lists every problem of every file."""
    found: list[AccountDocument] = []
    problems: list[Problem] = []
    origins: dict[str, str] = {}
    for path in files:
        try:
            documents = read_documents(read_text(path), str(path))
        except DocumentError as fault:
            problems += fault.problems
            continue
        for one in documents:
            first = origins.setdefault(one.account, str(path))
            if first != str(path) or one in found:
                words = f"account {one.account} stands in {first} already"
                problems.append(Problem(str(path), 1, "account", words))
        found += documents
    if problems:
        raise DocumentError(*problems)
    return found


def load_files(files: Sequence[Path], *, as_json: bool) -> None:
    """Put the documents of all files in force, all or nothing."""
    documents = read_files(files)

    async def load(conn: Connection, clock: SystemClock) -> list[dict[str, Any]]:
        before = {one.account: one.version for one in await accounts.list_all(conn)}
        versions = await accounts.put_all(conn, documents, actor(), clock.now())
        return [
            {
                "account": one.account,
                "name": one.name,
                "version": versions[one.account],
                "changed": before.get(one.account) != versions[one.account],
            }
            for one in documents
        ]

    done = with_database(chosen_settings(), load)
    if as_json:
        say_json(done)
        return
    for one in done:
        word = f"version {one['version']}" if one["changed"] else "unchanged"
        say(f"{one['account']}  {one['name']}: {word}")


def preview_files(files: Sequence[Path], *, as_json: bool) -> None:
    """Show what loading these files would change, and apply nothing."""
    documents = read_files(files)

    async def look(conn: Connection, clock: SystemClock) -> list[Preview]:
        states, now = States(""), clock.now()
        return [compare(await ground(conn, states, one, now)) for one in documents]

    found = with_database(chosen_settings(), look)
    if as_json:
        say_json(as_values(found))
    else:
        tell(found)


def actor() -> str:
    """Name whoever types, as history does."""
    name = "cli"
    with suppress(OSError, KeyError):
        name = getpass.getuser()
    return f"admin:{name}"


def dump_accounts(numbers: Sequence[str] | None) -> None:
    """Print the documents of these accounts (None: all); Mistake for unknown ones."""

    async def read(conn: Connection, _clock: SystemClock) -> list[dict[str, Any]]:
        return await accounts.dump(conn, numbers)

    found = with_database(chosen_settings(), read)
    unknown = sorted(set(numbers or ()) - {one["account"] for one in found})
    if unknown:
        raise Mistake(f"there is no account {', '.join(unknown)}")
    for place, one in enumerate(found):
        say(("---\n" if place else "") + as_yaml(one).rstrip("\n"))


def as_yaml(document: Mapping[str, Any]) -> str:
    """Write a document as YAML that reads back as the very same values."""
    return yaml.safe_dump(
        dict(document),
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=None,
    )
