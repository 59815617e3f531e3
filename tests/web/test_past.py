"""The past is read-only over HTTP: what has ended stays in a document as it was."""

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest

from gateway.store.pool import Pool
from tests.kit.api import Api, serving
from tests.kit.desk import northside

PUT = "PUT /v1/accounts/7001"
# The clock of these tests stands at Monday 2 February 2026, 18:00 in New York.
LAST_WEEK = {
    "start": "2026-01-26T17:00",
    "end": "2026-01-27T08:00",
    "replace": "ann",
    "with": "bob",
}
JUST_OVER = {"start": "2026-02-02T17:00", "end": "2026-02-02T18:00", "remove": "bob"}
GOING_ON = {"start": "2026-02-02T17:30", "end": "2026-02-02T20:00", "remove": "ann"}
TO_COME = {"start": "2026-02-07T00:00", "end": "2026-02-08T00:00", "swap": ["ann", "bob"]}
CHRISTMAS = {
    "start": "2025-12-24T00:00",
    "end": "2025-12-27T00:00",
    "shifts": [{"contact": "bob"}],
}


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    async with serving(pool) as served:
        answer = await served.ask("lead", PUT, _document([LAST_WEEK, JUST_OVER, GOING_ON, TO_COME]))
        assert answer.status_code == 200, answer.text
        yield served


def _document(overrides: list[dict[str, Any]], **schedule: object) -> dict[str, Any]:
    document = deepcopy(northside())
    document["schedules"][0] |= {"overrides": overrides, "temporary": [CHRISTMAS], **schedule}  # type: ignore[index]
    return document


REFUSED = {
    "one that was changed": ([LAST_WEEK | {"with": "cho"}, JUST_OVER], ".overrides[0]"),
    "one that was prolonged": (
        [LAST_WEEK, JUST_OVER | {"end": "2026-02-03T08:00"}],
        ".overrides[1]",
    ),
    "one that was left out": ([LAST_WEEK], ".overrides"),
    "one that ended this minute": ([LAST_WEEK, TO_COME], ".overrides"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_an_override_that_has_ended_is_neither_changed_nor_removed(
    api: Api, case: str
) -> None:
    overrides, place = REFUSED[case]
    answer = await api.ask("lead", PUT, _document(overrides))
    assert (answer.status_code, answer.json()["code"]) == (409, "past_is_read_only")
    assert [error["place"] for error in answer.json()["errors"]] == [f"body.schedules[0]{place}"]
    assert (await api.ask("lead", f"{PUT}?dry_run=true", _document(overrides))).status_code == 409


async def test_the_words_name_the_override_and_its_span(api: Api) -> None:
    answer = await api.ask("admin", PUT, _document([JUST_OVER]))
    assert answer.json()["errors"][0]["words"] == (
        "the override (replace ann with bob) of 2026-01-26 17:00 to 2026-01-27 08:00 has ended and"
        " may not be changed or removed"
    )


async def test_a_temporary_schedule_that_has_ended_is_not_changed(api: Api) -> None:
    past = [LAST_WEEK, JUST_OVER]
    for changed in ([], [CHRISTMAS | {"shifts": []}]):
        answer = await api.ask("lead", PUT, _document(past, temporary=changed))
        assert (answer.status_code, answer.json()["code"]) == (409, "past_is_read_only")
        assert "the temporary schedule of 2025-12-24 00:00" in answer.text


async def test_what_goes_on_or_is_to_come_may_be_changed(api: Api) -> None:
    shorter = GOING_ON | {"end": "2026-02-02T19:00"}
    answer = await api.ask("lead", PUT, _document([JUST_OVER, shorter, LAST_WEEK]))
    assert (answer.status_code, answer.json()["version"]) == (200, 3)


async def test_what_is_new_may_be_past_and_a_schedule_takes_its_past_along(api: Api) -> None:
    older = {"start": "2026-01-01T00:00", "end": "2026-01-02T00:00", "remove": "bob"}
    assert (await api.ask("lead", PUT, _document([older, LAST_WEEK, JUST_OVER]))).is_success
    assert (await api.ask("lead", PUT, _document([], name="Nights", temporary=[]))).is_success


async def test_a_document_of_a_new_account_may_hold_the_past(api: Api) -> None:
    document = _document([LAST_WEEK]) | {"account": "7009"}
    assert (await api.ask("lead", "PUT /v1/accounts/7009", document)).is_success
