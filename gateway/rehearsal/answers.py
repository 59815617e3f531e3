"""API answers in a scenario: saved ones put to use, expected ones compared."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

PLACE: Final = re.compile(r"\{([A-Za-z_][\w:-]*)((?:\.[\w-]+)*)\}")
JOB: Final = re.compile(r"\{job:([^}.]+)[^}]*\}")


def fill(value: Any, saved: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Replace `{NAME.field}` in every string of a value by what was saved under that name.

    A string that is nothing else becomes the saved value itself, whatever its type.
    """
    if isinstance(value, str):
        alone = PLACE.fullmatch(value)
        if alone:
            return _lookup(alone, saved)
        return PLACE.sub(lambda found: str(_lookup(found, saved)), value)
    if isinstance(value, Mapping):
        return {key: fill(part, saved) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [fill(part, saved) for part in value]
    return value


def _lookup(found: re.Match[str], saved: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    name, path = found[1], found[2].split(".")[1:]
    if name not in saved:
        return found[0]
    part = saved[name]
    if not path and isinstance(part, Mapping):
        return part.get("id", part)
    for step in path:
        part = part[int(step)] if isinstance(part, list) else part[step]
    return part


def includes(answer: Any, wanted: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether an answer holds a subset: mappings by key, lists in order, others between."""
    if isinstance(wanted, Mapping):
        return isinstance(answer, Mapping) and all(
            key in answer and includes(answer[key], part) for key, part in wanted.items()
        )
    if isinstance(wanted, list):
        if not isinstance(answer, list):
            return False
        left = iter(answer)
        return all(any(includes(one, want) for one in left) for want in wanted)
    return bool(answer == wanted)
