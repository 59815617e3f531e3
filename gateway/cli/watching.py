"""What may be typed to watch the carrier, and the cases."""

# ruff: noqa: PLC0415 - `dispatchd --help` shall not wait for the whole program to load

from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.cli.configured import configured

watching = typer.Typer()


@watching.command()
@configured
def probe(  # noqa: PLR0913, PLR0917 - each is an option
    to: Annotated[str, typer.Option(metavar="NUMBER", help="The phone to test, as +12025550100.")],
    only: Annotated[
        Literal["call", "text"] | None, typer.Option(help="None: a text, then a call.")
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="NUMBER", help="Which of our numbers; any.")
    ] = None,
    every: Annotated[
        str | None, typer.Option(help="Again and again, such as 15m; else once.")
    ] = None,
    scheduled: Annotated[
        str | None,
        typer.Option(help="Once; a timer starts this so often, such as 15m. The daemon shows it."),
    ] = None,
    within: Annotated[str, typer.Option(help="How long to wait for an arrival.")] = "2m",
    reply: Annotated[
        bool, typer.Option("--reply", help="A text has arrived when that phone replies.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Show metrics at HTTP_HOST and this port.")
    ] = None,
    textfile: Annotated[
        Path | None, typer.Option(help="Write metrics to this file, for a node exporter.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of words.")] = False,
) -> None:
    """Send a test text and call, and wait until they arrive; exit 1 when one does not."""
    from gateway.cli.probe import Asked, Shown, probe

    asked = Asked(to, only, sender, every, scheduled, within, reply)
    raise typer.Exit(probe(asked, Shown(port, textfile, as_json)))


@watching.command()
@configured
def chores(
    forget: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Count on it no more: `backup`, or a phone tested."),
    ] = None,
) -> None:
    """List what timers do beside the daemon, backups and tests of the carrier: how each went."""
    from gateway.cli.chores import tell

    tell(forget)


@watching.command()
@configured
def alert(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to tell.")],
    sink: Annotated[Literal["dispatch", "specials", "lead"], typer.Option(help="Whom.")] = "lead",
) -> None:
    """Tell people by ALERTS_LEAD or another sink; exit 1 when nobody took it. Needs no database."""
    from gateway.cli.alert import tell

    tell(text, sink)


@watching.command("stale-cases")
@configured
def stale_cases(
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="None: as the casebook says.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of words.")] = False,
) -> None:
    """List open cases that nobody has reviewed for more than some days, the longest first."""
    from gateway.cli.stale import tell

    tell(days, as_json=as_json)
