"""A hook of mkdocs: the decisions in their order, and no page in the menu that is not there."""

from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:  # noqa: ANN401 - mkdocs' own
    """Fill in the menu before the pages are looked for."""
    folder = Path(config["docs_dir"])
    nav = [
        {title: [page for page in pages if (folder / page).exists()]}
        for part in config["nav"]
        for title, pages in part.items()
    ]
    listed = [page for part in nav for pages in part.values() for page in pages]
    named = set(listed)
    if twice := sorted(page for page in named if listed.count(page) > 1):
        raise SystemExit(f"mkdocs.yml names twice: {', '.join(twice)}")
    rest = sorted(path.name for path in folder.glob("*.md") if path.name not in named)
    if rest:
        nav.append({"More": rest})
    decisions = sorted(path.name for path in (folder / "decisions").glob("*.md"))
    nav.append({"Decisions": [f"decisions/{name}" for name in decisions]})
    config["nav"] = nav
    return config
