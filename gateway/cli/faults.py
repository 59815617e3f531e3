"""Mistakes and faults: one line on stderr and an exit code, never a traceback for a user's slip."""

# ruff: noqa: PLC0415 - what is needed only when something went wrong is loaded only then

BAD_INPUT, FAILED = 2, 1


class Mistake(Exception):  # noqa: N818 - it is the user's, and no error of the program
    """Bad input; the words say what is wrong and where. Exit 2."""


class Failed(Exception):  # noqa: N818 - the command worked, what it looked at did not
    """A check that did not hold, or something that is not there. Exit 1."""


def judged(fault: Exception) -> tuple[str, int] | None:
    """Return the words and the exit code of a fault; None for one that is the program's own."""
    if isinstance(fault, Mistake):
        return str(fault), BAD_INPUT
    if isinstance(fault, Failed):
        return str(fault), FAILED
    if isinstance(fault, BrokenPipeError):
        return "", FAILED
    return _of_the_words(fault) or _of_the_house(fault)


def _of_the_words(fault: Exception) -> tuple[str, int] | None:
    """Return what is wrong with what was typed, in one line, and where help is."""
    import typer

    if isinstance(fault, typer.Abort):
        return "stopped", FAILED
    if not isinstance(fault, typer.TyperException):
        return None
    if type(fault).__name__ == "NoArgsIsHelpError":  # nothing was typed at all: that is no slip
        return fault.format_message(), fault.exit_code
    said = fault.format_message().replace("Value error, ", "").replace("Input should", "should")
    words = " ".join(said.split()).removesuffix(".")
    at = getattr(fault, "ctx", None)
    command = at.command_path if at else "dispatchd"
    return f"{command}: {words[:1].lower()}{words[1:]} (see `{command} -h`)", fault.exit_code


def _of_the_house(fault: Exception) -> tuple[str, int] | None:
    from gateway.domain.problems import DocumentError
    from gateway.leash import ChildError
    from gateway.settings import SettingsError
    from gateway.store.cluster import EmbeddedError
    from gateway.store.migrate import MigrationError
    from gateway.store.pool import AWAY, DatabaseError
    from gateway.tracing import TracesError

    match fault:
        case DocumentError() | SettingsError():
            return str(fault), BAD_INPUT
        case DatabaseError() | EmbeddedError() | MigrationError() | ChildError() | TracesError():
            return str(fault), FAILED
        case OSError() if fault.filename:
            return f"{fault.filename}: {fault.strerror}", FAILED
        case _ if isinstance(fault, AWAY):
            return f"the database went away: {str(fault) or type(fault).__name__}", FAILED
        case _:
            return None
