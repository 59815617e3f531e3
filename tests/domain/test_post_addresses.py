"""A web post's address is shown by its host alone, and what is put back so keeps the stored one."""

from typing import Any

import pytest

from gateway.domain.addresses import hide_addresses, with_addresses
from gateway.domain.document_changes import edits_between
from gateway.domain.documents import AccountDocument, canonical, compile_account, document_from
from gateway.domain.problems import DocumentError
from gateway.domain.shown import restored, shown
from tests.kit.desk import northside

PRIVATE = "https://crm.example:8443/hook/1f9c?key=abc"
SHOWN = "https://crm.example/****"
SECRET, OTHER = "0123456789abcdef", "fedcba9876543210"
FIELDS = {"Name": "caller.name"}


def document(**posts: dict[str, Any]) -> AccountDocument:
    """Return an account with a web post of each name."""
    deliveries = [{"name": name, "fields": FIELDS, **each} for name, each in posts.items()]
    return document_from(northside(deliveries=deliveries), "x")


def test_what_is_shown_and_put_back_is_what_was_stored_with_its_secret() -> None:
    stored = document(a={"post": PRIVATE, "secret": SECRET}, b={"post": PRIVATE + "2"})
    told = shown(stored)
    assert "1f9c" not in str(told)
    assert SECRET not in str(told)
    assert restored(document_from(told, "x"), stored) == stored


def test_a_post_of_a_new_name_keeps_the_only_address_shown_so() -> None:
    (kept,) = with_addresses(
        document(new={"post": SHOWN}), document(a={"post": PRIVATE})
    ).deliveries
    assert kept.post == PRIVATE
    two = document(a={"post": PRIVATE}, b={"post": PRIVATE + "2"})
    other = "https://other.example/k"
    unclear, plain = with_addresses(
        document(new={"post": SHOWN}, b={"post": other}), two
    ).deliveries
    assert (unclear.post, plain.post) == (SHOWN, other)


@pytest.mark.parametrize("stored", [None, document(a={"post": "https://elsewhere.example/x"})])
def test_a_mask_that_stands_for_nothing_is_refused(stored: AccountDocument | None) -> None:
    given = with_addresses(document(a={"post": SHOWN}), stored)
    with pytest.raises(DocumentError, match=r"deliveries\[0\].post: stands for a stored address"):
        compile_account(given)


def test_another_address_and_another_secret_are_told_without_either() -> None:
    stored = document(a={"post": PRIVATE, "secret": SECRET})
    moved = document(a={"post": PRIVATE + "2", "secret": OTHER})
    told = {edit.path: (edit.was, edit.now) for edit in edits_between(stored, moved)}
    assert told == {
        "deliveries[0].post": (SHOWN, f"{SHOWN} (another one)"),
        "deliveries[0].secret": ("****", "**** (another one)"),
    }
    added = [each for each in edits_between(None, stored) if "deliveries" in each.path]
    assert "1f9c" not in str(added)
    assert SECRET not in str(added)
    (elsewhere,) = edits_between(
        stored, document(a={"post": "https://b.example/k", "secret": SECRET})
    )
    assert (elsewhere.was, elsewhere.now) == (SHOWN, "https://b.example/****")


def test_documents_without_posts_stay_as_they_are() -> None:
    plain = document_from(northside(), "x")
    assert with_addresses(plain, plain) is plain
    assert hide_addresses(canonical(plain)) == canonical(plain)
    assert edits_between(document(a={"post": PRIVATE}), plain)[0].change == "removed"
