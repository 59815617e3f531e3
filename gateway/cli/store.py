"""`migrate` and `token`."""

from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Failed, Mistake
from gateway.cli.output import complain, say
from gateway.clock import SystemClock
from gateway.store import migrate, tokens
from gateway.store.accounts import list_all as list_accounts
from gateway.store.pool import Connection
from gateway.web.shapes import Name


def bring_up(*, only_look: bool) -> None:
    """Migrate the database, or only look: Failed when it is behind, MigrationError when strange."""
    with_database(chosen_settings(), _look if only_look else _migrate, fitting=False)


async def _look(conn: Connection, _clock: SystemClock) -> None:
    standing = await migrate.standing(conn)
    if standing.pending:
        names, meanwhile = ", ".join(standing.pending), _meanwhile(standing)
        raise Failed(f"the database is behind: run `dispatchd migrate` for {names}{meanwhile}")
    await migrate.check(conn)
    say(f"up to date: {standing.applied[-1]}")


def _meanwhile(standing: migrate.Standing) -> str:
    """Say whether daemons that fit what was applied may go on while the rest is."""
    known = {one.name: one for one in migrate.migrations()}
    done = [known[name].version for name in standing.applied if name in known]
    if not done:
        return ""
    if all(known[name].fits_from <= max(done) for name in standing.pending):
        return "; daemons that run may go on meanwhile"
    return "; stop the daemons first, this is more than they know"


async def _migrate(conn: Connection, clock: SystemClock) -> None:
    applied = await migrate.migrate(conn, clock.now())
    for name in applied:
        say(f"applied {name}")
    if not applied:
        say("nothing to do: the database is up to date")


def new_token(name: str, role: str, accounts: Sequence[str]) -> None:
    """Make a token and print it, this once; Mistake for an unknown role, name or account.

    It is for these accounts alone; without any, for all.
    """
    roles = (*tokens.ROLES, tokens.BOTH)
    if role not in roles:
        raise Mistake(f"--role: {role!r} is not a role; there are {', '.join(roles)}")
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError:
        words = "must be 1 to 80 letters, digits and _ . @ : - such as agent:1204"
        raise Mistake(f"NAME: {words}, not {name!r}") from None

    async def create(conn: Connection, clock: SystemClock) -> str:
        known = {one.account for one in await list_accounts(conn)}
        if strange := sorted(set(accounts) - known):
            raise Mistake(f"--account: there is no account {strange[0]}")
        return await tokens.create(conn, name, role, clock.now(), accounts)

    say(with_database(chosen_settings(), create))
    scope = f" for {', '.join(sorted(set(accounts)))} alone" if accounts else ""
    complain(f"This token of {role} {name}{scope} is shown once; only its hash is stored.")


def list_tokens() -> None:
    """Print every token ever made: name, role, accounts, when it was made and revoked."""

    async def read(conn: Connection, _clock: SystemClock) -> list[tokens.Issued]:
        return await tokens.list_all(conn)

    for one in with_database(chosen_settings(), read):
        ended = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "valid"
        scope = ",".join(one.accounts) if one.accounts else "all accounts"
        role = "+".join((one.role, *sorted(one.also)))
        say(f"{one.name}\t{role}\t{scope}\tmade {one.created_at:%Y-%m-%d}\t{ended}")


def revoke_token(name: str) -> None:
    """Make every token of that name void at once; Mistake when there is none."""

    async def revoke(conn: Connection, clock: SystemClock) -> int:
        return await tokens.revoke(conn, name, clock.now())

    count = with_database(chosen_settings(), revoke)
    if not count:
        raise Mistake(f"there is no valid token of {name}")
    say(f"revoked {count} of {name}")
