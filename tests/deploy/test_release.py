"""What is released holds all it needs and nothing else, and says one version everywhere."""

import email
import zipfile
from pathlib import Path

import pytest

from tests.deploy.packages import PACKAGES, TOP, built, locked, names_in_wheel, project


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (made,) = built(TOP, tmp_path_factory.mktemp("dist"), "wheel")
    return made


def test_a_wheel_holds_the_program_its_sql_and_its_licence(wheel: Path) -> None:
    names = names_in_wheel(wheel)
    inside = f"dispatchd-{project()['version']}.dist-info"

    assert {name.split("/")[0] for name in names} == {*PACKAGES, inside}
    assert f"{inside}/licenses/LICENSE" in names
    kept = {
        path.relative_to(TOP).as_posix()
        for package in PACKAGES
        for path in (TOP / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept <= names


def test_a_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        (place,) = [one for one in packed.namelist() if one.endswith(".dist-info/METADATA")]
        said = email.message_from_bytes(packed.read(place))

    assert (said["Name"], said["Version"]) == ("dispatchd", project()["version"])
    assert said["License-Expression"] == "Apache-2.0"
    assert said["Requires-Python"] == project()["requires-python"]
    assert "embedded" in said.get_all("Provides-Extra", [])


def test_the_licence_is_the_one_that_is_named() -> None:
    text = (TOP / "LICENSE").read_text(encoding="utf-8")

    assert " ".join(text.split()).startswith("Apache License Version 2.0, January 2004")
    assert text.rstrip().endswith("limitations under the License.")


def test_the_version_stands_in_one_place() -> None:
    """Everything else asks what was installed (the base for Kubernetes is compared with it)."""
    version = project()["version"]
    places = [
        path.relative_to(TOP).as_posix()
        for package in PACKAGES
        for path in (TOP / package).rglob("*.py")
        if f'"{version}"' in path.read_text(encoding="utf-8")
    ]

    assert places == []


def test_the_lock_names_every_dependency() -> None:
    names = {one.split(";")[0].split("[")[0].lower() for one in project()["dependencies"]}

    assert names <= {name.lower() for name in locked()}
