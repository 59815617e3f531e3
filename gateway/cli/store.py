"""`migrate` and `token create`."""

from pydantic import TypeAdapter, ValidationError

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Failed, Mistake
from gateway.cli.output import complain, say
from gateway.clock import SystemClock
from gateway.store import migrate, tokens
from gateway.store.pool import Connection
from gateway.web.shapes import Name


def bring_up(*, only_look: bool) -> None:
    """Migrate the database, or only look: Failed when it is behind, MigrationError when strange."""
    with_database(chosen_settings(), _look if only_look else _migrate, fitting=False)


async def _look(conn: Connection, _clock: SystemClock) -> None:
    standing = await migrate.standing(conn)
    if standing.pending:
        names = ", ".join(standing.pending)
        raise Failed(f"the database is behind: run `dispatchd migrate` for {names}")
    await migrate.check(conn)
    say(f"up to date: {standing.applied[-1]}")


async def _migrate(conn: Connection, clock: SystemClock) -> None:
    applied = await migrate.migrate(conn, clock.now())
    for name in applied:
        say(f"applied {name}")
    if not applied:
        say("nothing to do: the database is up to date")


def new_token(name: str, role: str) -> None:
    """Make a token and print it, this once; Mistake for an unknown role or no name of the API."""
    if role not in tokens.ROLES:
        raise Mistake(f"--role: {role!r} is not a role; there are {', '.join(tokens.ROLES)}")
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        words = "must be 1 to 80 letters, digits and _ . @ : - such as agent:1204"
        raise Mistake(f"NAME: {words}, not {name!r}") from None

    async def create(conn: Connection, clock: SystemClock) -> str:
        return await tokens.create(conn, name, role, clock.now())

    say(with_database(chosen_settings(), create))
    complain(f"This token of {role} {name} is shown once; only its hash is stored.")
