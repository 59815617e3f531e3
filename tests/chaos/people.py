"""The scripted people of a chaos run: three to a client, each with a phone and a way with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.kit.desk import northside

ALWAYS: Final = "Mon-Sun 00:00-24:00"
NAMES: Final = ("ann", "bob", "cho")
CUE, LIMIT, WAIT = "10s", "30s", "5s"
_FIRST_PHONE: Final = 2_025_000_000
# What a person does with a call: how often it is drawn.
_CALLS: Final[Mapping[str, int]] = {
    "accept": 8,
    "pass": 3,
    "no_answer": 3,
    "busy": 2,
    "machine": 3,
    "hang_up": 1,
    "failed": 1,
}
# What nobody does who never accepts; and what takes half a minute, where time is short.
_YES: Final = frozenset({"accept", "code"})
_SLOW: Final = frozenset({"machine", "hang_up", "silent"})
_TEXTS: Final[Mapping[str, int]] = {"code": 8, "no": 3, "silent": 3, "undelivered": 1, "mumble": 1}


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody on call: how they are reached, what they do, whether they ever accept."""

    name: str
    phone: str
    method: str
    script: Mapping[str, Sequence[Mapping[str, Any]]]
    accepts: bool
    taps: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A client account and its people, in the order in which they are tried."""

    account: str
    people: tuple[Resident, ...]

    def document(self) -> dict[str, object]:
        """Return its account document: short rounds, so that a run sees several."""
        ann, bob, cho = self.people
        shifts = [
            {"contact": ann.name, "role": "oncall", "status": ann.method, "weekly": ALWAYS},
            {"contact": bob.name, "role": "backup", "status": bob.method, "weekly": ALWAYS},
        ]
        steps = [
            {"reach": "oncall", "wait": WAIT},
            {"reach": "backup", "wait": WAIT},
            {"reach": "permanent"},
        ]
        steps = [step if self._texted(step) else {"reach": step["reach"]} for step in steps]
        protocol = {
            "name": "all",
            "cue": CUE,
            "limit": LIMIT,
            "ring": "5s",
            "voicemail": "hang_up",
            "steps": steps,
        }
        return northside(
            self.account,
            contacts={p.name: {"name": p.name.title(), "phone": p.phone} for p in self.people},
            schedules=[{"name": "OnCall", "shifts": shifts}],
            permanent=[{"contact": cho.name, "status": cho.method}],
            protocols=[protocol],
        )

    def _texted(self, step: Mapping[str, str]) -> bool:
        place = {"oncall": 0, "backup": 1, "permanent": 2}[step["reach"]]
        return self.people[place].method != "call"


def clients(chance: Random, many: int, *, willing: bool = False) -> tuple[Client, ...]:
    """Make up that many clients; unless all are `willing`, for one in twelve nobody accepts."""
    return tuple(_client(chance, number, willing=willing) for number in range(many))


def _client(chance: Random, number: int, *, willing: bool) -> Client:
    nobody = chance.random() < 1 / 12
    left_out = _SLOW if willing else _YES if nobody else frozenset()
    people = tuple(
        _resident(chance, name, 3 * number + place, left_out) for place, name in enumerate(NAMES)
    )
    return Client(f"{7001 + number}", people)


def _resident(chance: Random, name: str, number: int, left_out: frozenset[str]) -> Resident:
    nobody, last = left_out == _YES, name == NAMES[-1]
    method = "call" if last else chance.choice(["call", "call", "call", "sms", "sms", "secure"])
    phone = f"+1{_FIRST_PHONE + number}"
    if method == "secure":
        taps = not nobody and (chance.random() < 0.6 or left_out == _SLOW)
        return Resident(name, phone, method, {"texts": [_text("silent", chance)]}, taps, taps)
    family = _CALLS if method == "call" else _TEXTS
    script = _call if method == "call" else _text
    kinds = [_drawn(chance, family, left_out) for _ in range(chance.randint(1, 2))]
    if last and not nobody:
        kinds[-1] = "accept"  # somebody does, in the end
    key = "calls" if method == "call" else "texts"
    accepts = bool(_YES & {*kinds})
    return Resident(name, phone, method, {key: [script(one, chance) for one in kinds]}, accepts)


def _drawn(chance: Random, family: Mapping[str, int], left_out: frozenset[str]) -> str:
    kinds = [one for one in family if one not in left_out]
    return chance.choices(kinds, [family[one] for one in kinds])[0]


def _call(kind: str, chance: Random) -> dict[str, Any]:
    after = f"{chance.uniform(0.2, 3):.1f}s"
    pressed = {"accept": "1", "pass": "2"}.get(kind)
    if pressed:
        # Presses until it is heard, however slow the host or the far side.
        keys = [{"after": f"{n}s", "press": pressed} for n in (0.8, 3, 5.5, 8, 11, 14, 18, 24)]
        return {"answer_after": after, "keys": keys}
    return {
        "no_answer": {"no_answer": True},
        "busy": {"busy": True},
        "failed": {"failed": "13224"},
        "machine": {"voicemail_after": after, "greeting": "1s"},
        "hang_up": {"answer_after": after, "hang_up_after": "1s"},
    }[kind]


def _text(kind: str, chance: Random) -> dict[str, Any]:
    soon = {"delivered_after": "0.4s", "reply_after": f"{chance.uniform(0.3, 6):.1f}s"}
    return {
        "code": {**soon, "reply": "{code} OK"},
        "no": {**soon, "reply": "{code} NO"},
        "silent": {"delivered_after": "0.4s"},
        "undelivered": {"undelivered": "30003"},
        "mumble": {**soon, "reply": "who is this"},
    }[kind]
