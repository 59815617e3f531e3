"""TwiML is followed to the letter while a call lasts, and a call changes only while it lasts."""

import pytest

from adapters.simulator.twiml import Hangup, Message, Pause, Reject, TwimlError, read_twiml
from tests.simulator.desk import ANN, PUBLIC, Line, Seen, gather, line

ANSWERS = {ANN: {"calls": [{"answer_after": "1s"}]}}


def pressing(*keys: tuple[str, str]) -> Line:
    script = {
        "answer_after": "1s",
        "keys": [{"after": after, "press": press} for after, press in keys],
    }
    return line({ANN: {"calls": [script]}})


async def test_silence_inside_a_question_counts_and_a_key_breaks_it() -> None:
    asked = (
        '<Response><Gather action="/key" numDigits="1" timeout="2" actionOnEmptyResult="true">'
        '<Say>One</Say><Pause length="10"/><Say>Two</Say></Gather></Response>'
    )
    for keys, at in ((), 13), ((("4s", "1"),), 5):
        street = pressing(*keys)
        street.desk.routes["/answer"] = asked
        await street.call()
        await street.run()
        assert [seen.at for seen in street.desk.at("/key")] == [at]
        assert street.carrier.calls[0].heard == ("One", "Two")


async def test_each_digit_starts_the_wait_for_the_next_anew() -> None:
    street = pressing(("4s", "4"), ("8s", "7"))
    street.desk.routes["/answer"] = '<Response><Gather action="/key" timeout="5"/></Response>'
    await street.call()
    await street.run()
    assert [(seen.at, seen["Digits"]) for seen in street.desk.at("/key")] == [(14, "47")]


async def test_keys_without_a_question_or_for_a_speaking_one_are_not_heard() -> None:
    street = pressing(("1s", "1"), ("4s", "2"))
    street.desk.routes["/answer"] = (
        '<Response><Pause length="2"/><Gather input="speech" action="/key" timeout="5"/></Response>'
    )
    await street.call()
    await street.run()
    assert street.desk.at("/key") == []


async def test_a_star_is_a_digit_and_no_finishing_key_means_none() -> None:
    street = pressing(("1s", "*#"))
    street.desk.routes["/answer"] = (
        '<Response><Gather action="/key" finishOnKey="" numDigits="2"/></Response>'
    )
    await street.call()
    await street.run()
    assert [seen["Digits"] for seen in street.desk.at("/key")] == ["*#"]


async def test_a_key_at_the_very_answer_is_heard_whatever_comes_first() -> None:
    for fetch_first in (True, False):
        script = {"answer_after": "1s", "keys": [{"after": "0s", "press": "1"}]}
        street = line({ANN: {"calls": [script]}}, fetch_first=fetch_first)
        street.desk.routes["/answer"] = gather()
        await street.call()
        await street.run()
        assert [seen["Digits"] for seen in street.desk.at("/key")] == ["1"]


async def test_without_an_action_the_same_document_is_asked_again() -> None:
    street = pressing(("1s", "1"))
    street.desk.routes["/answer"] = lambda seen: gather("") if not seen["Digits"] else (204, "")
    await street.call()
    await street.run()
    assert [(s.path, s["Digits"]) for s in street.desk.at("/answer")] == [
        ("/answer?a=1", ""),
        ("/answer?a=1", "1"),
    ]
    assert street.desk.statuses()[-1] == (2, "completed")


async def test_a_call_may_bring_its_words_along() -> None:
    street = line(ANSWERS)
    await street.call(Url="", Twiml='<Response><Say>Hi</Say><Pause length="3"/></Response>')
    await street.run()
    (left,) = street.carrier.calls
    assert (left.heard, left.outcome) == (("Hi",), "answered")
    assert street.desk.statuses()[-1] == (4, "completed")


async def test_broken_words_that_were_brought_along_end_the_call() -> None:
    street = line(ANSWERS)
    await street.call(Url="", Twiml="<Respons/>")
    await street.run()
    assert street.desk.at("/status")[-1]["ErrorCode"] == "12200"


async def test_an_answer_that_comes_after_a_redirect_is_not_played() -> None:
    street = pressing(("1s", "1"))

    async def redirect(seen: Seen) -> str:
        await street.post("Calls", ("Url", f"{PUBLIC}/other"), sid=seen["CallSid"])
        return gather("/never")

    street.desk.routes = {"/answer": gather(), "/key": redirect, "/other": gather("/after")}
    await street.call()
    await street.run()
    assert [seen.at for seen in street.desk.at("/after")] == [7]
    assert street.desk.at("/never") == []


async def test_what_cannot_be_changed_is_refused() -> None:
    street = line(ANSWERS)
    sid = await street.call()
    for pairs, code in (
        ([("Status", "busy")], 20001),
        ([("Url", f"{PUBLIC}/other")], 21220),
        ([], 21218),
    ):
        status, shape = await street.post("Calls", *pairs, sid=sid)
        assert (status, shape["code"]) == (400, code)
    assert street.carrier.calls[0].outcome is None


async def test_canceling_leaves_a_call_in_progress_alone() -> None:
    street = line(ANSWERS)
    street.desk.routes["/answer"] = gather()
    sid = await street.call()
    await street.run(2)
    status, shape = await street.post("Calls", ("Status", "canceled"), sid=sid)
    assert (status, shape["status"]) == (200, "in-progress")


async def test_a_call_canceled_before_it_was_dialed_never_rings() -> None:
    street = line(ANSWERS)
    sid = await street.call()
    await street.post("Calls", ("Status", "canceled"), sid=sid)
    await street.run()
    assert street.desk.statuses() == [(0, "canceled")]


async def test_a_call_without_callbacks_is_silent() -> None:
    street = line(ANSWERS)
    await street.call(StatusCallback="", MachineDetection="Enable", AsyncAmd="true")
    await street.run()
    assert [seen.path for seen in street.desk.seen] == ["/answer?a=1"]


def test_what_is_no_twiml_is_said_so() -> None:
    for text, code in (("", 12100), ("<html/>", 12200)):
        with pytest.raises(TwimlError) as fault:
            read_twiml(text)
        assert fault.value.code == code
    with pytest.raises(TwimlError, match="timeout"):
        read_twiml('<Response><Gather timeout="soon"/></Response>')


def test_verbs_are_read_and_strange_ones_passed_over() -> None:
    text = (
        '<Response><Record/><Pause/><Message><Body>Hi</Body></Message><Reject reason="busy"/>'
        "<Hangup/></Response>"
    )
    assert read_twiml(text) == (Pause(1), Message("Hi"), Reject("busy"), Hangup())
