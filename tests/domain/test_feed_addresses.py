"""A feed's address is shown by its host alone, and what is put back so keeps the stored one."""

from typing import Any

import pytest

from gateway.domain.addresses import hide_addresses, masked, with_addresses
from gateway.domain.document_changes import edits_between
from gateway.domain.documents import AccountDocument, canonical, compile_account, document_from
from gateway.domain.problems import DocumentError
from tests.kit.desk import northside

PRIVATE = "https://calendar.example/private-1f/basic.ics"
SHOWN = "https://calendar.example/****"


def document(**urls: str) -> AccountDocument:
    """Return an account with a schedule for each name, which follows that address."""
    schedules: list[dict[str, Any]] = [
        {"name": name, "match": {"at": name}, "feed": {"url": url}} for name, url in urls.items()
    ]
    return document_from(northside(schedules=schedules), "x")


def url_of(one: AccountDocument, place: int = 0) -> str | None:
    feed = one.schedules[place].feed
    return feed.url if feed else None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (PRIVATE, SHOWN),
        ("webcal://me:word@calendar.example:8443/x?key=1#2", "webcal://calendar.example/****"),
        (SHOWN, SHOWN),
    ],
)
def test_of_an_address_the_host_is_shown(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_what_is_shown_and_put_back_is_what_was_stored() -> None:
    stored = document(West=PRIVATE, East=PRIVATE + "2")
    shown = hide_addresses(canonical(stored, pins=True))
    assert "private" not in str(shown)
    assert with_addresses(document_from(shown, "x"), stored) == stored


def test_a_schedule_of_a_new_name_keeps_the_only_address_shown_so() -> None:
    assert url_of(with_addresses(document(New=SHOWN), document(West=PRIVATE))) == PRIVATE
    two = document(West=PRIVATE, East=PRIVATE + "2")
    assert url_of(with_addresses(document(New=SHOWN), two)) == SHOWN


@pytest.mark.parametrize("stored", [None, document(West="https://elsewhere.example/x")])
def test_a_mask_that_stands_for_nothing_is_refused(stored: AccountDocument | None) -> None:
    given = with_addresses(document(West=SHOWN), stored)
    with pytest.raises(
        DocumentError, match=r"schedules\[0\].feed.url: stands for a stored address"
    ):
        compile_account(given)


def test_another_address_replaces_the_stored_one_and_is_told_masked() -> None:
    stored, new = document(West=PRIVATE), document(West=PRIVATE + "2")
    assert with_addresses(new, stored) == new
    (edit,) = edits_between(stored, new)
    assert (edit.path, edit.was, edit.now) == (
        *("schedules[0].feed.url", SHOWN),
        f"{SHOWN} (another one)",
    )
    (added,) = [each for each in edits_between(None, stored) if "feed" in each.path]
    assert "private" not in str(added)


def test_documents_without_feeds_stay_as_they_are() -> None:
    plain = document_from(northside(), "x")
    assert with_addresses(plain, plain) is plain
    assert hide_addresses(canonical(plain)) == canonical(plain)
