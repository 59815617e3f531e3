"""Webhooks as the carrier, or somebody else, sends them."""

from collections.abc import Mapping

import httpx
from twilio.request_validator import RequestValidator

from tests.kit.programs import Daemon
from tests.kit.real_house import TOKEN


def post(
    daemon: Daemon, path: str, form: Mapping[str, str], *, token: str | None = TOKEN
) -> httpx.Response:
    """Send a webhook, signed with a token or not at all."""
    url = f"{daemon.url}{path}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if token is not None:
        headers["X-Twilio-Signature"] = RequestValidator(token).compute_signature(url, dict(form))
    body = str(httpx.QueryParams(dict(form)))
    return daemon.web.post(url, content=body, headers=headers, timeout=20)
