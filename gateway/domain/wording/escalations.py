"""What technicians and dispatchers are told of market escalations (S2-28)."""

from typing import Final

from gateway.domain.wording import phrases

_NAME: Final = 60
_STORY: Final = 240
_NUMBER: Final = 40


def left_behind(reason: str, contact: str) -> str:
    """Tell a technician what they left behind, on one line that one text can hold."""
    story = _short(reason, _STORY).rstrip(".")
    return (
        f"You left items behind at your last job: {story}. "
        f"Customer: {_short(contact, _NUMBER)}. They will be dealt with tomorrow."
    )


def left_behind_unsaid(job: str) -> str:
    """Tell a technician to call, where texts carry no details (`phi`)."""
    return f"You left items behind at your last job: please call dispatch, job {job}."


def technician_not_told(name: str) -> str:
    """Have somebody call the technician who left items behind."""
    named = _short(name, _NAME)
    return f"Technician {named} left items behind and could not be texted: please call them."


def _short(words: str, most: int) -> str:
    return phrases.shortened(phrases.one_line(words), most)
