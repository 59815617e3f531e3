"""Idempotency keys as requests carry them (CONTRACT section 5)."""

import hashlib
from typing import Annotated, Final
from uuid import UUID

import orjson
from fastapi import Header
from pydantic import BaseModel

from gateway.domain.deeds import Person
from gateway.store.idempotency import Keyed
from gateway.web.problems import ProblemError

_SINCE = ("recording_url",)
KEY: Final = r"^[\x21-\x7e]{1,255}$"
IdempotencyKey = Annotated[str | None, Header(pattern=KEY)]


def keyed(who: Person, key: str, body: BaseModel, of: str = "", about: UUID | None = None) -> Keyed:
    """Return whose key it is, with the fingerprint of the request; `of` is what the path names.

    `about`: the case, hand-off, field job or customer whose words the answer repeats.
    """
    # What an older program did not know does not count unless it is there.
    left_out = {name for name in _SINCE if getattr(body, name, "") is None}
    shape = body.model_dump(mode="json", exclude=left_out)
    text = orjson.dumps(shape, option=orjson.OPT_SORT_KEYS)
    return Keyed(who.actor, key, hashlib.sha256(of.encode() + text).hexdigest(), about)


def reused() -> ProblemError:
    """Return the refusal of a key that was used for another request."""
    words = "the Idempotency-Key was used for another request"
    return ProblemError(422, "idempotency_mismatch", words)
