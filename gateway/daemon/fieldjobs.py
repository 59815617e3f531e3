"""Field jobs that an accept on call opens: the message becomes an offer, and is taken (S1-03).

Decided beside dialing: the accept leaves an errand, and whatever comes of it changes no message.
"""

import re
from typing import Final
from uuid import UUID

import structlog

from gateway.domain.accounts import FormJob
from gateway.domain.chance import Chance
from gateway.domain.fieldjob_actions import taken_over
from gateway.domain.fieldjobs import FieldJob, Status
from gateway.domain.messages import Key
from gateway.domain.state import State
from gateway.domain.wording import alerts
from gateway.store import customers, fieldjobs, jobs
from gateway.store.customers import Customer
from gateway.store.desk import Desk
from gateway.store.matters import Hand, TakenError
from gateway.store.pool import Connection

_log = structlog.get_logger(__name__)
_ACTOR: Final = "gateway"
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")


async def open_field_job(desk: Desk, chance: Chance, key: Key, contact: str) -> None:
    """Open the job of a message for the contact who accepted it; once, however often it is asked.

    Without a caller's number there is no customer: dispatchers are told to open it themselves.
    """
    hand = Hand(_ACTOR, desk.clock.now(), chance, desk.rates)
    async with desk.pool.acquire() as conn:
        state = (await desk.states.of(conn, [key])).get(key)
        rules = _rules(state) if state else None
        if state is None or rules is None:
            return
        try:
            async with conn.transaction():
                customer = await _customer(conn, state, hand)
                if customer is None:
                    await _tell(conn, key, hand)
                    return
                job = _job(state, (rules, customer), contact, hand)
                await fieldjobs.open_one(conn, chance.uuid(), taken_over(job), hand)
        except TakenError:
            return  # this very accept was heard of before
    _log.info("field job", action="fieldjob.opened", account=key.account, ucn=key.ucn)


def _rules(state: State) -> FormJob | None:
    form = state.account.forms.get(state.message.form or "") if state.account else None
    return form.field_job if form else None


def _job(state: State, what: tuple[FormJob, UUID], contact: str, hand: Hand) -> FieldJob:
    rules, customer = what
    account = state.message.key.account
    return FieldJob(
        customer=customer,
        title=rules.title,
        status=Status.NEW_OFFER,
        created_by=_ACTOR,
        created_at=hand.now,
        zone=state.account.zone.key if state.account else "UTC",
        market=rules.market,
        account=account,
        source="connected_account",
        brand=rules.brand,
        technician=f"{account}:{contact}",
        ucn=state.message.key.ucn,
    )


async def _customer(conn: Connection, state: State, hand: Hand) -> UUID | None:
    """Return the caller as a customer: who is known by that number and name, else a new one."""
    content = state.content
    phone = content.caller_phone if content else None
    if content is None or phone is None or not _E164.fullmatch(phone):
        return None
    name = content.caller_name or phone
    for one in await customers.listed(conn, phone, 20):
        if content.caller_name is None or one.name == name:
            return one.id
    address = content.fields.get("address")
    new = Customer(hand.chance.uuid(), name, phone, None, address, hand.now)
    await customers.add(conn, new, _ACTOR)
    return new.id


async def _tell(conn: Connection, key: Key, hand: Hand) -> None:
    """Ask dispatchers to open the job."""
    text = alerts.no_customer(alerts.About(key.account, key.ucn))
    payload = {"sink": "dispatch", "reason": "no_customer", "text": text}
    await jobs.add_alert(conn, hand.chance.uuid(), hand.now, payload)
