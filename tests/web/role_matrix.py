"""The one table of who may make which call; a call that is missing in it fails a test."""

from typing import Final

# Roles by their first letters, as a row shows them.
LETTERS: Final = {
    "a": "agent",
    "d": "dispatcher",
    "l": "lead",
    "w": "wfm",
    "m": "account_manager",
    "t": "technician",
    "A": "admin",
}
EVERYBODY: Final = "without a token, too"
# Call and roles. An account manager (m) may read what is flagged; a query makes a row show that.
MATRIX: Final = {
    "POST /v1/messages": "a d l A",
    "GET /v1/messages": "a d l A",
    "GET /v1/messages?flagged=true": "a d l m A",
    "GET /v1/messages/{ucn}": "a d l m A",
    "GET /v1/messages/{ucn}/history": "a d l m A",
    "GET /v1/messages/{ucn}/history/verify": "a d l A",
    "GET /v1/messages/{ucn}/why": "a d l m A",
    "GET /v1/messages/{ucn}/recording": "d l m A",
    "POST /v1/messages/{ucn}/deliver": "d l A",
    "POST /v1/messages/{ucn}/annotations": "a d l A",
    "POST /v1/messages/{ucn}/park": "a d l A",
    "POST /v1/messages/{ucn}/park/claim": "d l A",
    "POST /v1/messages/{ucn}/park/release": "d l A",
    "POST /v1/messages/{ucn}/park/close": "d l A",
    "POST /v1/messages/{ucn}/resend": "a d l A",
    "POST /v1/messages/{ucn}/am-review": "m A",
    "PATCH /v1/messages/{ucn}": "a d l A",
    "GET /v1/reviews": "d l A",
    "POST /v1/reviews/{review}/approve": "d l A",
    "POST /v1/reviews/{review}/waive": "d l A",
    "POST /v1/reviews/{review}/fix": "d l A",
    "GET /v1/agents": "d l A",
    "GET /v1/mistakes": "l A",
    "POST /v1/mistakes": "d l A",
    "GET /v1/mistakes/report": "l A",
    "GET /v1/mistake-types": "d l A",
    "POST /v1/mistake-types": "l A",
    "GET /v1/calls": "a d l A",
    "GET /v1/parks": "a d l A",
    "GET /v1/jobs": "a d l A",
    "POST /v1/jobs/{job}/claim": "d l A",
    "POST /v1/jobs/{job}/release": "d l A",
    "POST /v1/jobs/{job}/resume": "d l A",
    "POST /v1/jobs/{job}/cue": "d l A",
    "POST /v1/jobs/{job}/target": "d l A",
    "POST /v1/jobs/{job}/schedule": "d l A",
    "POST /v1/jobs/{job}/outcome": "d l A",
    "POST /v1/jobs/{job}/cancel": "d l A",
    "PUT /v1/accounts/{account}": "l A",
    "GET /v1/accounts/{account}": "d l A",
    "GET /v1/accounts/{account}/oncall": "a d l A",
    "GET /v1/accounts/{account}/coverage": "a d l A",
    "GET /v1/accounts/{account}/history": "a d l A",
    "POST /v1/accounts/{account}/specials": "a d l A",
    "GET /v1/accounts/{account}/specials": "a d l A",
    "POST /v1/accounts/{account}/specials/{special}/approve": "d l A",
    "POST /v1/accounts/{account}/specials/{special}/reject": "d l A",
    "POST /v1/accounts/{account}/calendars": "l A",
    "GET /v1/accounts/{account}/calendars": "l A",
    "DELETE /v1/accounts/{account}/calendars/{calendar}": "l A",
    "PUT /v1/sessions/{name}": "l w A",
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /metrics": EVERYBODY,
}


def roles_of(call: str) -> set[str]:
    """Return the roles that may make a call."""
    row = MATRIX[call]
    return {*LETTERS.values()} if row == EVERYBODY else {LETTERS[one] for one in row.split()}
