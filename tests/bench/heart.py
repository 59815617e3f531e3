"""`python -m tests.bench.heart`: what one decision of the pure heart costs, in µs of CPU.

No database and no wire: the states are built by the functions that take messages and decide. As in
the daemon, a batch is planned at one instant, the next one at another, each for many accounts. The
best of many passes counts, so that neighbours on the machine do not.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rich.console import Console
from rich.table import Table

from gateway.chance import SystemChance
from gateway.domain.absorb import absorb
from gateway.domain.accounts import Account
from gateway.domain.attempts import AttemptState
from gateway.domain.change import Change
from gateway.domain.content import Content
from gateway.domain.dispatch import next_step
from gateway.domain.documents import compile_account, document_from
from gateway.domain.events import Progress, Replied
from gateway.domain.messages import Priority
from gateway.domain.replies import Accept
from gateway.domain.state import State
from gateway.domain.taking import Intake, take
from tests.bench.town import document

NOON = datetime(2026, 2, 2, 17, 0, tzinfo=UTC)
_BATCH = 60
_FEW = 4
_ACCOUNTS = 20
_CHANCE = SystemChance()
_TEXT = Content("No heat, two children in the house", None, None, {})
Decision = Callable[[State, datetime], Change]


def _account(number: int, status: str) -> Account:
    """Return the town's account of that number, whose on-call is reached by `status`."""
    return compile_account(document_from(document(number, status), "bench"))


def fresh(status: str = "sms", many: int = _BATCH) -> list[State]:
    """Return messages just taken for many accounts, each with its one job due."""
    accounts = [_account(n, status) for n in range(_ACCOUNTS)]
    states = []
    for n in range(many):
        account = accounts[n % len(accounts)]
        intake = Intake(account.account, Priority.URGENT, _TEXT, "agent:1204", NOON)
        taken = take(intake, f"B{n:09d}", account, NOON, _CHANCE)
        states.append(State(taken.message, _TEXT, taken.jobs, (), account, 1, "https://d.example"))
    return states


def plan(state: State, now: datetime) -> Change:
    """Plan the message's job."""
    return next_step(state, state.jobs[-1].id, now, _CHANCE)


def written(state: State, change: Change) -> State:
    """Return the state as the store leaves it once the change and the carrier's yes are in."""
    rows = {one.id: one for one in (*state.attempts, *change.begun, *change.attempts)}
    jobs = {one.id: one for one in (*state.jobs, *change.jobs)}
    attempts = tuple(
        one._replace(state=AttemptState.SENT, sid=f"SID{one.id.hex}") if one.open else one
        for one in rows.values()
    )
    message = change.message or state.message
    return state._replace(message=message, jobs=tuple(jobs.values()), attempts=attempts)


def _newest(state: State) -> UUID:
    return state.attempts[-1].id


def unanswered(state: State, now: datetime) -> Change:
    """Absorb that the newest call was not answered."""
    return absorb(state, Progress(_newest(state), None, "no_answer"), now, _CHANCE)[0]


def delivered(state: State, now: datetime) -> Change:
    """Absorb the carrier's word that the newest text is on the phone."""
    return absorb(state, Progress(_newest(state), None, "delivered"), now, _CHANCE)[0]


def accepted(state: State, now: datetime) -> Change:
    """Absorb a reply that accepts."""
    attempt = state.attempts[-1]
    code = attempt.code or ""
    event = Replied(attempt.address, attempt.contact, Accept(code), f"{code} yes")
    return absorb(state, event, now, _CHANCE)[0]


def after(states: Sequence[State], decide: Decision, at: datetime = NOON) -> list[State]:
    """Return the states once that decision is written for each."""
    return [written(state, decide(state, at)) for state in states]


def cases() -> Mapping[str, tuple[Decision, list[State]]]:
    """Name each decision that is measured, with the states it is measured on."""
    texted = after(fresh("sms"), plan)
    called = after(fresh("call"), plan)
    return {
        "a fresh text": (plan, fresh("sms")),
        "a fresh call": (plan, fresh("call")),
        "a call unanswered": (unanswered, called),
        "the next person after it": (plan, after(called, unanswered)),
        "a text delivered": (delivered, texted),
        "a reply that accepts": (accepted, texted),
    }


def costs(measured: Mapping[str, tuple[Decision, list[State]]], passes: int) -> dict[str, float]:
    """Return what each decision takes on average in µs, from the best passes over a few each.

    The passes take turns, so that a slow minute of the machine is everybody's; few decisions are
    timed at once, so that each has a pass in which nobody disturbed it.
    """
    best = {name: [float("inf")] * (_BATCH // _FEW) for name in measured}
    for number in range(passes):
        now = NOON + timedelta(minutes=1, microseconds=7919 * number)
        for name, (decide, states) in measured.items():
            for place in range(_BATCH // _FEW):
                few = states[place * _FEW : (place + 1) * _FEW]
                began = time.process_time()
                for state in few:
                    decide(state, now)
                best[name][place] = min(best[name][place], time.process_time() - began)
    return {name: sum(times) / _BATCH * 1e6 for name, times in best.items()}


def _turn(turns: int = 20_000) -> float:
    """Return the least time of one trivial turn of a loop, in ns: the measure of the machine."""
    best = float("inf")
    for _ in range(100):
        began = time.process_time()
        for _ in range(turns):
            pass
        best = min(best, time.process_time() - began)
    return best / turns * 1e9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.heart", description=__doc__)
    parser.add_argument("--passes", type=int, default=200)
    found = costs(cases(), parser.parse_args().passes)
    table = Table(title=f"a trivial turn of a loop: {_turn():.1f} ns")
    table.add_column("one decision")
    table.add_column("µs of CPU", justify="right")
    for name, value in found.items():
        table.add_row(name, f"{value:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
