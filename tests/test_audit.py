"""The audit of the locked packages finds what is known, and fails nothing where nobody answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit import weaknesses


def test_a_known_weakness_is_named_with_the_version_that_mends_it() -> None:
    weak = {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    report = json.dumps({"dependencies": [{"name": "y", "version": "1", "vulns": []}, weak]})
    assert list(weaknesses(report)) == ["x 1: PYSEC-1 (mended in 2)"]
    with pytest.raises(ValueError, match="Expecting value"):
        list(weaknesses(""))


def test_where_the_index_does_not_answer_that_is_said_and_nothing_fails() -> None:
    dead = "http://127.0.0.1:9"
    env = {"HTTPS_PROXY": dead, "https_proxy": dead, "PATH": "/usr/bin:/bin", "HOME": "/nowhere"}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.audit"],
        env=env,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert ran.stdout.startswith("NOT AUDITED, ")
