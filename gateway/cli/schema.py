"""`schema`: what account files, scenario files and the API look like, for editors and programs."""

from typing import Any, Literal

from gateway.cli.output import say_json
from gateway.domain.documents import account_schema
from gateway.rehearsal.scenario import scenario_schema


def show(what: Literal["account", "scenario", "openapi"]) -> None:
    """Print one of the three as JSON."""
    match what:
        case "account":
            say_json(account_schema(), indent=True)
        case "scenario":
            say_json(scenario_schema(), indent=True)
        case "openapi":
            say_json(_openapi(), indent=True)


def _openapi() -> dict[str, Any]:
    # Only here, because it takes the whole web side.
    from gateway.web.app import openapi  # noqa: PLC0415 - see above

    return openapi()
