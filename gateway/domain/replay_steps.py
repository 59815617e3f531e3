"""Steps of a replay: what each kind of history item makes of a message or of the job it names."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from gateway.domain.jobs import MESSAGE_FOUND
from gateway.domain.replayed import Attempted, Item, JobAgain, MessageAgain, at_of

_TERMINAL: Final = frozenset({"completed", "canceled", "closed_leftover"})
_IN_HAND: Final = frozenset({"claimed", "held", "parked", "limit_reached"})
_CALL: Final = "dial.started"
_STARTS: Final = (_CALL, "sms.sent", "secure.sent", "email.sent")
# An attempt is over by these; what it held goes on at once.
_ENDS: Final = (
    *("dial.no_answer", "dial.busy", "dial.failed", "dial.voicemail", "dial.hung_up"),
    *("dial.no_confirm", "dial.lost", "relay.accepted", "relay.declined", "sms.undelivered"),
    *("sms.failed", "sms.timeout", "sms.lost", "sms.opt_out", "secure.timeout", "email.failed"),
    *("email.lost", "endpoint.suspended"),
)
# With these the job has nothing to come back for but the next turn.
_FORGET_CUE: Final = frozenset({"sms.timeout", "secure.timeout", "dial.lost", "sms.lost"})


def _delivered(replay: MessageAgain, item: Item) -> None:
    facts = item["data"]
    replay.state, replay.delivered_at = "delivered", at_of(item)
    replay.evidence, replay.delivered_to = facts.get("evidence"), facts.get("contact")


def _canceled(replay: MessageAgain, _item: Item) -> None:
    replay.state = "canceled"


def _aside(replay: MessageAgain, item: Item) -> None:
    ended = item["kind"] in {"park.released", "park.closed"}
    replay.skill = None if ended else item["data"].get("skill")


def _flagged(replay: MessageAgain, _item: Item) -> None:
    replay.flagged = True


def _annotated(replay: MessageAgain, item: Item) -> None:
    if item["data"].get("reason") == "am_review":
        replay.flagged = False


def _doubted(replay: MessageAgain, item: Item) -> None:
    """Something was found in the words: a review is open, until somebody decides it.

    A special of the account is reviewed, too: that review is none of the message's.
    """
    if "review" not in item["data"]:
        return
    replay.review, replay.verdict = item["data"]["review"], "open"
    replay.reviewed_by, replay.reviewed_at = None, None


def _reviewed(replay: MessageAgain, item: Item) -> None:
    replay.review, replay.verdict = item["data"].get("review"), item["data"].get("reason")
    replay.reviewed_by, replay.reviewed_at = item["actor"], at_of(item)


def _started(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    if item["attempt"] is None:
        return
    replay.attempts[item["attempt"]] = Attempted(item["job"], call=item["kind"] == _CALL)
    job.state, job.cue_at = "attempting", None


def _ended(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    """One attempt is over; what it held goes on, unless a person has it in hand."""
    attempt = replay.attempts.get(item["attempt"] or "")
    if attempt is None:
        _reported(replay, job, item)
        return
    held = attempt.open and (attempt.call or attempt.holds)
    attempt.open = False
    cued = job.cue_at is not None and not job.open
    if not held or cued or job.state in _IN_HAND | _TERMINAL or replay.state != "open":
        return
    job.state = "pending"
    if item["kind"] in _FORGET_CUE:
        job.cue_at = None


def _mailed(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    """The mail server took it: that ends an e-mail, unless it holds the round for its answer."""
    attempt = replay.attempts.get(item["attempt"] or "")
    if attempt is not None and not attempt.holds:
        _ended(replay, job, item)


def _reported(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    """A person's own call: not relayed, the job is nobody's any more."""
    if item["data"].get("source") == "person":
        replay.let_go(item)
        job.state = item["data"].get("state") or job.state


def _called_off(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    """A call that we cancel changes nothing by itself; one that the carrier cancels is over."""
    if item["outcome"] == "failure":
        _ended(replay, job, item)
    elif item["attempt"] in replay.attempts:
        replay.attempts[item["attempt"]].open = False


def _claimed(_replay: MessageAgain, job: JobAgain, item: Item) -> None:
    if number := item["data"].get("round"):
        job.count(at_of(item))
        job.coming = int(number)
        return
    job.state = "claimed"
    job.paced = job.paced and job.open


def _begun(_replay: MessageAgain, job: JobAgain, item: Item) -> None:
    job.round, job.began, job.state = job.coming, at_of(item), "pending"
    job.open, job.paced, job.idle, job.cue_at, job.exhausted = True, True, 0, None, False


def _held(_replay: MessageAgain, job: JobAgain, _item: Item) -> None:
    job.pause("held")
    job.cue_at = None


def _kept_for_office(_replay: MessageAgain, job: JobAgain, item: Item) -> None:
    if item["data"].get("reason") == "hold_for_office" and "due_at" in item["data"]:
        job.pause("held")


def _cued(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    why, job.state = item["data"].get("reason"), "pending"
    job.cue_at = datetime.fromisoformat(item["data"]["due_at"])
    if why == "reply":
        job.state = "waiting_reply"
        mine = [one for one in replay.attempts.values() if one.job == item["job"] and one.open]
        for one in mine:
            one.holds = True
    elif why == "next_round":
        job.state = "exhausted" if job.exhausted else "pending"
        job.open, job.paced, job.exhausted = False, True, False
    elif why in {"by_person", "not_relayed"}:
        job.pause("pending")
        replay.let_go(item)


def _uncued(_replay: MessageAgain, job: JobAgain, _item: Item) -> None:
    job.cue_at = None


def _exhausted(_replay: MessageAgain, job: JobAgain, _item: Item) -> None:
    job.exhausted = True


def _limited(_replay: MessageAgain, job: JobAgain, _item: Item) -> None:
    job.state, job.cue_at, job.open, job.paced = "limit_reached", None, False, True


def _parked(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    job.pause("parked")
    replay.let_go(item)


def _resumed(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    """Goes on, in the state that the item names; a lapsed claim leaves what waits for a reply."""
    facts = item["data"]
    why = str(facts.get("reason"))
    job.state = facts.get("state") or "pending"
    if why == "resumed":
        replay.let_go(item)
    elif why == "claim_lapsed" and job.state == "pending":
        texts = (one for one in replay.attempts.values() if one.job == item["job"])
        waits = any(one.open and one.holds and not one.call for one in texts)
        job.state = "waiting_reply" if waits else "pending"
    elif why == MESSAGE_FOUND:
        job.pause(job.state)
        job.cue_at = None
    elif why.startswith("park_") and job.state == "pending":
        due = datetime.fromisoformat(facts["due_at"])
        job.cue_at = due if due > at_of(item) else None


def _turned(replay: MessageAgain, job: JobAgain, item: Item) -> None:
    """A person named whom, or which schedule, to go by: another round begins."""
    if item["kind"] == "schedule.selected" and item["data"].get("reason") != "by_person":
        return
    replay.let_go(item)
    job.state, job.open = "pending", False


def _gap(_replay: MessageAgain, job: JobAgain, item: Item) -> None:
    if job.open:
        job.idle += int(item["data"]["seconds"])
    else:
        job.gap = True


def _over(_replay: MessageAgain, job: JobAgain, item: Item) -> None:
    job.state, job.cue_at = item["kind"].removeprefix("job."), None


OF_MESSAGE: Final[Mapping[str, Callable[[MessageAgain, Item], None]]] = MappingProxyType(
    {
        "message.delivered": _delivered,
        "message.canceled": _canceled,
        "park.created": _aside,
        "park.claimed": _aside,
        "park.released": _aside,
        "park.closed": _aside,
        "am_review.flagged": _flagged,
        "annotation.added": _annotated,
        "review.opened": _doubted,
        "review.closed": _reviewed,
    }
)
OF_JOB: Final[Mapping[str, Callable[[MessageAgain, JobAgain, Item], None]]] = MappingProxyType(
    {
        **dict.fromkeys(_STARTS, _started),
        **dict.fromkeys(_ENDS, _ended),
        "email.accepted": _mailed,
        "dial.canceled": _called_off,
        "job.claimed": _claimed,
        "protocol.selected": _begun,
        "job.held": _held,
        "hold.set": _kept_for_office,
        "cue.set": _cued,
        "cue.canceled": _uncued,
        "job.exhausted": _exhausted,
        "limit.reached": _limited,
        "job.parked": _parked,
        "job.resumed": _resumed,
        "target.override": _turned,
        "schedule.selected": _turned,
        "gap.detected": _gap,
        **dict.fromkeys(("job.completed", "job.canceled", "job.closed_leftover"), _over),
    }
)
