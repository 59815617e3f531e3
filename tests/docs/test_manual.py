"""The manual's page of the API is of this version and leaves no call out."""

from gateway.web.app import openapi
from tests import api_reference


def test_the_api_reference_is_of_this_version() -> None:
    assert api_reference.PAGE.read_text(encoding="utf-8") == api_reference.page(), (
        "run `python -m tests.api_reference`"
    )


def test_every_call_of_the_api_stands_there() -> None:
    page = api_reference.page()
    calls = [(m, path) for path, calls in openapi()["paths"].items() for m in calls]
    assert len(calls) > 50
    assert [one for one in calls if f"### `{one[0].upper()} {one[1]}`" not in page] == []
