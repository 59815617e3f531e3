"""A call rings at a scripted person, and ends as the script says."""

from tests.simulator.desk import ANN, PUBLIC, Seen, gather, line


async def test_nobody_answers_until_exactly_the_timeout() -> None:
    street = line()
    await street.call()
    await street.run()
    assert street.desk.statuses() == [(0, "initiated"), (0, "ringing"), (25, "no-answer")]
    assert street.desk.at("/answer") == []
    (left,) = street.carrier.calls
    assert left.outcome == "no_answer"
    assert street.carrier.quiet()


async def test_a_busy_line_ends_at_once() -> None:
    street = line({ANN: {"calls": [{"busy": True}]}})
    await street.call()
    await street.run()
    assert street.desk.statuses() == [(0, "initiated"), (0, "busy")]
    assert street.desk.seen[-1]["SipResponseCode"] == "486"


async def test_a_failed_call_tells_its_error_code() -> None:
    street = line({ANN: {"calls": [{"failed": "13224"}, {"failed": "480"}]}})
    for _ in range(2):
        await street.call()
        await street.run()
    told = [(s["ErrorCode"], s["SipResponseCode"]) for s in street.desk.at("/status")[1::2]]
    assert told == [("13224", "404"), ("", "480")]


async def test_keys_count_from_the_answer_and_the_url_is_fetched_at_the_answer() -> None:
    keys = [{"after": "1s", "press": "1"}, {"after": "10s", "press": "2"}]
    street = line({ANN: {"calls": [{"answer_after": "12s", "keys": keys}]}})
    street.desk.routes = {
        "/answer": gather(),
        "/key": lambda seen: gather("/key2") if seen["Digits"] == "1" else "<Response/>",
        "/key2": lambda seen: gather("/key2") if not seen["Digits"] else "<Response/>",
    }
    await street.call()
    await street.run()
    (answer,) = street.desk.at("/answer")
    assert (answer.at, answer["CallStatus"], answer.path) == (12, "in-progress", "/answer?a=1")
    pressed = [
        (seen.at, seen.path, seen["Digits"]) for seen in street.desk.seen if "key" in seen.path
    ]
    assert pressed == [(13, "/key", "1"), (18, "/key2", ""), (22, "/key2", "2")]
    assert street.desk.statuses()[-2:] == [(12, "in-progress"), (22, "completed")]
    assert street.desk.at("/status")[-1]["CallDuration"] == "10"
    assert [seen["SequenceNumber"] for seen in street.desk.at("/status")] == ["0", "1", "2", "3"]


async def test_a_key_at_the_same_instant_as_the_timeout_wins() -> None:
    keys = [{"after": "5s", "press": "1"}]
    street = line({ANN: {"calls": [{"answer_after": "2s", "keys": keys}]}})
    street.desk.routes["/answer"] = gather()
    await street.call()
    await street.run()
    (key,) = street.desk.at("/key")
    assert (key.at, key["Digits"]) == (7, "1")


async def test_a_double_tap_reaches_the_next_question_too() -> None:
    keys = [{"after": "1s", "press": "11"}]
    street = line({ANN: {"calls": [{"answer_after": "2s", "keys": keys}]}})
    street.desk.routes = {"/answer": gather(), "/key": gather("/again")}
    await street.call()
    await street.run()
    assert [seen["Digits"] for seen in street.desk.at("/again")] == ["1"]


async def test_silence_is_told_only_if_asked_and_else_the_next_verb_follows() -> None:
    street = line({ANN: {"calls": [{"answer_after": "1s"}]}})
    street.desk.routes["/answer"] = (
        '<Response><Gather timeout="3" action="/key"/><Pause length="4"/>'
        "<Redirect>/more</Redirect></Response>"
    )
    await street.call()
    await street.run()
    assert street.desk.at("/key") == []
    assert [seen.at for seen in street.desk.at("/more")] == [8]
    assert street.desk.statuses()[-1] == (8, "completed")


async def test_a_pin_ends_with_the_finishing_key() -> None:
    keys = [{"after": "1s", "press": "47"}, {"after": "5s", "press": "11#"}]
    street = line({ANN: {"calls": [{"answer_after": "1s", "keys": keys}]}})
    street.desk.routes["/answer"] = '<Response><Gather action="/pin"/></Response>'
    await street.call()
    await street.run()
    (pin,) = street.desk.at("/pin")
    assert (pin.at, pin["Digits"], pin["FinishedOnKey"]) == (6, "4711", "#")


async def test_a_person_hangs_up() -> None:
    street = line({ANN: {"calls": [{"answer_after": "1s", "hang_up_after": "2s"}]}})
    street.desk.routes["/answer"] = gather()
    await street.call()
    await street.run()
    assert street.desk.at("/key") == []
    assert street.desk.statuses()[-1] == (3, "completed")
    assert street.carrier.quiet()


async def test_the_time_limit_ends_a_call_that_talks_for_ever() -> None:
    street = line({ANN: {"calls": [{"answer_after": "1s"}]}})
    street.desk.routes.update({"/answer": gather("/answer")})
    await street.call(TimeLimit="60")
    await street.run()
    assert street.desk.statuses()[-1] == (61, "completed")


