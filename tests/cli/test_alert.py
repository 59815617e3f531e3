"""`alert`: people are told by the settings alone, with no database."""

from contextlib import closing

import pytest

from tests.cli.conftest import Dispatchd
from tests.kit.ear import Ear


def test_words_reach_the_sink_they_are_for_or_it_fails(
    dispatchd: Dispatchd, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Ear()) as ear:
        monkeypatch.setenv("DISPATCHD_ALERTS_LEAD", ear.url)
        assert dispatchd("alert", "the backup failed").out == "1 of 1 took it\n"
        assert ear.heard == ["the backup failed"]
    ran = dispatchd("alert", "nobody listens any more")
    assert (ran.code, ran.err) == (1, "none of 1 notification URLs took it\n")
    ran = dispatchd("alert", "--sink=specials", "nobody is named")
    assert (ran.code, ran.out) == (1, "")
    assert "DISPATCHD_ALERTS_SPECIALS holds no notification URL" in ran.err
