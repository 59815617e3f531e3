"""Every `curl` of the page about the API is made, in its order: it is understood, by that role."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from tests.kit.api import Api

TOP: Final = Path(__file__).parents[2]
PAGE: Final = TOP / "docs/api.md"
_CURL: Final = re.compile(r"^    (curl .*(?:\n      .*)*)$", re.MULTILINE)
# It goes on for ever; tests/web/test_events.py and tests/processes/test_events.py hear it.
_STREAM: Final = "/v1/events"
NOBODYS: Final = "11111111-1111-4111-8111-111111111111"
NAMED: Final = {"manager": "account_manager", "dispatcher": "dispatcher:D-31"}
# What this story gives no cause for, and what is said then.
REFUSED: Final = {
    "GET /v1/messages/49000001/recording": "no_recording",
    "POST /v1/jobs/$JOB/cancel": "job_ended",
    "POST /v1/messages/49000001/park/close": "not_parked",
    "POST /v1/reviews/$REVIEW/approve": "unknown_review",
    "POST /v1/reviews/$REVIEW/waive": "unknown_review",
    "POST /v1/reviews/$REVIEW/fix": "unknown_review",
    "POST /v1/posts/$POST/approve": "unknown_post",
    "POST /v1/posts/$POST/retry": "unknown_post",
    "POST /v1/posts/$POST/dismiss": "unknown_post",
    "GET /v1/accounts/7003": "unknown_account",
    "POST /v1/phones/+12025550101/restore": "not_suspended",
    "POST /v1/messages/49000001/am-review": "not_flagged",
    "POST /v1/messages/49000001/erase": "still_open",
}


class Call(NamedTuple):
    """A request as a line of the page makes it."""

    who: str | None
    call: str
    body: object
    headers: dict[str, str]


def calls(text: str) -> Iterator[Call]:
    """Yield what each curl asks."""
    for found in _CURL.findall(text):
        call = _call(shlex.split(found))
        if not call.call.endswith(_STREAM):
            yield call


def _call(words: list[str]) -> Call:
    method, url, body, who, headers = "", "", None, None, {}
    rest = iter(words[1:])
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-d":
                body = _body(next(rest))
                method = method or "POST"
            case "-H":
                name, _, value = next(rest).partition(": ")
                if value:
                    headers[name] = value
                elif name != "$J":
                    who = name.removeprefix("$").lower()
            case "-i" | "-N":
                pass
            case _:
                url = word.removeprefix("$H")
    return Call(who and NAMED.get(who, who), f"{method or 'GET'} {url}", body, headers)


def _body(text: str) -> object:
    if text.startswith("@"):
        example = TOP / "deploy/examples" / f"{text[1:].removesuffix('.json')}.yaml"
        return yaml.safe_load(example.read_text(encoding="utf-8"))
    return json.loads(text)


def place(ids: dict[str, str], call: str) -> str:
    """Put in what the page writes as `$JOB`; what is not there in this story, as no id at all."""
    return re.sub(r"\$([A-Z]+)", lambda name: ids.get(name[1], NOBODYS), call)


def learn(ids: dict[str, str], call: str, said: Any) -> None:  # noqa: ANN401 - JSON
    """Keep the ids that an answer gives, as the page's reader would."""
    match call.partition("?")[0].split("/"):
        case ["POST ", "v1", "messages"]:
            ids["JOB"] = said["jobs"][0]["id"]
        case ["POST ", "v1", "accounts", _, "specials" | "calendars" as kind]:
            ids[kind.removesuffix("s").upper()] = said["id"]


async def test_every_call_of_the_page_is_understood(api: Api) -> None:
    """In the page's order, by whom it says; what has no cause here is refused, and says so."""
    await api.take("49000002")
    ids: dict[str, str] = {}
    refused = {}
    for one in calls(PAGE.read_text(encoding="utf-8")):
        call = place(ids, one.call)
        answer = await api.ask(one.who, call, one.body, headers=one.headers)
        if answer.is_success:
            if answer.content.startswith(b"{"):
                learn(ids, call, answer.json())
        else:
            refused[one.call] = answer.json()["code"]
    assert refused == REFUSED
    assert set(ids) == {"JOB", "SPECIAL", "CALENDAR"}


def test_a_line_of_the_page_is_read_as_a_shell_reads_it() -> None:
    text = """
    curl -X PUT "$H/v1/x?a=b" -H "$MANAGER" -H "$J" -H 'Idempotency-Key: k' -d '{"a":
      "b c"}'
    curl -N $H/v1/events -H "$AGENT"
    curl $H/healthz
"""
    assert list(calls(text)) == [
        Call("account_manager", "PUT /v1/x?a=b", {"a": "b c"}, {"Idempotency-Key": "k"}),
        Call(None, "GET /healthz", None, {}),
    ]
