"""`python -m tests.api_reference`: every call of the API as a page; writes docs/api-reference.md.

It is made from the very OpenAPI document that `/openapi.json` gives; `--check` compares.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway.web.app import openapi

PAGE = Path(__file__).parent.parent / "docs" / "api-reference.md"
_HEAD = """\
# API reference

Written by `python -m tests.api_reference` from the OpenAPI document, which a running daemon gives
at `/openapi.json` (and shows at `/docs`) and `dispatchd schema openapi` prints. What they mean, who
may make them, and examples: [The API](api.md).

Every call but those of `health` needs `Authorization: Bearer …`. Every error is
`application/problem+json` with a stable `code`.
"""
Shape = Mapping[str, Any]


def page() -> str:
    """Return the whole page."""
    document = openapi()
    shapes = document["components"]["schemas"]
    tags: dict[str, list[str]] = {}
    for path, calls in sorted(document["paths"].items()):
        for method, call in calls.items():
            text = "\n".join(_call(f"{method.upper()} {path}", call, shapes))
            tags.setdefault(call.get("tags", ["other"])[0], []).append(text)
    parts = [f"## {tag.capitalize()}\n\n" + "\n".join(texts) for tag, texts in sorted(tags.items())]
    return "\n".join([_HEAD, *parts])


def _call(title: str, call: Shape, shapes: Shape) -> Iterator[str]:
    yield f"### `{title}`\n"
    words = call.get("description") or call.get("summary") or ""
    yield f"{words.strip()}\n"
    rows = [
        (one["name"], one["in"], _type(one["schema"]), one.get("required", False))
        for one in call.get("parameters", ())
        if one["in"] != "header" or one["name"].lower() != "authorization"
    ]
    rows += _body(call, shapes)
    if rows:
        yield "| name | in | type | needed |\n|---|---|---|---|"
        for name, where, kind, needed in rows:
            yield f"| `{name}` | {where} | {_cell(kind)} | {'yes' if needed else ''} |"
        yield ""
    yield f"Answers: {', '.join(_answers(call))}.\n"


def _body(call: Shape, shapes: Shape) -> list[tuple[str, str, str, bool]]:
    """Return the fields of the JSON body; a body without named fields is one row."""
    content = call.get("requestBody", {}).get("content", {})
    if not content:
        return []
    schema = next(iter(content.values())).get("schema", {})
    shape = shapes.get(schema.get("$ref", "").rpartition("/")[2], schema)
    if "properties" not in shape:
        return [("(the body)", "body", _type(schema), True)]
    needed = shape.get("required", ())
    return [(name, "body", _type(one), name in needed) for name, one in shape["properties"].items()]


def _answers(call: Shape) -> Iterator[str]:
    for status, answer in sorted(call["responses"].items()):
        content = answer.get("content", {})
        schema = next(iter(content.values()), {}).get("schema", {})
        kind = _type(schema) if schema and status < "300" else ""
        yield f"{status} {kind}".strip()


def _type(schema: Shape) -> str:
    """Say a type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for joint in ("anyOf", "oneOf", "allOf"):
        if joint in schema:
            kinds = [_type(one) for one in schema[joint]]
            return " or ".join(dict.fromkeys(kind for kind in kinds if kind != "null"))
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def main() -> int:
    """Write the page, or with `--check` compare it; 1 when it differs."""
    text = page()
    if "--check" in sys.argv[1:]:
        same = PAGE.read_text(encoding="utf-8") == text
        sys.stderr.write("" if same else "run `python -m tests.api_reference`\n")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
