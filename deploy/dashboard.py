"""The dashboard: what an operator sees of dispatchd on one screen, written for Grafana.

python3 deploy/dashboard.py           writes deploy/grafana/dashboards/dispatchd.json
python3 deploy/dashboard.py --check   exits 1 if that file is not what would be written
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from panels import ROWS, Shown  # beside this file

PLACE: Final = Path(__file__).parent / "grafana" / "dashboards" / "dispatchd.json"
_SOURCE: Final = {"type": "prometheus", "uid": "${source}"}
_COLUMNS: Final = 24


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana reads it."""
    source = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    return {
        "uid": "dispatchd",
        "title": "dispatchd",
        "tags": ["dispatchd"],
        "timezone": "browser",
        "schemaVersion": 38,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": [{"id": number, **one} for number, one in enumerate(_panels(), 1)],
    }


def _panels() -> Iterator[dict[str, Any]]:
    top = 0
    for title, panels, width, height in ROWS:
        place = {"x": 0, "y": top, "w": _COLUMNS, "h": 1}
        yield {"type": "row", "title": title, "collapsed": False, "gridPos": place, "panels": []}
        top += 1
        for number, one in enumerate(panels):
            down, across = divmod(number * width, _COLUMNS)
            place = {"x": across, "y": top + down * height, "w": width, "h": height}
            yield _panel(one, place)
        top += -(-len(panels) * width // _COLUMNS) * height


def _panel(one: Shown, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(65 + number), "expr": expr, "legendFormat": name or one.title}
        for number, (name, expr) in enumerate(one.queries.items())
    ]
    panel = {"title": one.title, "description": one.words, "datasource": _SOURCE}
    looks = _graph(one) if one.red is None else _figure(one)
    return panel | {"gridPos": place, "targets": targets} | looks


def _graph(one: Shown) -> dict[str, Any]:
    drawn = {"fillOpacity": 10, "lineWidth": 1, "showPoints": "never"}
    legend = {"displayMode": "list", "placement": "bottom"}
    return {
        "type": "timeseries",
        "fieldConfig": {"defaults": {"unit": one.unit, "min": 0, "custom": drawn}, "overrides": []},
        "options": {"legend": legend, "tooltip": {"mode": "multi"}},
    }


def _figure(one: Shown) -> dict[str, Any]:
    steps = [{"color": "green", "value": None}, {"color": "red", "value": one.red}]
    defaults = {"unit": one.unit, "decimals": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    return {
        "type": "stat",
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"colorMode": "background", "graphMode": "none", "reduceOptions": reduced},
    }


def written() -> str:
    """Return the file's text."""
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the file, or compare it; return the exit code."""
    if "--check" in sys.argv:
        same = PLACE.exists() and PLACE.read_text(encoding="utf-8") == written()
        if not same:
            sys.stderr.write(f"{PLACE} is not as written: run python3 deploy/dashboard.py\n")
        return 0 if same else 1
    PLACE.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
