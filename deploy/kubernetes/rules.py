"""The rules of Prometheus for its operator: deploy/kubernetes/base/rules.yaml, from one source.

python3 deploy/kubernetes/rules.py           writes it from deploy/prometheus/rules/*.yml
python3 deploy/kubernetes/rules.py --check   exits 1 if it is not what would be written
"""

import sys
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
PLACE: Final = _HERE / "base" / "rules.yaml"
_RULES: Final = _HERE.parent / "prometheus" / "rules"
_HEAD: Final = """\
# Written by deploy/kubernetes/rules.py from deploy/prometheus/rules; change it there.
# For the Prometheus operator; without it, leave this file out of your overlay.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: dispatchd
spec:
  groups:
"""
_GROUPS: Final = "groups:\n"


def written() -> str:
    """Return the file's text: every group as it stands, two steps deeper."""
    lines = [_HEAD]
    for path in sorted(_RULES.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        groups = text.partition(f"\n{_GROUPS}")[2] or text.removeprefix(_GROUPS)
        lines += [
            f"  {line}" if line.strip() else line for line in groups.splitlines(keepends=True)
        ]
    return "".join(lines)


def main() -> int:
    """Write the file, or compare it; return the exit code."""
    if "--check" in sys.argv:
        same = PLACE.exists() and PLACE.read_text(encoding="utf-8") == written()
        if not same:
            sys.stderr.write(f"{PLACE} is not as written: run `make rules`\n")
        return 0 if same else 1
    PLACE.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
