"""What a message says: the only details that ever leave the house (S3-09)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """A message's details as the agent took them.

    `caller_phone` is what the caller gave, mostly E.164; `fields` are the form's, by key, in order.
    """

    text: str
    caller_name: str | None
    caller_phone: str | None
    fields: Mapping[str, str]
