"""What may be typed about tokens and about the life of what is kept."""

# ruff: noqa: PLC0415 - `dispatchd --help` shall not wait for the whole program to load

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.configured import configured

keeping = typer.Typer()
token = typer.Typer(help="API tokens.")


@keeping.command()
@configured
def export(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's number.")],
    to: Annotated[
        Path | None, typer.Option(help="A folder that is not there yet. None: export-ACCOUNT-TIME.")
    ] = None,
) -> None:
    """Write all that stands about an account as JSON lines, with a manifest of hashes."""
    from gateway.cli.exporting import export as write

    write(account, to)


@keeping.command()
@configured
def verify(
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="[ACCOUNT…]", help="None: all of them.")
    ] = None,
) -> None:
    """Check the chain of every history, as after a restore; exit 1 when one is broken."""
    from gateway.cli.exporting import verify as check

    raise typer.Exit(check(accounts or None))


@keeping.command()
@configured
def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where backups are kept.")],
    keep: Annotated[int, typer.Option(min=1, help="How many to keep there; older ones go.")] = 14,
) -> None:
    """Write the whole database to a file in a folder, beside a running daemon."""
    from gateway.cli.ending import ended_by_signals

    with ended_by_signals(code=1):  # whoever goes on from it shall know that there is none
        from gateway.cli.backup import back_up
        from gateway.clock import SystemClock

        back_up(folder, keep, SystemClock())


@keeping.command()
@configured
def erase(
    by: Annotated[str, typer.Option(help="Who asks for it; the account's history says so.")],
    reason: Annotated[str, typer.Option(help="Why, for the record; no details.")],
    ucns: Annotated[
        list[str] | None, typer.Argument(metavar="[UCN…]", help="The messages' numbers.")
    ] = None,
    caller: Annotated[
        str | None, typer.Option(help="All messages of the caller with this number.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Of that caller, this account's only.")
    ] = None,
) -> None:
    """Erase the details of messages for good; histories stay and still verify."""
    from gateway.cli.erasing import Wish
    from gateway.cli.erasing import erase as do

    raise typer.Exit(do(Wish(ucns or (), caller, account, by, reason)))


@token.command("create")
@configured
def token_create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is.")],
    role: Annotated[str, typer.Option(help="What its owner may do, such as agent or lead.")],
    account: Annotated[
        list[str] | None, typer.Option(help="For this account alone; may be repeated.")
    ] = None,
) -> None:
    """Print a new API token, once; only its hash is stored."""
    from gateway.cli.store import new_token

    new_token(name, role, account or ())


@token.command("list")
@configured
def token_list() -> None:
    """List all tokens: whose, with which role, for which accounts; never the tokens themselves."""
    from gateway.cli.store import list_tokens

    list_tokens()


@token.command("revoke")
@configured
def token_revoke(name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")]) -> None:
    """Make every token of that name void at once."""
    from gateway.cli.store import revoke_token

    revoke_token(name)
