"""Canned texts: `/dispatch escalation`, `/dispatch update`, `/dispatch resolve` (S0-02, 13, 15).

Wording that has left is on record by its version: a change of words is a new version at the end of
its row, and the older ones stay.
"""

from string import Template
from typing import Final, NamedTuple


class Canned(NamedTuple):
    """A text by its name; `name` and `version` together always mean the same words."""

    name: str
    version: int
    subject: str
    body: str

    @property
    def wording(self) -> str:
        """How history names the words, such as `/dispatch update 1`."""
        return f"{self.name} {self.version}"

    def filled(self, **words: str) -> tuple[str, str]:
        """Return subject and body with every place filled; KeyError where a word is missing."""
        one_line = {name: " ".join(word.split()) for name, word in words.items()}
        subject = Template(self.subject).substitute(one_line)
        return subject, Template(self.body).substitute(words)


_ESCALATION: Final = (
    Canned(
        "/dispatch escalation",
        1,
        "",
        "Full name:\n"
        "Company (Allstate or a vendor like PILOT):\n"
        "Phone number:\n"
        "Email address:\n"
        "Issue / question:\n",
    ),
)
_UPDATE: Final = (
    Canned(
        "/dispatch update",
        1,
        "Your request: $subject",
        "Hello $full_name,\n\n"
        "thank you for your call. Your request has been handed to our product team, who are "
        "looking into it now. You need do nothing; we write to you as soon as they have it in "
        "hand.\n\n"
        "Reference: $reference\n",
    ),
)
_RESOLVE: Final = (
    Canned(
        "/dispatch resolve",
        1,
        "Your request: $subject",
        "Hello $full_name,\n\n"
        "our product team has confirmed that your request has reached them and that they see to "
        "it from here. We close our ticket with this; please call us if you need anything else."
        "\n\n"
        "Reference: $reference\n",
    ),
)
_RESOLVE_INCIDENT: Final = (
    Canned(
        "/dispatch resolve incident",
        1,
        "Your request: $subject",
        "Hello $full_name,\n\n"
        "your call was about a disturbance that others had told us of, too. The people who keep "
        "the service running have been told at once and see to it. We close our ticket with this; "
        "please call us if you need anything else.\n\n"
        "Reference: $reference\n",
    ),
)
_ROWS: Final = (_ESCALATION, _UPDATE, _RESOLVE, _RESOLVE_INCIDENT)
CANNED: Final = {versions[-1].name: versions[-1] for versions in _ROWS}
ESCALATION: Final = _ESCALATION[-1]
UPDATE: Final = _UPDATE[-1]
RESOLVE: Final = _RESOLVE[-1]
RESOLVE_INCIDENT: Final = _RESOLVE_INCIDENT[-1]
