"""Sharing: what is due to one person at one instant becomes one call or one text (S3-67)."""

from datetime import timedelta

from adapters.twilio.text import whole
from gateway.domain.attempts import MACHINE
from gateway.domain.change import CallOut, Change, ErrandKind, TextOut
from gateway.domain.events import (
    Answered,
    Doubt,
    MachineHeard,
    Pressed,
    Progress,
    Refusal,
    TurnCame,
    TurnLost,
)
from gateway.domain.messages import MessageState, Priority
from gateway.domain.relays import announced, joined, retold
from gateway.domain.sharing import MORE_SPEECH, MOST, Planned, Rules, share
from gateway.domain.speech import Ask, Tell
from tests.kit.desk import NOON, TEXT, Dice
from tests.kit.street import ANN, Street, changed, compiled, protocol, roster, shift, street

ALONE = Rules(across=False, fits=whole)
ACROSS = Rules(across=True, fits=whole)


def messages(many: int, **document: object) -> list[Street]:
    """Return as many messages of one account, due to ann now."""
    keys = {"permanent": [], **roster(shift("ann"), shift("bob", "backup"))}
    account = compiled(**{**keys, **document})
    streets = [street(account, seed=10 * n) for n in range(1, many + 1)]
    for n, one in enumerate(streets):
        key = one.message.key._replace(account=account.account, ucn=f"{n}")
        one.message = changed(one.message, key=key)
        one.jobs = {k: changed(job, key=one.message.key) for k, job in one.jobs.items()}
    return streets


def planned(streets: list[Street]) -> list[Planned]:
    return [Planned(one.state(), one.job.id, one.step()) for one in map(fresh, streets)]


def fresh(one: Street) -> Street:
    """Return the message as it is, so that planning it changes nothing here."""
    return changed(one, jobs=dict(one.jobs), attempts=dict(one.attempts), items=list(one.items))


def together(streets: list[Street], rules: Rules = ALONE) -> list[Change]:
    """Plan all and share; the streets then stand as they were written."""
    before = [Planned(one.state(), one.job.id, fresh(one).step()) for one in streets]
    changes = share(before, NOON, Dice(99), rules)
    for one, change in zip(streets, changes, strict=True):
        one.write(change)
    return changes


def wires(changes: list[Change]) -> list[object]:
    return [change.wire for change in changes if change.wire is not None]


def test_one_call_goes_out_and_every_message_keeps_an_attempt_of_its_own() -> None:
    """S3-67: each message has its own attempt and history; the record says whose call it is."""
    one, two, three = messages(3)
    changes = together([one, two, three])
    (call,) = wires(changes)
    assert isinstance(call, CallOut)
    assert call.shared
    assert {change.shares for change in changes} == {call.attempt}
    assert [s.last.rides for s in (one, two, three)] == [call.attempt] * 3
    assert not one.last.is_rider
    assert two.last.is_rider
    assert two.told("dial.started")[0]["data"]["shares"] == str(call.attempt)
    assert "shares" not in one.told("dial.started")[0]["data"]
    assert all(s.chain_holds() for s in (one, two, three))


def test_a_call_is_given_the_time_to_read_all_its_messages() -> None:
    alone, both = together(messages(1))[0], together(messages(2))[0]
    assert isinstance(alone.wire, CallOut)
    assert isinstance(both.wire, CallOut)
    assert both.wire.limit == alone.wire.limit + MORE_SPEECH // timedelta(seconds=1)
    assert both.call_until is not None
    assert alone.call_until is not None
    assert both.call_until == alone.call_until + MORE_SPEECH


def test_the_most_urgent_message_is_the_first_of_the_call() -> None:
    late, soon = messages(2)
    soon.message = changed(soon.message, priority=Priority.EMERGENCY)
    changes = together([late, soon])
    assert changes[0].wire is None
    assert isinstance(changes[1].wire, CallOut)


def test_no_call_has_more_messages_than_five() -> None:
    changes = together(messages(MOST + 2))
    assert len(wires(changes)) == 2
    assert changes[MOST].shares != changes[0].shares


