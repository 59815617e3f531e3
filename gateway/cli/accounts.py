"""`load` and `dump`: account documents into the database and back."""

import difflib
import getpass
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Mistake
from gateway.cli.files import read_text
from gateway.cli.output import on_terminal, say, say_colored
from gateway.clock import SystemClock
from gateway.domain.documents import (
    AccountDocument,
    DocumentError,
    Problem,
    canonical,
    compile_account,
    read_documents,
)
from gateway.domain.pins import with_pins
from gateway.store import accounts
from gateway.store.pool import Connection

_COLORS = {"+": "green", "-": "red", "@": "cyan"}


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


def load_files(files: Sequence[Path], *, only_show: bool) -> None:
    """Put the documents of all files in force, all or nothing, or show what would change."""
    documents = read_files(files)

    async def load(conn: Connection, clock: SystemClock) -> None:
        if only_show:
            await _show_changes(conn, documents)
            return
        before = {one.account: one.version for one in await accounts.list_all(conn)}
        versions = await accounts.put_all(conn, documents, actor(), clock.now())
        for one in documents:
            version = versions[one.account]
            word = "unchanged" if before.get(one.account) == version else f"version {version}"
            say(f"{one.account}  {one.name}: {word}")

    with_database(chosen_settings(), load)


def actor() -> str:
    """Name whoever types, as history does."""
    name = "cli"
    with suppress(OSError, KeyError):
        name = getpass.getuser()
    return f"admin:{name}"


async def _show_changes(conn: Connection, documents: Sequence[AccountDocument]) -> None:
    stored = await accounts.in_force(conn, [one.account for one in documents])
    changed = 0
    for one in documents:
        lines = list(difference(stored.get(one.account), one))
        changed += bool(lines)
        for line in lines:
            say_colored(line, _COLORS.get(line[:1], ""))
    if not changed:
        say("nothing would change")
    elif on_terminal():
        say(f"{changed} of {len(documents)} accounts would change; nothing was applied")


def difference(stored: AccountDocument | None, new: AccountDocument) -> Iterator[str]:
    """Yield the lines of a unified diff between two versions of a document, without any PIN.

    Raises DocumentError when the new document could not be loaded.
    """
    whole = with_pins(new, stored)
    compile_account(whole)
    before = [] if stored is None else _printed(stored, None)
    after = _printed(whole, stored)
    names = (f"{new.account} in force", f"{new.account} as given")
    for line in difflib.unified_diff(before, after, *names, lineterm="", n=2):
        yield line.rstrip("\n")


def _printed(document: AccountDocument, stored: AccountDocument | None) -> list[str]:
    values = canonical(document)
    for key, contact in values.get("contacts", {}).items():
        had = stored.contacts.get(key) if stored else None
        if stored and contact.get("pin") and document.contacts[key].pin != (had and had.pin):
            contact["pin"] = "**** (another one)"
    return as_yaml(values).splitlines()


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
