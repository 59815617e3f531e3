"""Alerts that fire when they should, each with a chapter for whom it wakes."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
import yaml

from tests.deploy.watching import (
    PROMETHEUS,
    RULES,
    TOP,
    UNIT_TESTS,
    alerts,
    panel_queries,
    panels,
    promtool,
    rules,
)
from tests.kit.tools import lacking
from tests.screen.drawing import page

RUNBOOK = (TOP / "docs" / "runbook.md").read_text(encoding="utf-8")
# `tell` is the one of them that fits.
_WARNED = re.compile(
    r'(?:_log\.(?:warning|error|exception)|\btell)\(\s*[\w"][^()]*?action="([a-z_.]+)"'
)
PROMISED = {
    *("OldestDueJob", "FirstAttemptSlow", "DeliveryRatioFalls", "Gap", "LimitReached"),
    *("CarrierErrors", "BreakerOpen", "WebhooksRefused", "EngineNotLooping", "LeaseLost"),
    *("DatabaseAway", "ScheduleUncovered", "AttemptBudgetBurnsFast", "DeliveryBudgetBurnsFast"),
}


def test_every_promised_alert_says_what_it_is_and_where_to_read_on() -> None:
    found = alerts()
    assert {f"Dispatchd{name}" for name in PROMISED} <= set(found)
    for name, rule in found.items():
        assert rule["labels"]["severity"] in {"page", "ticket"}, name
        assert rule["annotations"]["summary"], name
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{name.lower()}"


def test_the_runbook_has_a_chapter_for_each_alert_and_for_nothing_else() -> None:
    chapters = re.findall(r"^### (\w+)\n\*(Page|Ticket)\.\* ", RUNBOOK, re.MULTILINE)
    severities = {name: rule["labels"]["severity"] for name, rule in alerts().items()}
    assert {name: severity.lower() for name, severity in chapters} == severities
    for text in re.split(r"^### ", RUNBOOK, flags=re.MULTILINE)[1:]:
        assert re.search(r"\*\*Look at\*\* ", text), text
        assert re.search(r"\*\*(Do|do)\*\*", text), text


def test_the_runbook_tells_of_every_warning_of_the_log_and_of_nothing_else() -> None:
    (part,) = re.findall(r"^## What the log says$(.*?)^## ", RUNBOOK, re.MULTILINE | re.DOTALL)
    rows = [line.split(" | ")[0] for line in part.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([a-z_]+\.[a-z_]+)`", row)}
    files = [path for folder in ("gateway", "adapters") for path in (TOP / folder).rglob("*.py")]
    said = {found for path in files for found in _WARNED.findall(path.read_text("utf-8"))}
    assert len(said) > 30
    assert said == told


def test_each_alert_is_shown_to_fire_and_to_let_pass() -> None:
    shown: dict[str, set[bool]] = {}
    for path in UNIT_TESTS:
        for story in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for case in story["alert_rule_test"]:
                shown.setdefault(case["alertname"], set()).add(bool(case["exp_alerts"]))
    assert shown == {name: {True, False} for name in alerts()}


def test_the_dashboard_is_as_the_code_writes_it() -> None:
    command = [sys.executable, "deploy/dashboard.py", "--check"]
    subprocess.run(command, cwd=TOP, check=True)  # noqa: S603 - ours


def test_every_panel_says_what_it_shows_and_none_covers_another() -> None:
    places = [tuple(one["gridPos"][side] for side in "xywh") for one in panels()]
    cells = [(x + i, y + j) for x, y, w, h in places for i in range(w) for j in range(h)]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert all(one["title"] and one["description"] for one in panels())


def test_the_picture_in_the_manual_shows_these_panels() -> None:
    drawn = (TOP / "docs" / "dashboard.svg").read_text(encoding="utf-8")
    missing = [one["title"] for one in panels() if f">{escape(one['title'])}<" not in drawn]
    assert missing == [], "run `make screen`"


def asked(*words: str | Path) -> None:
    tool = promtool()
    if tool is None:
        lacking("promtool", "promtool is not here: `make promtool` fetches Debian's")
    done = subprocess.run([tool, *words], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_can_read_its_settings_and_rules() -> None:
    asked("check", "config", PROMETHEUS / "prometheus.yml")


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_each_alert_fires_as_its_unit_test_says(path: Path) -> None:
    asked("test", "rules", path)


def test_prometheus_can_read_the_queries_of_every_panel(tmp_path: Path) -> None:
    recorded = [
        {"record": f"panel:{n}", "expr": query.replace("$__rate_interval", "5m")}
        for n, query in enumerate(panel_queries())
    ]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    asked("check", "rules", file)


def test_what_panels_and_alerts_read_of_recorded_rules_is_recorded() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    queries = [*panel_queries(), *(rule["expr"] for rule in rules())]
    read = {name for query in queries for name in re.findall(r"dispatchd:\w+:\w+", query)}
    assert RULES
    assert read == recorded


def test_the_dashboard_can_be_drawn_with_values_and_without() -> None:
    line = [(0.0, 0.0), (60.0, 61.0), (120.0, 0.2)]
    drawn = [(one, {"a & b": line} if n % 2 else {}) for n, one in enumerate(panels())]
    text = page(drawn, "a <night>")
    root = ET.fromstring(text)  # noqa: S314 - our own
    graphs = sum(1 for one, lines in drawn if one["type"] == "timeseries" and lines)
    assert len(root.findall("{*}polyline")) == graphs > 5
    assert "no value" in text
    assert "a &amp; b" in text
