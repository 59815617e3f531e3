"""`init`: the files to begin with, filled in as far as anybody can know."""

import os
import secrets
import shlex
from importlib import resources
from pathlib import Path
from typing import Final

from gateway.cli.faults import Mistake
from gateway.cli.output import say
from gateway.settings import example_env
from gateway.settings_files import PREFIX

ENV, ACCOUNT = "dispatchd.env", "account.yaml"
_PRIVATE: Final = 0o600
_TOKEN_BYTES: Final = 24
_ASKED: Final = "# Needed:"


def begin(folder: Path, carrier: str) -> None:
    """Write both files into `folder` and say what comes next.

    Mistake when one of them is there already, or the folder cannot be written to; then neither
    was written.
    """
    texts = {ENV: env_text(folder, carrier), ACCOUNT: account_text()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in texts:
            if (folder / name).exists() or (folder / name).is_symlink():
                raise Mistake(f"{folder / name} is there already; nothing was written")
        for name, text in texts.items():
            _write(folder / name, text)
    except OSError as fault:
        raise Mistake(f"{fault.filename or folder}: {fault.strerror}") from None
    _tell(folder, carrier)


def env_text(folder: Path, carrier: str) -> str:
    """Return the settings file: every setting with its help, a token of its own, a data folder."""
    chosen = {
        "DATA_DIR": str(folder.absolute() / "data"),
        "ADMIN_TOKEN": secrets.token_urlsafe(_TOKEN_BYTES),
        "CARRIER": carrier,
        "LOG_FORMAT": "console",
    }
    needed = ["ALERTS_LEAD"]
    if carrier == "twilio":
        needed += ["PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS", "TWILIO_FROM"]
    lines = []
    for line in example_env().splitlines():
        name = line.partition("=")[0].removeprefix(PREFIX)
        if name in needed:
            lines.append(f"{_ASKED} fill this in, then run `dispatchd check`.")
        # Quoted, so that a folder with a blank or a # in its name stays one.
        lines.append(f"{PREFIX}{name}={_quoted(chosen[name])}" if name in chosen else line)
    return "\n".join([*lines, ""])


def account_text() -> str:
    """Return the example account document, with its comments."""
    return (resources.files("gateway.cli") / "first_account.yaml").read_text(encoding="utf-8")


def _quoted(value: str) -> str:
    plain = value.replace("-", "").replace("_", "").replace("/", "").replace(".", "").isalnum()
    return value if plain else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _write(path: Path, text: str) -> None:
    """Write a file that is not there yet, for its owner alone: it will hold secrets."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with open(number, "w", encoding="utf-8") as file:  # noqa: PTH123 - opened with its mode
        file.write(text)


def _tell(folder: Path, carrier: str) -> None:
    env, account = (shlex.quote(str(folder / name)) for name in (ENV, ACCOUNT))
    say(f"Wrote {env} and {account}.")
    if carrier == "twilio":
        say(f"Fill in what is marked “{_ASKED.removeprefix('# ')}” in {env}. Then:")
    else:
        say("Nobody real is called: the carrier is simulated. Next:")
    say(f"  dispatchd check --env-file {env}")
    say(f"  dispatchd load {account} --env-file {env}")
    say(f"  dispatchd run --env-file {env}")