def test_other_people_other_accounts_and_other_ways_share_nothing() -> None:
    ann, bob = messages(1)[0], messages(1, **roster(shift("bob")))[0]
    texted = messages(1, **roster(shift("ann", status="sms")))[0]
    other = messages(1, account="7002")[0]
    assert len(wires(together([ann, bob, texted, other]))) == 4


def test_who_would_be_reached_by_another_way_rides_with_nobody() -> None:
    """A text that stands in for a call carries texts only."""
    one, two = messages(2)
    for street_ in (one, two):
        street_.shut = {"call": NOON}
    before = planned([one, two])
    changes = share(before, NOON, Dice(99), ALONE)
    assert len(wires(changes)) == 1
    assert {a.method for change in changes for a in change.begun} == {"sms"}
    unlike = [before[0], before[1]._replace(state=two.state()._replace(shut={}))]
    assert [change.shares for change in share(unlike, NOON, Dice(99), ALONE)] == [None, None]


def test_accounts_share_a_call_where_the_operator_allows_it_but_never_a_text() -> None:
    """S3-67, across accounts."""
    here, there = messages(1)[0], messages(1, account="7002")[0]
    assert len(wires(together([here, there], ACROSS))) == 1
    texts = roster(shift("ann", status="sms"))
    here, there = messages(1, **texts)[0], messages(1, account="7002", **texts)[0]
    assert len(wires(together([here, there], ACROSS))) == 2


def test_two_people_at_one_number_never_share_a_call() -> None:
    """Whoever answers speaks for themselves alone: the other has heard nothing."""
    people = {"ann": {"name": "Ann Ames", "phone": ANN}, "amy": {"name": "Amy Ames", "phone": ANN}}
    here = messages(1, contacts=people, **roster(shift("ann")))[0]
    there = messages(1, account="7002", contacts=people, **roster(shift("amy")))[0]
    assert len(wires(together([here, there], ACROSS))) == 2


def test_calls_that_ring_for_another_time_go_alone() -> None:
    short, usual = messages(1, **protocol(ring="15s"))[0], messages(1)[0]
    assert len(wires(together([short, usual]))) == 2


def test_a_text_names_each_message_with_a_code_of_its_own() -> None:
    one, two = messages(2, **roster(shift("ann", status="sms")))
    changes = together([one, two])
    (text,) = wires(changes)
    assert isinstance(text, TextOut)
    codes = [s.last.code for s in (one, two)]
    assert None not in codes
    assert len(set(codes)) == 2
    assert text.body.count(TEXT) == 2
    first, second = codes
    assert text.tail == (
        f" Reply {first} or {second} to accept, {first} NO to pass, ALL to accept all."
    )
    assert all(change.code for change in changes)


def test_a_text_carries_as_many_messages_as_fit_uncut() -> None:
    streets = messages(3, **roster(shift("ann", status="sms")))
    for one in streets:
        assert one.content is not None
        one.content = changed(one.content, text="Water in the cellar. " * 8)
    changes = together(streets)
    bodies = [w for w in wires(changes) if isinstance(w, TextOut)]
    assert [body.shared for body in bodies] == [True, False]
    assert all(whole(body.body, body.tail) for body in bodies)


def test_protected_details_go_alone_each_behind_its_own_link() -> None:
    changes = together(messages(2, phi=True, **roster(shift("ann", status="sms"))))
    assert len(wires(changes)) == 2


def test_the_lead_hears_of_a_blank_schedule_once_though_two_messages_share_a_call() -> None:
    streets = messages(2, **roster(), permanent=[{"contact": "ann", "status": "call"}])
    changes = together(streets)
    assert len(wires(changes)) == 1
    assert [change.blank_day is not None for change in changes] == [True, False]


def test_a_call_that_was_refused_for_now_is_shared_anew_when_it_goes_out_again() -> None:
    one, two = messages(2)
    (call,) = wires(together([one, two]))
    assert isinstance(call, CallOut)
    no = Refusal(call.attempt, 20429, "too many", again=True, ours=False)
    one.tell(no)
    theirs = retold(no, two.last.id)
    assert theirs is not None
    two.tell(theirs)
    for street_ in (one, two):
        street_.wind(seconds=30)
    before = [Planned(s.state(), s.job.id, fresh(s).step()) for s in (one, two)]
    again = share(before, one.now, Dice(7), ALONE)
    assert len(wires(again)) == 1
    assert again[1].rides == ((two.last.id, one.last.id),)


