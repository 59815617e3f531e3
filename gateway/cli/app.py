"""What may be typed. Each command loads its own part only when it is asked for."""

# ruff: noqa: PLC0415 - `dispatchd --help` shall not wait for the whole program to load

import sys
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from gateway.cli.configured import configured
from gateway.cli.faults import judged
from gateway.cli.keeping import keeping, token
from gateway.cli.starting import starting
from gateway.cli.watching import watching

# Rich costs more time to load than everything else a help text needs.
_LOOKS: Final = "rich" if sys.stdout.isatty() else None
app = typer.Typer(
    name="dispatchd",
    help="The dispatching gateway of an answering service: calls, texts, proof.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=_LOOKS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(starting)
app.add_typer(keeping)
app.add_typer(watching)
app.add_typer(token, name="token")
feeds = typer.Typer(
    help="Calendar feeds that schedules are read from.",
    rich_markup_mode=_LOOKS,
)
app.add_typer(feeds, name="feeds")

_AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of words.")]
_AsLines = Annotated[bool, typer.Option("--json", help="JSON lines instead of words.")]
_Ucn = Annotated[str, typer.Argument(metavar="UCN", help="The message's number.")]
_Accounts = Annotated[
    list[str] | None, typer.Argument(metavar="[ACCOUNT…]", help="None: all of them.")
]
_Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The client account's number.")]


def main() -> None:
    """Run one command; exit 2 for bad input, 1 for a failed check."""
    try:
        sys.exit(app(prog_name="dispatchd", standalone_mode=False) or 0)
    except Exception as fault:
        verdict = judged(fault)
        if verdict is None:
            raise
        words, code = verdict
        sys.stderr.write(f"{words}\n" if words else "")
        sys.exit(code)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"dispatchd {version('dispatchd')}\n")
        raise typer.Exit


@app.callback()
def _top(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


@app.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Keep the web side up afterwards.")] = False,
    as_json: _AsLines = False,
) -> None:
    """Play the main job on an embedded Postgres and a simulated carrier, with real processes."""
    from gateway.cli.demo import play

    raise typer.Exit(play(serve=serve, as_json=as_json))


@app.command()
@configured
def run(
    role: Annotated[
        Literal["all", "engine", "web"], typer.Option(help="Which part of the daemon.")
    ] = "all",
) -> None:
    """Start the daemon: engine and web side in one process, until SIGTERM drains it."""
    from gateway.cli.ending import ended_by_signals

    with ended_by_signals():  # while the program is being loaded, too
        if role != "engine":
            # Before anybody waits for it, and first of all: what reading it takes is used again.
            from adapters import dictionary

            dictionary.load()
        from gateway.cli.run import start

        raise typer.Exit(start(role))


@app.command()
@configured
def migrate(
    check: Annotated[bool, typer.Option("--check", help="Only look; exit 1 if behind.")] = False,
) -> None:
    """Bring the database to this version; safe to run from several hosts at once."""
    from gateway.cli.store import bring_up

    bring_up(only_look=check)


@app.command()
@configured
def load(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="YAML or JSON; - is stdin.")],
    diff: Annotated[
        bool,
        typer.Option(
            "--diff",
            help="Apply nothing; show what would change, who would be reached differently in the "
            "next 14 days, and which open messages would be affected.",
        ),
    ] = False,
    as_json: _AsJson = False,
) -> None:
    """Validate account documents and put them in force, all or nothing."""
    from gateway.cli.accounts import load_files, preview_files

    (preview_files if diff else load_files)(files, as_json=as_json)


@app.command()
@configured
def dump(accounts: _Accounts = None) -> None:
    """Print account documents as `load` takes them; loading them again changes nothing."""
    from gateway.cli.accounts import dump_accounts

    dump_accounts(accounts or None)


@app.command()
@configured
def who(
    account: _Account,
    at: Annotated[
        str | None,
        typer.Option(help="When: 2026-02-02T18:00 in the account's zone, or with an offset."),
    ] = None,
    schedule: Annotated[str | None, typer.Option(help="Which schedule.")] = None,
    message: Annotated[
        Path | None, typer.Option(help="A message as POST /v1/messages takes it, YAML or JSON.")
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Say who would be reached, in order, each with the rule that put or took them there."""
    from gateway.cli.who import Question, tell

    tell(Question(account, at, schedule, message), as_json=as_json)


@app.command("specials")
@configured
def specials_of(
    account: _Account,
    at: Annotated[
        str | None,
        typer.Option(help="When: 2026-02-02T18:00 in the account's zone, or with an offset."),
    ] = None,
    as_json: _AsJson = False,
) -> None:
    """Show which specials of an account are active, now or at an instant."""
    from gateway.cli.specials import tell

    tell(account, at, as_json=as_json)


@app.command()
@configured
def coverage(
    account: _Account,
    first: Annotated[
        str | None, typer.Option("--from", help="The first date, such as 2026-02-02; today.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 30,
    schedule: Annotated[str | None, typer.Option(help="Which schedule.")] = None,
    as_json: _AsJson = False,
) -> None:
    """Show on which days somebody is on call all the time, and exactly when nobody is."""
    from gateway.cli.coverage import Asked, tell

    tell(Asked(account, first, days, schedule), as_json=as_json)


@app.command()
@configured
def why(ucn: _Ucn, as_json: _AsJson = False) -> None:
    """Explain every decision about a message, recomputed from its history."""
    from gateway.cli.why import explain

    raise typer.Exit(explain(ucn, as_json=as_json))


@app.command()
@configured
def history(ucn: _Ucn, as_json: _AsLines = False) -> None:
    """Print a message's history and check its chain; exit 1 when that is broken."""
    from gateway.cli.history import show

    raise typer.Exit(show(ucn, as_json=as_json))


@app.command()
def rehearse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Scenario files.")],
    as_json: _AsLines = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print each history as a timeline.")
    ] = False,
) -> None:
    """Play scenario files in virtual time through the real program; exit 1 when one fails."""
    from gateway.cli.rehearse import rehearse_files

    raise typer.Exit(rehearse_files(files, as_json=as_json, verbose=verbose))


@feeds.command("list")
@configured
def feeds_list(accounts: _Accounts = None, as_json: _AsJson = False) -> None:
    """Show each feed: how it stands, when it was read, and which events put nobody on duty."""
    from gateway.cli.feeds import list_feeds

    list_feeds(accounts or None, as_json=as_json)


@feeds.command("refresh")
@configured
def feeds_refresh(accounts: _Accounts = None) -> None:
    """Read feeds now and put what changed in force; exit 1 when one cannot be read."""
    from gateway.cli.feeds import refresh_feeds

    raise typer.Exit(refresh_feeds(accounts or None))


@app.command()
def schema(
    what: Annotated[Literal["account", "scenario", "openapi"], typer.Argument(metavar="WHAT")],
) -> None:
    """Print the JSON Schema of account or scenario files, or the API's OpenAPI document."""
    from gateway.cli.schema import show

    show(what)
