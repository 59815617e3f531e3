"""Texts and links: what a reply, an opt-out or an opened link means for one message."""

import pytest

from gateway.domain.change import ErrandKind
from gateway.domain.events import LinkFetched, LinkOpened, LinkUnopened, Replied
from gateway.domain.jobs import JobState
from gateway.domain.messages import MessageState
from gateway.domain.replies import Accept, ListOpen, OptIn, OptOut, Pass, Said, Unclear
from tests.kit.desk import later
from tests.kit.street import ANN, Street, compiled, of, protocol, roster, shift, street


def texted(status: str = "sms", **document: object) -> Street:
    keys = {"permanent": [], **roster(shift("ann", status=status), shift("bob", "backup"))}
    one = street(compiled(**{**keys, **document}))
    one.reach()
    return one.wind(seconds=40)


def replies(one: Street, said: Said, words: str = "41 ok", *, helped: bool = False) -> None:
    one.tell(Replied(ANN, "ann", said, words, helped))


def test_an_accept_by_code_delivers_and_names_its_evidence() -> None:
    one = texted()
    replies(one, Accept("41"))
    assert one.message.state is MessageState.DELIVERED
    assert (one.message.evidence, one.message.delivered_to) == ("reply_code", "ann")
    assert one.last.outcome == "accepted"
    kinds = ["sms.reply", "relay.accepted", "message.delivered", "cue.canceled", "job.completed"]
    assert one.kinds()[-5:] == kinds
    assert {one.told(kind)[0]["actor"] for kind in kinds[:2]} == {"contact:ann"}


def test_the_words_of_a_reply_stand_apart_from_the_history() -> None:
    one = texted()
    replies(one, Unclear(), "call me at home")
    item = one.items[-1]
    assert item.words == "call me at home"
    assert "home" not in item.body
    assert "content_sha256" in item.body


def test_a_pass_moves_on_to_the_next_person_at_once() -> None:
    one = texted()
    replies(one, Pass(None))
    assert one.last.outcome == "declined"
    assert "relay.declined" in one.kinds()
    assert one.reach().contact == "bob"


def test_an_accept_after_the_wait_was_over_still_delivers_and_stops_the_next_call() -> None:
    one = texted()
    one.now = later(minutes=15)
    call = one.reach()
    assert call.contact == "bob"
    replies(one, Accept("41"))
    assert one.message.delivered_to == "ann"
    assert one.asked(ErrandKind.HANG_UP) == [call.id]


def test_a_pass_after_the_wait_was_over_disturbs_nobody() -> None:
    one = texted()
    one.now = later(minutes=15)
    call = one.reach()
    following = one.job.next_at
    replies(one, Pass("41"))
    assert one.attempts[call.id].open
    assert one.job.next_at == following


def test_somebody_passes_once_for_a_text_however_often_they_say_so() -> None:
    one = texted()
    one.now = later(minutes=15)
    one.reach()
    for _ in range(3):
        replies(one, Pass("41"))
    assert of(one.kinds(), "relay") == ["relay.declined"]
    assert len(one.told("sms.reply")) == 3


def test_an_accept_after_a_pass_still_delivers() -> None:
    one = texted()
    replies(one, Pass(None))
    replies(one, Accept("41"))
    assert one.message.delivered_to == "ann"


@pytest.mark.parametrize("said", [Unclear(), Pass(None), Accept(None)])
def test_one_of_many_texts_that_change_nothing_leaves_no_trace(said: Said) -> None:
    one = texted(**protocol(evidence=["key_press"]))
    replies(one, Pass(None))
    before = one.kinds()
    one.tell(Replied(ANN, "ann", said, "no", kept=False))
    assert one.kinds() == before


def test_however_many_came_before_a_text_that_delivers_is_on_record() -> None:
    one = texted()
    one.tell(Replied(ANN, "ann", Accept("41"), "41", kept=False))
    assert one.message.state is MessageState.DELIVERED
    assert "sms.reply" in one.kinds()


@pytest.mark.parametrize("said", [Unclear(), ListOpen()])
def test_what_means_nothing_changes_nothing(said: Said) -> None:
    one = texted()
    before = one.job
    replies(one, said, "??", helped=True)
    assert one.kinds()[-2:] == ["sms.reply", "sms.help_sent"]
    assert one.job == before
    assert one.last.open


def test_a_client_that_takes_no_reply_code_is_not_delivered_by_one() -> None:
    one = texted(**protocol(evidence=["human"]))
    replies(one, Accept("41"))
    assert one.message.state is MessageState.OPEN
    assert one.kinds()[-1] == "sms.reply"


def test_stop_suspends_texts_tells_a_lead_and_moves_on() -> None:
    one = texted()
    replies(one, OptOut("STOP"), "stop")
    assert one.flags[ANN].opted_out
    assert one.alerts() == ["opted_out"]
    assert of(one.kinds(), "sms", "endpoint")[-2:] == ["sms.opt_out", "endpoint.suspended"]
    assert one.reach().contact == "bob"


def test_start_is_recorded() -> None:
    one = texted()
    replies(one, OptIn("START"), "start")
    assert one.kinds()[-1] == "sms.opt_in"


def test_a_fetched_page_counts_as_nothing() -> None:
    one = texted("secure")
    for _ in range(9):
        one.tell(LinkFetched(one.last.id))
    assert one.message.state is MessageState.OPEN
    assert one.kinds().count("secure.prefetch") == 5
    assert one.job.state is JobState.WAITING_REPLY


def test_the_open_button_is_the_read_receipt_and_delivers() -> None:
    one = texted("secure")
    one.tell(LinkOpened(one.last.id))
    assert (one.message.evidence, one.message.delivered_to) == ("read_receipt", "ann")
    assert one.last.outcome == "read"
    assert one.told("secure.read")[0]["actor"] == "contact:ann"


def test_a_secure_message_nobody_opens_gives_way_after_its_wait() -> None:
    one = texted("secure")
    one.now = later(minutes=15)
    assert one.reach().contact == "bob"
    assert "secure.timeout" in one.kinds()


def test_an_accept_of_protected_details_is_answered_with_a_link() -> None:
    one = texted(phi=True)
    links = len(one.links)
    replies(one, Accept("41"))
    change = one.changes[-1]
    assert change.url is not None
    assert len(one.links) == links + 1
    assert change.url not in "".join(item.body for item in one.items)
    (check,) = [e for e in one.errands if e.kind is ErrandKind.LINK_CHECK]
    assert check.at == one.now + (later(minutes=15) - later())


def test_a_link_nobody_opened_within_a_cue_alerts_a_lead() -> None:
    one = texted(phi=True)
    replies(one, Accept("41"))
    one.wind(minutes=15).tell(LinkUnopened(one.last.id))
    assert one.alerts() == ["link_unopened"]


def test_a_reply_from_a_phone_that_was_only_called_is_recorded() -> None:
    one = street()
    one.reach()
    replies(one, Accept(None))
    assert one.message.state is MessageState.OPEN
    assert one.kinds()[-1] == "sms.reply"
