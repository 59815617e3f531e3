"""What `check` says about whom notices would reach."""

import pytest

from gateway.cli.soundness import faults_of
from gateway.domain.flags import Flags
from tests.kit.desk import NOON
from tests.kit.street import ANN, compiled, roster, shift

MAIL = "ann@northside.example"


def remarks(contact: dict[str, str], notices: object, *, out: bool = False) -> list[str]:
    """Return what is said of notices where ann is on call, and perhaps opted out."""
    account = compiled(
        **roster(shift("ann")),
        contacts={"ann": contact, "bob": {}, "cho": {"phone": "+12025550103"}},
        notices=notices,
    )
    flags = {ANN: Flags(opted_out=True)} if out else {}
    return [one.words for one in faults_of(account, NOON, flags) if one.words.startswith("notices")]


@pytest.mark.parametrize("notices", [{"handoff": True}, {"digest": "Sun 18:00"}])
def test_who_has_shifts_and_neither_number_nor_mail_is_named(notices: object) -> None:
    words = "can get no text and has no e-mail: they are told nothing of their shifts"
    assert remarks({}, notices) == [f"notices: ann {words}"]
    assert len(remarks({"phone": ANN}, notices, out=True)) == 1


def test_who_can_be_told_is_not_named_nor_anybody_where_nobody_is_told() -> None:
    asked = {"handoff": True}
    assert remarks({"phone": ANN}, asked) == []
    assert remarks({"email": MAIL}, asked) == []
    assert remarks({"phone": ANN, "email": MAIL}, asked, out=True) == []
    assert remarks({}, {}) == []
