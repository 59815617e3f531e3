"""What may be typed before the first message: files to begin with, and whether all is well."""

# ruff: noqa: PLC0415 - `dispatchd --help` shall not wait for the whole program to load

from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.cli.configured import configured

starting = typer.Typer()


@starting.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to; made if it is not there.")
    ] = Path(),
    carrier: Annotated[
        Literal["simulator", "twilio"], typer.Option(help="Who shall place calls.")
    ] = "simulator",
) -> None:
    """Write a commented dispatchd.env and an example account.yaml; never over what is there."""
    from gateway.cli.beginning import begin

    begin(folder, carrier)


@starting.command()
@configured
def check(
    fix: Annotated[
        bool,
        typer.Option("--fix", help="Have the carrier call us where its numbers call elsewhere."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of words.")] = False,
) -> None:
    """Check settings, database, clock, carrier and accounts; exit 1 on any failure."""
    from gateway.cli.check import examine

    raise typer.Exit(examine(fix=fix, as_json=as_json))
