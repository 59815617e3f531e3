"""What stands in deploy/ for Prometheus and Grafana, read as a test needs it."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

TOP: Final = Path(__file__).parents[2]
PROMETHEUS: Final = TOP / "deploy" / "prometheus"
RULES: Final = sorted((PROMETHEUS / "rules").glob("*.yml"))
UNIT_TESTS: Final = sorted((PROMETHEUS / "tests").glob("*.yml"))
DASHBOARD: Final = TOP / "deploy" / "grafana" / "dashboards" / "dispatchd.json"
_METRIC: Final = re.compile(r"\b(dispatchd_[a-z_]+)\b(?:\{([^}]*)\})?")
_LABEL: Final = re.compile(r"\b([a-z_]+)\s*(?:=~|!~|!=|=)")
_GROUPED: Final = re.compile(r"\bby \(([^)]*)\)")


def promtool() -> str | None:
    """Return the place of promtool: on the path, or where `make promtool` puts it."""
    fetched = TOP / ".cache" / "prometheus" / "usr" / "bin" / "promtool"
    return shutil.which("promtool") or (str(fetched) if fetched.exists() else None)


def rules() -> Iterator[dict[str, Any]]:
    """Yield every rule."""
    for path in RULES:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


def alerts() -> dict[str, dict[str, Any]]:
    """Return the alerts by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def panels() -> list[dict[str, Any]]:
    """Return the dashboard's panels, without the rows' titles."""
    shown = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [one for one in shown if one["type"] != "row"]


def panel_queries() -> list[str]:
    """Return every query of the dashboard."""
    return [target["expr"] for one in panels() for target in one["targets"]]


def named(query: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each metric of ours in a query, with the labels that are asked of it."""
    grouped = {label.strip() for found in _GROUPED.findall(query) for label in found.split(",")}
    metrics = list(_METRIC.finditer(query))
    for found in metrics:
        asked = set(_LABEL.findall(found[2] or ""))
        # Who groups several metrics by a label may mean any of them.
        yield found[1], asked | (grouped if len({one[1] for one in metrics}) == 1 else set())
