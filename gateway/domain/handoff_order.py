"""The order of a hand-off, as one table: what each step needs before it (S0-04 to S0-16)."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.domain.deeds import RefusedError
from gateway.domain.handoff_facts import (
    DEV_HAND_OFF,
    OUTSIDE_SUPPORT,
    PENDING,
    SUPPORT_ASSISTANCE,
    Handoff,
    NotReadyError,
)


class Step(StrEnum):
    """What a person does to a ticket, in the manual's order."""

    NOTE = "note"
    PRODUCT = "product"
    CUSTOMER_UPDATE = "customer_update"
    ACK = "ack"
    CLOSING = "closing"
    RESOLVE = "resolve"

    __hash__ = str.__hash__


class Need(NamedTuple):
    """One thing that must stand: its name, whether it does, and how to say that it does not."""

    name: str
    met: Callable[[Handoff], bool]
    words: str


def _is(name: str, wanted: str) -> Need:
    return Need(name, lambda ticket: getattr(ticket, name) == wanted, f'{name} must be "{wanted}"')


def _filled(name: str) -> Need:
    words = f"{name} must be filled in"
    return Need(name, lambda ticket: bool((getattr(ticket, name) or "").strip()), words)


_CALL: Final = Need("call_ended", lambda one: one.call_ended_at is not None, "the call goes on")
_NOTE: Final = Need("note", lambda one: one.note is not None, "no private note is published")
_NO_INCIDENT: Final = Need(
    "no_major_incident",
    lambda one: not one.major_incident,
    "a major incident goes by the incident protocol and is not handed off",
)
_RESOLUTION: Final = _is("final_resolution", DEV_HAND_OFF)
_PRODUCT: Final = Need("product", lambda one: one.handed_off, "the product is not set")
_UPDATE: Final = Need(
    "customer_update",
    lambda one: one.customer_mail is not None and one.customer_mail.stands,
    "the customer was not written to",
)
_ACK: Final = Need("ack", lambda one: one.acked_at is not None, "the product team did not confirm")
_CLOSING: Final = Need(
    "closing",
    lambda one: one.closing_mail is not None and one.closing_mail.stands,
    "no closing mail was sent",
)
_ACCEPTED: Final = Need(
    "closing_accepted",
    lambda one: one.closing_mail is not None and one.closing_mail.state == "sent",
    "the mail server has not accepted the closing mail",
)
_FORM: Final = (
    *map(_filled, ("contact", "company", "subject")),
    _is("status", PENDING),
    _is("type", SUPPORT_ASSISTANCE),
    _is("waiting_on", OUTSIDE_SUPPORT),
)
_LOGGED: Final = (_CALL, _NOTE)
# What each step adds to the one before it.
_NEEDS: Final[Mapping[Step, tuple[Need, ...]]] = MappingProxyType(
    {
        Step.NOTE: (_CALL,),
        Step.PRODUCT: (_NOTE, *_FORM, _NO_INCIDENT),
        Step.CUSTOMER_UPDATE: (_PRODUCT,),
        Step.ACK: (_UPDATE,),
        Step.CLOSING: (_ACK,),
        Step.RESOLVE: (_CLOSING, _ACCEPTED),
    }
)
# An incident is closed with the customer alone: nobody in the product team was written to.
_OF_INCIDENT: Final[Mapping[Step, tuple[Need, ...]]] = MappingProxyType(
    {**_NEEDS, Step.CLOSING: _LOGGED, Step.RESOLVE: (*_LOGGED, _CLOSING, _ACCEPTED)}
)
_ORDER: Final = tuple(Step)


def missing(ticket: Handoff, step: Step) -> tuple[Need, ...]:
    """Return what stands between the ticket and a step, first things first; () where nothing."""
    return tuple(need for need in _needs(ticket, step) if not need.met(ticket))


def next_step(ticket: Handoff) -> Step | None:
    """Return the first step that is still to be done; None once the ticket is resolved."""
    if ticket.resolved_at is not None:
        return None
    done = {Step.NOTE: _NOTE, Step.PRODUCT: _PRODUCT, Step.CUSTOMER_UPDATE: _UPDATE, Step.ACK: _ACK}
    done[Step.CLOSING] = _CLOSING
    steps = (Step.NOTE, Step.CLOSING) if ticket.major_incident else done
    return next((one for one in steps if not done[one].met(ticket)), Step.RESOLVE)


def ready(ticket: Handoff, step: Step) -> None:
    """Raise NotReadyError, naming what is missing; RefusedError for a ticket that is resolved."""
    if ticket.resolved_at is not None:
        raise already_resolved()
    if lacks := missing(ticket, step):
        raise NotReadyError(_names(lacks), f"not ready for {step}: {_said(lacks)}")


def already_resolved() -> RefusedError:
    """Return the refusal of whatever would go on with a resolved ticket."""
    return RefusedError("already_resolved", "the ticket is resolved; open another one")


def own_step(ticket: Handoff, name: str, step: Step) -> NotReadyError:
    """Return the refusal of a field that only its own step sets, with what that one lacks."""
    lacks = missing(ticket, step)
    before = f", which is not ready: {_said(lacks)}" if lacks else ""
    named = _names(lacks) or (str(step),)
    return NotReadyError(named, f"{name} is set by the step {step}{before}", step)


def _names(lacks: tuple[Need, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in lacks)


def _said(lacks: tuple[Need, ...]) -> str:
    return "; ".join(f"{one.name}: {one.words}" for one in lacks)


def _needs(ticket: Handoff, step: Step) -> Iterator[Need]:
    if ticket.major_incident and step in {Step.CLOSING, Step.RESOLVE}:
        yield from _OF_INCIDENT[step]
        return
    for one in _ORDER[: _ORDER.index(step) + 1]:
        yield from _NEEDS[one]
        if one == (Step.PRODUCT if ticket.resolution_first else Step.CLOSING):
            yield _RESOLUTION
