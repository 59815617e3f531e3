"""A real Prometheus with our settings and rules, asked what our panels ask."""

import contextlib
import math
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.deploy.watching import PROMETHEUS, promtool
from tests.kit.programs import free_port, in_time
from tests.screen.drawing import Line

_EVERY, _RATE = 2, "30s"
_PATIENCE: Final = 20


class NoPrometheusError(Exception):
    """Prometheus is not here."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that runs."""

    url: str

    def get(self, path: str, **asked: str) -> Any:  # noqa: ANN401 - JSON
        """Ask its API; a query that it cannot read is an error."""
        answer = httpx.get(
            f"{self.url}/api/v1/{path}", params=asked, trust_env=False, timeout=_PATIENCE
        )
        answer.raise_for_status()
        return answer.json()["data"]

    def ready(self) -> bool:
        """Tell whether it answers."""
        try:
            return httpx.get(f"{self.url}/-/ready", trust_env=False, timeout=2).is_success
        except httpx.TransportError:
            return False

    def lines(self, panel: Mapping[str, Any], since: float, until: float) -> dict[str, Line]:
        """Ask a panel's queries between two instants; return its lines by name."""
        found: dict[str, Line] = {}
        for target in panel.get("targets", ()):
            query = target["expr"].replace("$__rate_interval", _RATE)
            span = {"start": str(since), "end": str(until), "step": str(_EVERY)}
            for one in self.get("query_range", query=query, **span)["result"]:
                name = target["legendFormat"]
                for label, value in one["metric"].items():
                    name = name.replace(f"{{{{{label}}}}}", value)
                values = [(float(at), float(v)) for at, v in one["values"]]
                found[name] = [(at, v) for at, v in values if math.isfinite(v)]
        return found


@contextlib.contextmanager
def prometheus(folder: Path, *targets: tuple[str, int]) -> Iterator[Prometheus]:
    """Run Prometheus on our own settings; `targets` are jobs with the ports they show."""
    tool = promtool()
    binary = Path(tool).parent / "prometheus" if tool else None
    if binary is None or not binary.exists():
        raise NoPrometheusError("Prometheus is not here: `make promtool` fetches Debian's")
    settings = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    every = f"{_EVERY}s"
    settings["global"] = {"scrape_interval": every, "evaluation_interval": every}
    settings["rule_files"] = [str(PROMETHEUS / "rules" / "*.yml")]
    for job in settings["scrape_configs"]:
        ports = [port for name, port in targets if name == job["job_name"]]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
    file, port = folder / "prometheus.yml", free_port()
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    command = [
        str(binary),
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    child = subprocess.Popen(command)  # noqa: S603 - fetched by us
    try:
        made = Prometheus(f"http://127.0.0.1:{port}")
        assert in_time(made.ready)
        yield made
    finally:
        child.terminate()
        child.wait(_PATIENCE)
