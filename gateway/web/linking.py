"""Links of the OpenAPI document: which calls an answer leads to, and by which of its values.

Programs that walk the API find their way by them, and so do the tests that call it at random.
"""

from collections.abc import Mapping
from typing import Any, Final

_UCN: Final = {"ucn": "$response.body#/ucn"}
_JOB: Final = {"job": "$response.body#/jobs/0/id"}
_THIS_JOB: Final = {"job": "$response.body#/id"}
_ACCOUNT: Final = {"account": "$request.path.account"}
_MESSAGE: Final = "/v1/messages/{ucn}"
_OF_MESSAGE: Final = {
    **{f"GET {_MESSAGE}{rest}": _UCN for rest in ("", "/history", "/history/verify", "/why")},
    f"GET {_MESSAGE}/recording": _UCN,
    **{f"POST {_MESSAGE}/{rest}": _UCN for rest in ("annotations", "park", "resend", "deliver")},
}
_OF_PARK: Final = {
    f"POST {_MESSAGE}/park/{rest}": {"ucn": "$request.path.ucn"}
    for rest in ("claim", "release", "close")
}
_WORK: Final = ("claim", "release", "resume", "cue", "target", "schedule", "outcome", "cancel")
_OF_SPECIAL: Final = {
    f"POST /v1/accounts/{{account}}/specials/{{special}}/{verdict}": {
        **_ACCOUNT,
        "special": "$response.body#/id",
    }
    for verdict in ("approve", "reject")
}
_CASE: Final = {"case": "$response.body#/id"}
_OF_CASE: Final = {
    **{f"GET /v1/cases/{{case}}{rest}": _CASE for rest in ("", "/history", "/activities")},
    "GET /v1/cases/{case}/reviews/template": _CASE,
    **{
        f"POST /v1/cases/{{case}}/{rest}": _CASE
        for rest in ("assignments", "reviews", "comments", "owner", "close")
    },
}
_OF_ASSIGNMENT: Final = {
    f"POST /v1/cases/{{case}}/assignments/{{n}}/{rest}": {**_CASE, "n": "$response.body#/n"}
    for rest in ("return", "done")
}
_REVOKE: Final = "DELETE /v1/accounts/{account}/calendars/{calendar}"
# From a call and the status of its answer to the calls it leads to, each with its parameters.
_LINKS: Final[Mapping[tuple[str, str], Mapping[str, Mapping[str, str]]]] = {
    ("POST /v1/messages", "201"): {
        **_OF_MESSAGE,
        **{f"POST /v1/jobs/{{job}}/{word}": _JOB for word in _WORK},
    },
    (f"POST {_MESSAGE}/annotations", "201"): {f"POST {_MESSAGE}/park": _UCN},
    (f"POST {_MESSAGE}/park", "201"): _OF_PARK,
    (f"POST {_MESSAGE}/park/claim", "200"): _OF_PARK,
    (f"POST {_MESSAGE}/resend", "201"): {
        f"POST {_MESSAGE}/resend": {"ucn": "$request.path.ucn"},
        f"POST {_MESSAGE}/am-review": {"ucn": "$request.path.ucn"},
    },
    ("POST /v1/jobs/{job}/claim", "200"): {
        f"POST /v1/jobs/{{job}}/{word}": _THIS_JOB for word in _WORK
    },
    ("POST /v1/accounts/{account}/specials", "201"): _OF_SPECIAL,
    ("POST /v1/cases", "201"): _OF_CASE,
    ("POST /v1/cases/{case}/assignments", "201"): {**_OF_ASSIGNMENT, **_OF_CASE},
    ("POST /v1/accounts/{account}/calendars", "201"): {
        _REVOKE: {**_ACCOUNT, "calendar": "$response.body#/id"}
    },
}


def link(document: dict[str, Any]) -> None:
    """Add the links to the document; KeyError when one names a call or an answer it has not."""
    for (call, status), targets in _LINKS.items():
        answer = _operation(document, call)["responses"][status]
        answer["links"] = {
            _name(target): {
                "operationId": _operation(document, target)["operationId"],
                "parameters": dict(parameters),
            }
            for target, parameters in targets.items()
        }


def _operation(document: dict[str, Any], call: str) -> dict[str, Any]:
    method, _, path = call.partition(" ")
    found: dict[str, Any] = document["paths"][path][method.lower()]
    return found


def _name(call: str) -> str:
    """Name a link by its call: `POST /v1/jobs/{job}/claim` is `post_jobs_claim`."""
    method, _, path = call.partition(" ")
    parts = [one for one in path.split("/")[2:] if one and not one.startswith("{")]
    return "_".join((method.lower(), *parts))
