"""Files that settings are read from: the `--env-file`, and files that hold one secret each."""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

PREFIX: Final = "DISPATCHD_"
_FILE: Final = "_FILE"
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
Values = Mapping[str, str | None]


class SettingsError(ValueError):
    """The settings cannot be used; its words are one line that names each variable.

    `faults`: the same, one by one.
    """

    def __init__(self, *faults: str) -> None:
        """Join what is wrong, each with its variable or file in front."""
        super().__init__("; ".join(faults))
        self.faults = faults


def read_env_file(path: Path | None, settings: Iterable[str], secrets: Iterable[str]) -> Values:
    """Return what an env file says, by upper-case name; nothing where there is no file.

    SettingsError for one that cannot be read, or names no setting (mostly slips of the pen).
    """
    if path is None:
        return {}
    try:
        with path.open(encoding="utf-8") as lines:
            named = {name.upper(): value for name, value in dotenv_values(stream=lines).items()}
    except (OSError, UnicodeDecodeError) as error:
        words = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SettingsError(f"{path}: {words}") from None
    known = [_variable(name) for name in settings]
    known += [_variable(name) + _FILE for name in secrets]
    for name in named:
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise SettingsError(f"{path}: {name} is not a setting{hint}")
    return named


def read_secrets(secrets: Iterable[str], lists: frozenset[str], in_file: Values) -> dict[str, str]:
    """Return the secrets that stand in files of their own, by setting.

    `DISPATCHD_…_FILE` names one; systemd puts one under `$CREDENTIALS_DIRECTORY`, named as the
    setting in lower case. The environment goes before systemd, systemd before the env file.
    Settings of `lists` may have a line for each item. SettingsError names variable and file.
    """
    around = {name.upper(): value for name, value in os.environ.items()}
    found = {}
    for name in secrets:
        place = _place(name, around, in_file)
        if place is not None:
            source, path = place
            found[name] = _read(source, path, many=name in lists)
    return found


def _place(name: str, around: Values, in_file: Values) -> tuple[str, Path] | None:
    """Find the file of one secret and what named it; None where none is to be read."""
    variable = _variable(name)
    given = _named(variable, around)
    if given or around.get(variable):
        return given
    handed = Path(around.get(_CREDENTIALS) or "/nowhere") / name
    if around.get(_CREDENTIALS) and handed.exists():
        return f"{variable} by systemd", handed
    return _named(variable, in_file)


def _named(variable: str, values: Values) -> tuple[str, Path] | None:
    path = values.get(variable + _FILE)
    if path and values.get(variable):
        raise SettingsError(f"{variable}: set it or {variable}{_FILE}, not both")
    return (variable + _FILE, Path(path)) if path else None


def _read(source: str, path: Path, *, many: bool) -> str:
    try:
        lines = path.read_text(encoding="utf-8").strip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        words = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SettingsError(f"{source}: {path}: {words}") from None
    if not lines:
        raise SettingsError(f"{source}: {path}: is empty")
    if len(lines) > 1 and not many:
        raise SettingsError(f"{source}: {path}: holds more than one line")
    return ",".join(lines)


def _variable(name: str) -> str:
    return PREFIX + name.upper()
