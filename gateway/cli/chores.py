"""`chores`: what timers do beside the daemon, as the daemon knows it; and writing it down."""

import asyncio
from datetime import datetime
from platform import node
from typing import Final

from gateway.cli.configured import chosen_settings
from gateway.cli.database import with_database
from gateway.cli.faults import Failed
from gateway.cli.output import say, say_table
from gateway.clock import SystemClock
from gateway.store import chores
from gateway.store.chores import Chore
from gateway.store.pool import Connection, connect, steer

_WORDS: Final = {"backup": "backup", "probe_text": "test text", "probe_call": "test call"}
_WENT: Final = {True: "well", False: "FAILED", None: "not yet"}


def tell(forget: str | None) -> None:
    """List every chore, or forget those of a name; Failed when there are none of it."""

    async def work(conn: Connection, _: SystemClock) -> list[Chore]:
        if forget is not None and not await chores.forget(conn, forget):
            raise Failed(f"no chore is called {forget}: `backup`, or a phone that is tested")
        return await chores.load_all(conn)

    known = with_database(chosen_settings(), work)
    if not known:
        say("none: neither backups nor tests on a schedule were made")
        return
    rows = (
        (_WORDS[one.kind], one.place, _WENT[one.well], _at(one.tried_at), _at(one.well_at))
        for one in known
    )
    say_table(("chore", "where", "went", "last tried", "last well"), rows)


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant else ""


def note_backup(url: str, *, well: bool, seconds: float) -> str:
    """Put down what became of a backup of the database at `url`; return why that cannot be done.

    That is no reason for a backup to fail: one is made of an older database, too, or of one that
    cannot be written.
    """

    async def work() -> None:
        clock = SystemClock()
        conn = await connect(url, clock, name="dispatchd backup", tries=1)
        try:
            await steer(conn, clock)
            took = seconds if well else None
            await chores.note(conn, Chore("backup", node(), clock.now(), well, None, took, None))
        finally:
            await conn.close()

    try:
        asyncio.run(work())
    except chores.NOT_NOTED as fault:
        return str(fault) or type(fault).__name__
    return ""
