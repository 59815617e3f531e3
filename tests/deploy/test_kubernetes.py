"""The manifests fit Kubernetes' published schemas, each other, and the program."""

import copy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from gateway.cli.app import app
from gateway.settings import PREFIX, Settings
from gateway.web.app import _ROOMS
from tests.deploy.custom_resources import CUSTOM
from tests.deploy.published_schemas import objections
from tests.deploy.watching import RULES
from tests.kit.tools import program

TOP = Path(__file__).parents[2]
FOLDER = TOP / "deploy/kubernetes"
OLD, NEW = "1.31", "1.37"
Manifest = dict[str, Any]


def read(path: Path) -> list[Manifest]:
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]


def files(folder: str) -> list[Path]:
    paths = sorted((FOLDER / folder).glob("*.yaml"))
    return [path for path in paths if path.name != "kustomization.yaml"]


FILES = [path for folder in ("base", "example") for path in files(folder)]
ALL = [one for path in FILES for one in read(path)]


def of_kind(kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in ALL if one["kind"] == kind}


def pods() -> dict[str, Manifest]:
    return {name: one["spec"]["template"] for name, one in of_kind("Deployment").items()}


def job() -> Manifest:
    """Give the pod of the one job on a schedule."""
    (one,) = of_kind("CronJob").values()
    found: Manifest = one["spec"]["jobTemplate"]["spec"]["template"]
    return found


def containers() -> Iterator[tuple[str, Manifest]]:
    """Give every container that runs, those that run first among them."""
    for name, pod in pods().items():
        for one in (*pod["spec"]["initContainers"], *pod["spec"]["containers"]):
            yield name, one
    yield "dispatchd-probe", job()["spec"]["containers"][0]


def selected(labels: dict[str, str]) -> list[str]:
    """Name the deployments whose pods have these labels."""
    return [
        name for name, pod in pods().items() if labels.items() <= pod["metadata"]["labels"].items()
    ]


def routes() -> set[str]:
    """Return the paths of the API."""
    return {str(getattr(one, "path", "")) for room in _ROOMS for one in room.router.routes}


def fault(one: Manifest, version: str) -> str:
    """Say what a published schema says against a manifest; empty: nothing."""
    # To load them takes two seconds, in every process that only collects what is here.
    import jsonschema  # noqa: PLC0415
    import kubernetes_validate  # noqa: PLC0415

    try:
        if one["kind"] in CUSTOM:
            jsonschema.validate(one, CUSTOM[one["kind"]])
        else:
            kubernetes_validate.validate(one, version, strict=True)
    except jsonschema.ValidationError as found:
        return str(found.message)
    return ""


def test_each_manifest_fits_its_published_schema_and_a_slip_of_the_pen_is_found() -> None:
    assert {path.name: [fault(one, OLD) for one in read(path)] for path in FILES} == {
        path.name: ["" for _ in read(path)] for path in FILES
    }
    wrong = of_kind("Deployment")["dispatchd-web"]
    wrong = {**wrong, "spec": {**wrong["spec"], "replica": 3}}
    assert "replica" in fault(wrong, NEW)
    assert "instance" in fault({**of_kind("Cluster")["dispatchd-db"], "spec": {"instance": 3}}, NEW)


def test_what_is_for_operators_fits_what_they_publish() -> None:
    ours = [one for one in ALL if one["kind"] in CUSTOM]
    wrong = copy.deepcopy(ours)
    for one in wrong:
        one["spec"] |= {"instances": "three", "groups": "none", "endpoints": "none"}

    said = objections([*ours, *wrong])

    assert {one["kind"] for one in ours} == set(CUSTOM)
    assert said[: len(ours)] == [""] * len(ours)
    assert all(said[len(ours) :])


def test_the_rules_are_those_of_prometheus() -> None:
    command = [sys.executable, FOLDER / "rules.py", "--check"]
    subprocess.run(command, check=True)  # noqa: S603 - ours
    read_there = [group for path in RULES for group in read(path)[0]["groups"]]
    assert of_kind("PrometheusRule")["dispatchd"]["spec"]["groups"] == read_there


def test_the_carrier_is_tested_as_often_as_the_job_says() -> None:
    spec, (one,) = of_kind("CronJob")["dispatchd-probe"]["spec"], job()["spec"]["containers"]

    command = typer.main.get_command(app).commands["probe"]  # type: ignore[attr-defined]
    asked = command.make_context("probe", one["args"][1:], resilient_parsing=True).params
    assert (spec["schedule"], asked["scheduled"]) == ("*/15 * * * *", "15m")
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] < 15 * 60
    # Of the pods, those alone that serve: what selects by the name alone lets this one out, too.
    labels = job()["metadata"]["labels"]
    assert labels["app.kubernetes.io/name"] == "dispatchd"
    assert selected({"app.kubernetes.io/component": "probe"}) == []


@pytest.mark.parametrize("folder", ["base", "example"])
def test_kustomize_is_told_of_every_file(folder: str) -> None:
    (told,) = read(FOLDER / folder / "kustomization.yaml")
    named = {one for one in told["resources"] if one != "../base"}

    assert named == {path.name for path in files(folder)} - {"secret.example.yaml"}