async def test_a_voicemail_box_is_told_at_its_beep_and_a_text_is_left_there() -> None:
    street = line({ANN: {"calls": [{"voicemail_after": "20s", "greeting": "2s"}]}})
    street.desk.routes["/answer"] = gather("/answer")

    async def leave(seen: Seen) -> str:
        leave_words = ("Twiml", "<Response><Say>Please call us.</Say><Hangup/></Response>")
        status, _ = await street.post("Calls", leave_words, sid=seen["CallSid"])
        assert status == 200
        return "<Response/>"

    street.desk.routes["/machine"] = leave
    await street.call(
        MachineDetection="DetectMessageEnd",
        AsyncAmd="true",
        AsyncAmdStatusCallback=f"{PUBLIC}/machine",
    )
    await street.run()
    (told,) = street.desk.at("/machine")
    assert (told.at, told["AnsweredBy"], told["MachineDetectionDuration"]) == (
        22,
        "machine_end_beep",
        "2000",
    )
    assert street.desk.statuses()[-1] == (22, "completed")
    (left,) = street.carrier.calls
    assert (left.outcome, left.heard[-1]) == ("voicemail", "Please call us.")


async def test_a_human_is_told_at_the_answer() -> None:
    street = line({ANN: {"calls": [{"answer_after": "3s"}]}})
    street.desk.routes["/answer"] = gather("/answer")
    await street.call(
        MachineDetection="Enable", AsyncAmd="true", AsyncAmdStatusCallback=f"{PUBLIC}/machine"
    )
    await street.run(4)
    assert [(s.at, s["AnsweredBy"]) for s in street.desk.at("/machine")] == [(3, "human")]


async def test_synchronous_detection_holds_the_fetch_back() -> None:
    street = line({ANN: {"calls": [{"voicemail_after": "3s", "greeting": "4s"}]}})
    await street.call(MachineDetection="DetectMessageEnd")
    await street.run()
    (answer,) = street.desk.at("/answer")
    assert (answer.at, answer["AnsweredBy"]) == (7, "machine_end_beep")


async def test_the_fetch_or_the_answered_callback_comes_first_as_wished() -> None:
    orders = []
    for fetch_first in (True, False):
        street = line({ANN: {"calls": [{"answer_after": "3s"}]}}, fetch_first=fetch_first)
        await street.call()
        await street.run()
        orders.append([seen.path for seen in street.desk.seen if seen.at == 3][:2])
    assert orders == [["/answer?a=1", "/status?a=1"], ["/status?a=1", "/answer?a=1"]]


async def test_a_failing_url_is_replaced_by_the_fallback() -> None:
    street = line({ANN: {"calls": [{"answer_after": "3s"}]}})
    street.desk.routes = {"/answer": (500, "oops"), "/fallback": gather("/fallback-key")}
    await street.call(FallbackUrl=f"{PUBLIC}/fallback")
    await street.run(9)
    (fallback,) = street.desk.at("/fallback")
    assert fallback["ErrorCode"] == "11200"
    assert [seen.at for seen in street.desk.at("/fallback-key")] == [8]


async def test_without_a_fallback_the_call_ends() -> None:
    street = line({ANN: {"calls": [{"answer_after": "3s"}]}})
    street.desk.routes = {"/answer": "no xml <"}
    await street.call()
    await street.run()
    assert street.desk.statuses()[-1] == (3, "completed")
    assert street.desk.at("/status")[-1]["ErrorCode"] == "12100"


async def test_a_ringing_call_is_canceled_and_an_ended_one_cannot_be_changed() -> None:
    street = line()
    sid = await street.call()
    await street.run(10)
    status, shape = await street.post("Calls", ("Status", "canceled"), sid=sid)
    assert (status, shape["status"]) == (200, "canceled")
    await street.run()
    assert street.desk.statuses()[-1] == (10, "canceled")
    status, shape = await street.post("Calls", ("Status", "completed"), sid=sid)
    assert (status, shape["code"]) == (400, 21220)


async def test_a_call_is_hung_up_from_inside_its_own_webhook() -> None:
    keys = [{"after": "1s", "press": "1"}]
    street = line({ANN: {"calls": [{"answer_after": "3s", "keys": keys}]}})

    async def hang_up(seen: Seen) -> str:
        await street.post("Calls", ("Status", "completed"), sid=seen["CallSid"])
        await street.carrier.advance(street.desk.now)
        return gather("/never")

    street.desk.routes = {"/answer": gather(), "/key": hang_up}
    await street.call()
    await street.run()
    assert street.desk.statuses()[-1] == (4, "completed")
    assert street.desk.at("/never") == []


async def test_a_call_goes_on_with_another_document() -> None:
    street = line({ANN: {"calls": [{"answer_after": "3s"}]}})
    street.desk.routes["/answer"] = gather()
    sid = await street.call()
    await street.run(5)
    await street.post("Calls", ("Url", f"{PUBLIC}/other"), sid=sid)
    await street.run()
    assert [seen.at for seen in street.desk.at("/other")] == [5]
    assert street.desk.at("/key") == []


async def test_a_document_that_redirects_to_itself_is_given_up() -> None:
    street = line({ANN: {"calls": [{"answer_after": "3s"}]}})
    street.desk.routes["/answer"] = "<Response><Redirect>/answer</Redirect></Response>"
    await street.call()
    await street.run()
    assert street.desk.statuses()[-1] == (3, "completed")


async def test_while_our_side_is_down_the_call_ends_and_its_callbacks_are_lost() -> None:
    street = line({ANN: {"calls": [{"answer_after": "3s"}]}})
    await street.call()
    await street.run(2)
    street.desk.routes = {"/answer": ConnectionRefusedError(), "/status": ConnectionRefusedError()}
    await street.run()
    (left,) = street.carrier.calls
    assert left.outcome == "answered"
    assert street.carrier.quiet()
