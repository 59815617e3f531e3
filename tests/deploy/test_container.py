"""The Dockerfile and the compose file: without a known flaw, true to the program and the tree."""

import fnmatch
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_pydantic.models import ComposeSpecification
from pydantic import ValidationError

from adapters.simulator.__main__ import read_arguments
from gateway.settings import PREFIX, Settings, load_settings
from tests.deploy.dockerfile import Stage, expanded, stages
from tests.deploy.image_steps import BANNED
from tests.kit.tools import lacking

TOP = Path(__file__).parents[2]
BUILD, LAST = stages(TOP / "Dockerfile")


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """Read the compose file, without what it only keeps for its own use."""
    found = yaml.safe_load((TOP / "compose.yaml").read_text(encoding="utf-8"))
    return {name: part for name, part in found.items() if not name.startswith("x-")}


@pytest.fixture(scope="module")
def compose(whole: dict[str, Any]) -> dict[str, Any]:
    services: dict[str, Any] = whole["services"]
    return services


def test_the_compose_file_fits_the_published_specification(whole: dict[str, Any]) -> None:
    ComposeSpecification.model_validate(whole)


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("dispatchd", "healthchek", {}),
        ("dispatchd", "depends_on", {"migrate": {"condition": "service_done"}}),
        ("mail", "tmpfs", 5),
        ("postgres", "volums", []),
    ],
)
def test_a_slip_in_the_compose_file_is_found(
    whole: dict[str, Any], service: str, key: str, value: object
) -> None:
    services = {**whole["services"], service: {**whole["services"][service], key: value}}
    with pytest.raises(ValidationError, match=key):
        ComposeSpecification.model_validate({**whole, "services": services})


def test_services_wait_for_services_and_folders_are_declared(whole: dict[str, Any]) -> None:
    services, volumes = whole["services"], whole["volumes"]
    for one in services.values():
        assert set(one.get("depends_on", ())) <= set(services)
        named = {place.split(":")[0] for place in one.get("volumes", ())}
        assert {place for place in named if not place.startswith(".")} <= set(volumes)


def test_prometheus_looks_where_dispatchd_is(compose: dict[str, Any]) -> None:
    text = (TOP / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["scrape_configs"]
    found = {one for job in jobs for each in job["static_configs"] for one in each["targets"]}
    assert found == {f"dispatchd:{compose['dispatchd']['ports'][0].rpartition(':')[2]}"}


def copied(stage: Stage) -> list[str]:
    """Name what a stage takes from the tree."""
    steps = [step.words.split() for step in stage.steps if step.name == "COPY"]
    return [one for words in steps if "--from" not in words[0] for one in words[:-1]]


def test_hadolint_finds_no_flaw() -> None:
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        lacking("hadolint", "hadolint is not installed: its wheel is not made for this platform")
    words = [program, "--failure-threshold", "style", TOP / "Dockerfile"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - a tool of ours

    assert (ran.returncode, ran.stdout) == (0, "")


def test_what_is_run_is_nobodys_and_brings_no_tools() -> None:
    assert LAST.last("USER").words == "65532:65532"
    assert not copied(LAST), "the tree reaches the image as a wheel only"
    installed = [step.words for step in LAST.steps if step.name == "RUN"]
    assert not {*BANNED, "python3-venv", "python3-pip"} & set(" ".join(installed).split())


def test_what_is_run_is_the_daemon_and_its_health_is_asked() -> None:
    assert (LAST.last("ENTRYPOINT").listed, LAST.last("CMD").listed) == (["dispatchd"], ["run"])
    asked = LAST.last("HEALTHCHECK").words
    assert "/healthz" in asked
    compile(re.findall(r'"-c", "(.*)"\]', asked)[0], "HEALTHCHECK", "exec")


def test_nothing_but_what_is_named_reaches_the_making() -> None:
    lines = (TOP / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    let = {rule[1:].rstrip("/") for rule in rules if rule.startswith("!")}

    assert rules[0] == "*"
    assert {one.rstrip("/") for one in copied(BUILD)} == let
    assert all((TOP / one).exists() for one in let)
    assert any(fnmatch.fnmatch("gateway/secret.env", rule) for rule in rules[-2:])


def test_every_package_is_one_of_the_lock() -> None:
    installs = [s.words for s in BUILD.steps if s.name == "RUN" and "pip" in s.words]
    for words in installs:
        for one in re.findall(r" (?:install|wheel) [^&]*", words):
            assert "--require-hashes" in one or "--no-deps" in one, one


def test_what_builds_the_wheel_is_locked_wholly() -> None:
    (line,) = [step.words for step in BUILD.steps if "awk" in step.words]
    found = re.search(r"\^\(([a-z|-]+)\)==", line)
    assert found
    needed = [one for one in metadata.requires("hatchling") or () if "python_version" not in one]

    assert {re.split(r"[ ><=!~;]", one)[0] for one in needed} < set(found[1].split("|"))


def test_settings_in_the_compose_file_are_whole(compose: dict[str, Any]) -> None:
    env = compose["dispatchd"]["environment"]
    given = {name.removeprefix(PREFIX).lower(): value for name, value in env.items()}

    settings = load_settings(isolated=True, **given)

    assert set(given) <= set(Settings.model_fields)
    assert settings.alerts_lead
    assert settings.database_url
    assert settings.smtp_host in compose
    assert compose["migrate"]["environment"] == compose["probe"]["environment"] == env


def test_the_simulator_in_the_compose_file_is_told_what_it_knows(compose: dict[str, Any]) -> None:
    asked = read_arguments(compose["simulator"]["command"])
    env = compose["dispatchd"]["environment"]

    assert env[f"{PREFIX}TWILIO_BASE_URL"] == f"http://simulator:{asked.port}"
    assert env[f"{PREFIX}PUBLIC_URL"] == asked.public
    assert env[f"{PREFIX}TWILIO_FROM"].split(",") == asked.number


def test_ours_cannot_be_written_and_reach_this_machine_only(compose: dict[str, Any]) -> None:
    ours = {name: one for name, one in compose.items() if one.get("build")}

    assert set(ours) == {"dispatchd", "migrate", "simulator", "probe"}
    for one in ours.values():
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
    ports = [port for one in compose.values() for port in one.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_all_that_is_wanted_runs_at_fixed_versions(compose: dict[str, Any]) -> None:
    images = {name: one["image"] for name, one in compose.items() if not one.get("build")}

    assert set(images) == {"postgres", "prometheus", "grafana", "mail"}
    assert all(re.search(r":v?[0-9][0-9.]*$", image) for image in images.values())


@pytest.mark.parametrize("folder", ["prometheus", "grafana"])
def test_what_is_mounted_is_there(compose: dict[str, Any], folder: str) -> None:
    mounts = [one.split(":")[0] for one in compose[folder]["volumes"] if one.startswith("./")]

    assert mounts
    assert [one for one in mounts if not (TOP / one).exists()] == []


def test_variables_are_put_in_their_place() -> None:
    assert BUILD.base == LAST.base == "debian:trixie-slim"
    assert expanded("a ${B}/$C ${D}", {"B": "b", "C": "c"}) == "a b/c "
