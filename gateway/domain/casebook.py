"""The casebook: teams, whom a mention reaches, and what else about cases an operator decides (S4).

It is one document with a version; who changes it names the version they read.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.domain.matters import Sink

VOIDED: Final = "Case Voided"
OWNERS: Final = "Support"
_GAPS: Final = re.compile(r"[\s_-]+")
_TEMPLATE: Final = """\
Current status: {status}
Pending action items: {pending}
Owners: {owners}"""


@dataclass(frozen=True, slots=True)
class Team:
    """A team, and what it takes: assignments, or whole cases as a queue that owns them (S4-25).

    `voids`: what it sends back is closed as `Case Voided` (S4-14). `referred`: what it gets names
    the account manager and the sales manager (S4-27).
    """

    name: str
    takes: Literal["assignments", "cases"] = "assignments"
    voids: bool = False
    referred: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """Whom a mention of a team reaches: addresses, or an alert sink when it has none (S4-15)."""

    name: str
    also: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    sink: Sink = "lead"


def _usual_teams() -> tuple[Team, ...]:
    """Return the teams that the rules name (S4-03, S4-04, S4-14, S4-15, S4-25)."""
    others = ("DP", "Compliance", "C&T", "Risk", "Revenue Protection", "O&M", "Legal")
    return (
        Team(OWNERS, takes="cases"),
        Team("Back Office", takes="cases"),
        Team("Resolution Specialist", voids=True),
        Team("Sales", referred=True),
        *(Team(name) for name in (*others, "Account Manager", "IT")),
    )


def _usual_tags() -> tuple[Tag, ...]:
    """Return the tags of S4-15, which reach nobody by e-mail until somebody says whom."""
    plain = ("Sales", "Risk", "Revenue Protection", "Compliance", "Legal")
    return (*(Tag(name) for name in plain), Tag("O&M", also=("Omnidian", "Workout Plans")))


@dataclass(frozen=True, slots=True)
class Casebook:
    """What an operator decides about cases.

    `people`: e-mail addresses by the name a person's token has. `stale_days`: an open case that
    was not reviewed for longer is stale (S4-24). `template`: what a log review is prefilled with
    (S4-17); `{status}`, `{pending}` and `{owners}` are filled in. `unknown_installers`: take the
    named contact of an installer that is not registered, or refuse the case (S4-12).
    """

    teams: tuple[Team, ...] = field(default_factory=_usual_teams)
    tags: tuple[Tag, ...] = field(default_factory=_usual_tags)
    people: dict[str, str] = field(default_factory=dict)
    stale_days: int = 7
    template: str = _TEMPLATE
    unknown_installers: Literal["take", "refuse"] = "take"

    def team(self, name: str) -> Team | None:
        """Return the team of that name; case, dashes and blanks do not tell names apart."""
        return next((one for one in self.teams if folded(one.name) == folded(name)), None)


def folded(name: str) -> str:
    """Return a name as names are compared."""
    return _GAPS.sub(" ", name).strip().casefold()
