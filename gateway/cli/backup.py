"""`backup`: the whole database in one file, and no more of these files than wanted."""

from pathlib import Path
from typing import Final

from gateway.cli.chores import note_backup
from gateway.cli.configured import chosen_settings
from gateway.cli.database import database_url
from gateway.cli.faults import Failed
from gateway.cli.output import complain, say
from gateway.clock import SystemClock
from gateway.store.dumping import DumpError, dump

_NAME: Final = "dispatchd-{}.dump"
_STAMP: Final = "%Y%m%dT%H%M%SZ"


def back_up(folder: Path, keep: int) -> None:
    """Write a backup into a folder, then remove all but the newest `keep`; Failed says why not.

    A backup has its name only when it is whole. The database is told of it: the daemon
    shows when the last good one was made, and that the last one failed.
    """
    settings = chosen_settings()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / _NAME.format(SystemClock().now().strftime(_STAMP))
    draft = target.with_suffix(".part")
    try:
        with database_url(settings) as url:
            _write(url, draft, target)
    except DumpError as fault:
        raise Failed(str(fault)) from None
    finally:
        draft.unlink(missing_ok=True)
    say(f"{target}: {target.stat().st_size} bytes")
    for old in sorted(folder.glob(_NAME.format("*")))[:-keep]:
        old.unlink()
        say(f"removed {old}")


def _write(url: str, draft: Path, target: Path) -> None:
    clock = SystemClock()
    began = clock.monotonic()
    well = False
    try:
        dump(url, draft)
        draft.rename(target)
        well = True
    finally:
        untold = note_backup(url, well=well, seconds=clock.monotonic() - began)
        if well and untold:
            complain(f"the daemon does not know of this backup: {untold}")
