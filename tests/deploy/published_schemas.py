"""What operators of Kubernetes publish of their own resources, asked by node (`make published`)."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.kit.tools import lacking, program

TOP: Final = Path(__file__).parents[2]
INSTALLED: Final = TOP / ".cache/published/node_modules"
_ASKS: Final = Path(__file__).parent / "published/validate.mjs"


def objections(manifests: Sequence[dict[str, Any]]) -> list[str]:
    """Return what the published schema of each manifest's kind says against it; empty: nothing."""
    node = program("node", "node is not installed, which asks the operators' published schemas")
    if not (INSTALLED / "@kubernetes-models").is_dir():
        lacking("npm", "the operators' published schemas are not here: `make published`")
    words = [node, str(_ASKS), str(INSTALLED)]
    asked = json.dumps(list(manifests))
    ran = subprocess.run(words, input=asked, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return [str(one) for one in json.loads(ran.stdout)]
