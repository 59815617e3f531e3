"""A tool that is not here: tests skip on a desk, and fail in CI unless it may be missing."""

import pytest

from tests.kit.tools import lacking, program

SKIPPED, FAILED = pytest.skip.Exception, pytest.fail.Exception


@pytest.mark.parametrize(
    ("ci", "may_lack", "ends"),
    [
        ("", "", SKIPPED),
        ("", "kubectl", SKIPPED),
        ("true", "kubectl", FAILED),
        ("true", "", FAILED),
        ("true", "kubectl promtool", SKIPPED),
    ],
)
def test_what_is_missing_fails_where_everything_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, ci: str, may_lack: str, ends: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("MAY_LACK", may_lack)
    with pytest.raises(ends, match="fetches it"):
        lacking("promtool", "`make promtool` fetches it")


def test_what_is_here_is_found() -> None:
    assert program("sh", "every machine has one").endswith("/sh")
