"""Programs that tests need beside the locked packages; without them a test skips, but not in CI."""

import os
import shutil
from typing import Final, NoReturn

import pytest

MAY_LACK: Final = "MAY_LACK"
"""What may be missing although CI is set: `.ci/run` names there what it can get nowhere."""


def lacking(tool: str, words: str) -> NoReturn:
    """Skip the test on a desk; fail it in CI, unless that tool may be missing."""
    if os.environ.get("CI") and tool not in os.environ.get(MAY_LACK, "").split():
        pytest.fail(f"{tool} is missing, and everything is to be looked at here: {words}")
    pytest.skip(words)


def program(name: str, words: str) -> str:
    """Return the place of a program on the PATH."""
    return shutil.which(name) or lacking(name, words)
