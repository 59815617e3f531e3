"""The control API of the simulator's own process: faults, people, texts and links, as JSON.

POST /control/people {phone: {calls, texts}} · /control/faults (see `set_faults`) ·
/control/text {from, body, to?} · /control/link {phone, tap} · /control/public {url} ·
/control/refuse {for}; GET /control/log · /control/ledger (what was asked
of it, with the callbacks) · /control/state.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from adapters.simulator.carrier import Carrier
from adapters.simulator.faults import KINDS, Fault, Faults, Kind
from adapters.simulator.people import People, PeopleError, length

LENGTHS = ("latency", "late_by", "disorder_span")
UNTIL = {"down_for": "down_until", "lose_callbacks_for": "lose_callbacks_until"}
RATES = ("lost", "late", "doubled", "disordered")
FLAGS = ("early", "forged", "slow_calls_only")


class ControlError(ValueError):
    """A control request that makes no sense; its words say why."""


def set_faults(faults: Faults, wanted: Mapping[str, Any], now: datetime) -> None:
    """Change the named faults; `{"clear": true}` ends all first.

    down_for, lose_callbacks_for, latency, late_by, disorder_span: durations; queue: a list of
    {kind, retry_after?}; rates: kind → probability; lost, late, doubled, disordered:
    probabilities; early, forged, slow_calls_only: booleans. ControlError names what is wrong.
    """
    if wanted.get("clear"):
        _clear(faults)
    for name, value in wanted.items():
        if name in UNTIL:
            setattr(faults, UNTIL[name], now + length(value, name))
        elif name in READERS:
            setattr(faults, name, READERS[name](value, name))
        elif name == "queue":
            faults.queue.extend(_fault(item) for item in value)
        elif name != "clear":
            raise ControlError(f"no fault is called {name}")


async def control(carrier: Carrier, what: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Do what a control request asks; ControlError says why it cannot be done."""
    try:
        return await _do(carrier, what, wanted)
    except KeyError as fault:
        raise ControlError(f"{fault.args[0]} is missing") from fault
    except (PeopleError, LookupError) as fault:
        raise ControlError(str(fault)) from fault


async def _do(carrier: Carrier, what: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    match what:
        case "people":
            carrier.people.by_phone.update(People.read(wanted).by_phone)
        case "faults":
            set_faults(carrier.faults, wanted, carrier.clock())
        case "text":
            await carrier.text_from(wanted["from"], wanted["body"], wanted.get("to"))
        case "link":
            tap = bool(wanted.get("tap"))
            status, page = await carrier.open_link(wanted["phone"], tap=tap)
            return {"status": status, "page": page}
        case "public":
            carrier.core.options = replace(carrier.core.options, public=str(wanted["url"]))
        case _:
            return report(carrier, what)
    return {"done": what}


def report(carrier: Carrier, what: str) -> dict[str, Any]:
    """Tell what left (`log`), or what is still to come (`state`)."""
    if what == "log":
        return {
            "calls": [_plain(asdict(line)) for line in carrier.calls],
            "texts": [_plain(asdict(line)) for line in carrier.texts],
        }
    if what == "ledger":
        return {"entries": [_plain(asdict(entry)) for entry in carrier.ledger()]}
    if what == "state":
        state = {"now": carrier.clock(), "next_instant": carrier.next_instant()}
        return {**_plain(state), "quiet": carrier.quiet()}
    raise ControlError(f"there is no control called {what}")


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in line.items()}


def _clear(faults: Faults) -> None:
    fresh = Faults(seed=faults.seed)
    for name in (*LENGTHS, *UNTIL.values(), *RATES, *FLAGS, "queue", "rates", "retry_after"):
        setattr(faults, name, getattr(fresh, name))


def _rate(value: object, name: str) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ControlError(f"{name} is a probability from 0 to 1")
    return float(value)


def _fault(item: Mapping[str, Any]) -> Fault:
    kind = next((known for known in KINDS if known == item.get("kind")), None)
    if kind is None:
        raise ControlError(f"a fault's kind is one of {', '.join(KINDS)}")
    return Fault(kind, int(item.get("retry_after", 1)))


def _rates(value: Mapping[str, object], _: str) -> dict[Kind, float]:
    return {_fault({"kind": kind}).kind: _rate(rate, kind) for kind, rate in value.items()}


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise ControlError(f"{name} is true or false")
    return value


READERS: dict[str, Callable[[Any, str], object]] = {
    **dict.fromkeys(LENGTHS, length),
    **dict.fromkeys(RATES, _rate),
    **dict.fromkeys(FLAGS, _flag),
    "rates": _rates,
}
