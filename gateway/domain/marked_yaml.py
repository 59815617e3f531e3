"""YAML and JSON read so that every value knows its line, and nothing is guessed from its look.

Of plain scalars only true, false, null, decimal integers without a leading zero or plus, and
decimal fractions are typed; times, dates, `+1202…`, `0701`, `yes` stay the text as written.
"""

import json
import re
from collections.abc import Iterator

import yaml

from gateway.domain.marked import Loc, Marked
from gateway.domain.problems import DocumentError, Problem, field_name

_BASE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_KINDS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", "!")
_MOST_REPEATS = 50_000
_MOST_DEEP = 100
_STEPS = {
    yaml.MappingStartEvent: 1,
    yaml.SequenceStartEvent: 1,
    yaml.MappingEndEvent: -1,
    yaml.SequenceEndEvent: -1,
}
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


def read_marked(text: str, origin: str) -> list[Marked]:
    """Read every document of a YAML or JSON text, empty ones left out; else DocumentError."""
    plain = _plain(text)
    try:
        _check_depth(plain, origin)
        nodes = list(yaml.compose_all(plain, Loader=_BASE))
    except yaml.YAMLError as error:
        raise DocumentError(_syntax(error, text, origin)) from None
    return [_Reading(origin).read(node) for node in nodes if not _is_empty(node)]


def _check_depth(text: str, origin: str) -> None:
    """Refuse what is nested too deeply: the composer recurses in C and would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_BASE):
        depth += _STEPS.get(type(event), 0)
        if depth > _MOST_DEEP:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise DocumentError(Problem(origin, line, "", "is nested too deeply"))


def _plain(text: str) -> str:
    """Return JSON in the words of YAML, line by line; YAML itself stays as it is.

    YAML knows no tabs between tokens (raw ones within JSON's strings are not allowed anyway) and
    no character written as two escapes.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] not in ("{", "[") or not ("\t" in text or "\\u" in text):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _PAIR.sub(_character, text.replace("\t", " "))


def _character(found: re.Match[str]) -> str:
    return found[1] + str(json.loads(f'"{found[2]}"'))


def _syntax(error: yaml.YAMLError, text: str, origin: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        words = error.problem or error.context or "cannot be read"
        return Problem(origin, mark.line + 1 if mark else 1, "", f"is not YAML: {words}")
    place = getattr(error, "position", 0)
    words = getattr(error, "reason", "cannot be read")
    return Problem(origin, text.count("\n", 0, place) + 1, "", f"is not YAML: {words}")


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value == ""


class _Reading:
    """One document while it is read; aliases may multiply nodes, hence the count of repeats."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.lines: dict[Loc, int] = {}
        self.seen: set[int] = set()
        self.repeats = 0

    def read(self, root: yaml.Node) -> Marked:
        try:
            return Marked(self.value(root, ()), self.origin, self.lines)
        except RecursionError:
            raise self.error(root, (), "is nested too deeply") from None

    def value(self, node: yaml.Node, loc: Loc) -> object:
        self.repeats += id(node) in self.seen
        self.seen.add(id(node))
        if self.repeats > _MOST_REPEATS:
            raise self.error(node, (), "repeats too many values by aliases")
        self.lines.setdefault(loc, node.start_mark.line + 1)
        if node.tag not in _KINDS:
            raise self.error(node, loc, f"tags such as {node.tag} are not supported")
        if isinstance(node, yaml.MappingNode):
            return dict(self.pairs(node, loc))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*loc, place)) for place, item in enumerate(node.value)]
        return _scalar(node)

    def pairs(self, node: yaml.MappingNode, loc: Loc) -> Iterator[tuple[str, object]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.error(key_node, loc, "a key must be plain text")
            key = str(key_node.value)
            if key in seen:
                words = f"stands twice, first in line {seen[key]}"
                raise self.error(key_node, (*loc, key), words)
            seen[key] = self.lines[(*loc, key)] = line
            yield key, self.value(value_node, (*loc, key))

    def error(self, node: yaml.Node, loc: Loc, words: str) -> DocumentError:
        line = node.start_mark.line + 1
        return DocumentError(Problem(self.origin, line, field_name(loc), words))


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