# ------------------------------------------------------------------------------ on the line
def answered(many: int, **document: object) -> list[Street]:
    """Return messages on one call that was just answered."""
    streets = messages(many, **document)
    together(streets)
    for one in streets:
        one.tell(Answered(one.last.id, "CA1"))
    return streets


def test_the_first_prompt_says_how_many_messages_there_are_and_no_detail() -> None:
    one, _ = answered(2)
    said = one.tell(Answered(one.last.id, "CA1"))
    assert said is not None
    both = announced(said, one.last, 2)
    assert both.say[1] == "There are 2 messages."
    assert TEXT not in " ".join(both.say)
    assert announced(said, one.last, 1) == said


def test_the_next_message_begins_when_the_one_before_is_dealt_with() -> None:
    _, two = answered(2)
    said = two.tell(TurnCame(two.last.id, "CA1", known=False))
    assert isinstance(said, Ask)
    assert said.say[0] == "Next, an urgent message for Northside HVAC."
    assert TEXT in " ".join(said.say)
    heard = joined(("Thank you.", "Goodbye."), said)
    assert heard.say[:2] == ("Thank you.", said.say[0])


def test_a_key_before_a_message_has_begun_does_not_accept_it() -> None:
    """A double-tapped 1 of the message before is no accept of this one."""
    _, two = answered(2)
    said = two.tell(TurnCame(two.last.id, "CA1", known=False))
    assert isinstance(said, Ask)
    two.wind(seconds=1)
    two.tell(Pressed(two.last.id, "CA1", said.step, "1"))
    assert two.message.state is MessageState.OPEN
    two.wind(seconds=5)
    two.tell(Pressed(two.last.id, "CA1", two.last.step, "1"))
    assert two.message.state is MessageState.DELIVERED


def test_a_pin_that_was_given_on_this_call_is_not_asked_again() -> None:
    ann = {"name": "Ann Ames", "phone": ANN, "pin": "4711"}
    keys = {"phi": True, "contacts": {"ann": ann}, **roster(shift("ann"))}
    one, two = answered(2, **keys)
    asked = one.tell(TurnCame(one.last.id, "CA1", known=False))
    known = two.tell(TurnCame(two.last.id, "CA1", known=True))
    assert asked is not None
    assert known is not None
    assert "PIN" in " ".join(asked.say)
    assert TEXT in " ".join(known.say)


def test_a_message_that_was_delivered_meanwhile_is_not_read_out() -> None:
    _, two = answered(2)
    two.message = changed(two.message, state=MessageState.DELIVERED, delivered_to="bob")
    said = two.tell(TurnCame(two.last.id, "CA1", known=False))
    assert isinstance(said, Tell)
    assert TEXT not in " ".join(said.say)


def test_a_call_given_up_leaves_the_rest_not_relayed_and_due() -> None:
    for outcome, kind in (("no_confirm", "dial.no_confirm"), ("wrong_person", "relay.declined")):
        _, two = answered(2)
        two.tell(TurnLost(two.last.id, "CA1", outcome))
        assert two.kinds()[-1] == kind
        assert two.due
        assert not two.alerts()


def test_only_one_voicemail_is_left_and_all_its_messages_hear_of_it() -> None:
    one, two = answered(2)
    heard = MachineHeard(one.last.id, "machine_start")
    one.tell(heard)
    theirs = retold(heard, two.last.id)
    assert theirs is not None
    two.tell(theirs)
    assert two.last.stage == MACHINE
    assert one.asked(ErrandKind.VOICEMAIL) == [one.last.id]
    assert two.asked(ErrandKind.VOICEMAIL) == []


def test_a_hang_up_is_retold_and_a_doubt_is_not() -> None:
    _, two = answered(2)
    over = retold(Progress(two.last.id, "CA1", "completed"), two.last.id)
    assert over is not None
    two.tell(over)
    assert two.kinds()[-1] == "dial.hung_up"
    assert two.due
    assert retold(Doubt(two.last.id, "timeout"), two.last.id) is None