def test_what_kustomize_builds_of_the_example_is_valid() -> None:
    kubectl = program("kubectl", "kubectl is not here; its kustomize would build the example")
    words = [kubectl, "kustomize", str(FOLDER / "example")]
    ran = subprocess.run(words, capture_output=True, check=True)  # noqa: S603 - found

    built = [one for one in yaml.safe_load_all(ran.stdout) if one]
    for one in built:
        assert fault(one, NEW) == ""
    assert len(built) == len(ALL) - 1
    images = {one["image"] for pod in built if pod["kind"] == "Deployment" for one in runs(pod)}
    assert images == {f"registry.example.com/dispatchd:{version()}"}


def runs(deployment: Manifest) -> list[Manifest]:
    found: list[Manifest] = deployment["spec"]["template"]["spec"]["containers"]
    return found


def version() -> str:
    with (TOP / "pyproject.toml").open("rb") as lines:
        return str(tomllib.load(lines)["project"]["version"])


def test_the_base_names_the_version_of_this_tree() -> None:
    (told,) = read(FOLDER / "base/kustomization.yaml")

    assert told["images"] == [{"name": "dispatchd", "newTag": version()}]


def test_web_sides_and_engines_have_two_of_each_and_one_stays() -> None:
    deployments, kept = of_kind("Deployment"), of_kind("PodDisruptionBudget")

    assert set(deployments) == set(kept) == {"dispatchd-web", "dispatchd-engine"}
    assert {one["spec"]["replicas"] for one in deployments.values()} == {2}
    for name, budget in kept.items():
        assert selected(budget["spec"]["selector"]["matchLabels"]) == [name]
        assert budget["spec"]["minAvailable"] == 1


def test_what_selects_pods_selects_the_right_ones() -> None:
    for name, one in of_kind("Service").items():
        assert selected(one["spec"]["selector"]) == [name]
    for name, one in of_kind("Deployment").items():
        assert selected(one["spec"]["selector"]["matchLabels"]) == [name]
    reached = {
        n: selected(p["spec"]["podSelector"]["matchLabels"])
        for n, p in of_kind("NetworkPolicy").items()
    }
    assert sorted(reached["dispatchd"]) == ["dispatchd-engine", "dispatchd-web"]
    assert reached["dispatchd-web"] == ["dispatchd-web"]


def test_only_names_that_exist_are_referred_to() -> None:
    database = f"{next(iter(of_kind('Cluster')))}-app"
    known = {"dispatchd", database}
    for _, one in containers():
        assert {ref["configMapRef"]["name"] for ref in one["envFrom"][:1]} == set(
            of_kind("ConfigMap")
        )
        assert {ref["secretRef"]["name"] for ref in one["envFrom"][1:]} == set(of_kind("Secret"))
        assert {env["valueFrom"]["secretKeyRef"]["name"] for env in one["env"]} <= known
    accounts = {pod["spec"]["serviceAccountName"] for pod in (*pods().values(), job())}
    assert accounts == set(of_kind("ServiceAccount"))


def test_settings_are_those_of_the_program() -> None:
    given = {
        *of_kind("ConfigMap")["dispatchd"]["data"],
        *of_kind("Secret")["dispatchd"]["stringData"],
    }
    given |= {env["name"] for _, one in containers() for env in one["env"]}

    assert {name.removeprefix(PREFIX).lower() for name in given} <= set(Settings.model_fields)
    assert given >= {f"{PREFIX}{name}" for name in ("DATABASE_URL", "PUBLIC_URL", "ALERTS_LEAD")}


def test_roles_answer_where_they_are_asked() -> None:
    given = of_kind("ConfigMap")["dispatchd"]["data"]
    ports = {one["containerPort"] for _, pod in containers() for one in pod.get("ports", ())}

    roles = {name: pod["spec"]["containers"][0]["args"] for name, pod in pods().items()}
    assert roles == {f"dispatchd-{one}": ["run", "--role", one] for one in ("web", "engine")}
    assert {int(given[f"{PREFIX}{name}_PORT"]) for name in ("HTTP", "METRICS")} == ports


def test_probes_ask_what_is_there() -> None:
    paths = routes()
    for pod in pods().values():
        (one,) = pod["spec"]["containers"]
        asked = {
            name: one[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")
        }
        assert {get["port"] for get in asked.values()} <= {port["name"] for port in one["ports"]}
        assert {get["path"] for get in asked.values()} <= paths
        assert asked["readiness"]["path"] == "/readyz"
        assert asked["liveness"]["path"] == "/healthz"
        # The drain: 5 s before it, a minute for whoever is on the line, 20 s for requests.
        assert pod["spec"]["terminationGracePeriodSeconds"] >= 100
    (endpoint,) = of_kind("ServiceMonitor")["dispatchd"]["spec"]["endpoints"]
    assert endpoint["path"] in paths


def test_callers_reach_what_is_theirs_and_not_what_is_ours() -> None:
    (rule,) = of_kind("Ingress")["dispatchd"]["spec"]["rules"]
    led = {path["path"] for path in rule["http"]["paths"]}

    assert {"/v1", "/twilio", "/m", "/calendar"} <= led
    own = {"/metrics", "/healthz", "/readyz"}
    assert {f"/{path.split('/')[1]}" for path in routes()} - led == own
    assert not any(mine.startswith(path) for mine in own - {"/metrics"} for path in led)


def test_pods_may_do_as_little_as_the_strictest_standard_asks() -> None:
    for pod in (*pods().values(), job()):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not spec["automountServiceAccountToken"]
    for _, one in containers():
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert one["resources"]["limits"]["memory"]
