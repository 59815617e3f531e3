"""Daily digests by e-mail: their words, and what stands in the account's own record of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.domain.accounts import Account
from gateway.domain.content import Content
from gateway.domain.deliveries import INTENDED, SENT, WAITING, Delivery
from gateway.domain.history import Fact, Note, Outcome, stamp
from gateway.domain.masking import mask_address
from gateway.domain.messages import Message
from gateway.domain.posts import Answered
from gateway.domain.wording.copies import Digested, digested
from gateway.domain.wording.mail import Letter

SHOWN: Final = 200
Step = tuple[Delivery, tuple[Note, ...]]


def letter(
    account: Account,
    span: tuple[datetime, datetime],
    messages: Sequence[tuple[Message, Content | None]],
) -> Letter:
    """Write a digest of the messages of a span; with phi their numbers and states only."""
    about = Digested(account.name, *span, account.zone, account.phi)
    return digested(about, messages[:SHOWN], max(len(messages) - SHOWN, 0))


def begin(one: Delivery, to: str) -> Step:
    """Return the digest on its way and the note of the intent."""
    note = Note("email.sent", "The digest is e-mailed.", Outcome.INITIATED, _facts(one, to))
    return one._replace(state=INTENDED, tries=one.tries + 1, streak=one.streak + 1), (note,)


def settle(one: Delivery, came: Answered, to: str, due: datetime | None) -> Step:
    """Return the digest as it is then and the note of it; `due`: it goes out again then."""
    after = one._replace(state=came.state, reason=came.reason, status=came.status)
    if came.state == SENT:
        words = "The mail server took the digest."
        return after, (Note("email.accepted", words, Outcome.SUCCESS, _facts(one, to)),)
    facts: dict[str, Fact] = {**_facts(one, to), "reason": came.reason}
    if due is not None:
        after, facts = after._replace(state=WAITING), {**facts, "due_at": stamp(due)}
    words = "The digest was not e-mailed."
    return after, (Note("email.failed", words, Outcome.FAILURE, facts),)


def _facts(one: Delivery, to: str) -> dict[str, Fact]:
    address: dict[str, Fact] = {"address": mask_address(to)} if to else {}
    return {"delivery": one.name, "method": "email", "source": one.kind, **address}
