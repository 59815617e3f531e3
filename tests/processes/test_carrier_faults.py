"""What goes wrong at the carrier, over real sockets: the history says so, nothing is sent twice."""

import contextlib
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.programs import ANN, BOB, Daemon, free_port, in_time
from tests.kit.real_house import ACCEPTS, RealHouse, account


def faulty(house: RealHouse, daemon: Daemon, *kinds: str, **more: object) -> str:
    """Take a message while the carrier's next requests go wrong in these ways."""
    house.carrier.people(ann={"calls": [ACCEPTS]}, bob={"calls": [ACCEPTS]})
    house.carrier.ask("faults", {"queue": [{"kind": kind, **more} for kind in kinds]})
    return daemon.take()


def test_a_number_the_carrier_refuses_fails_at_once_and_the_next_person_is_called(
    house: RealHouse, daemon: Daemon
) -> None:
    document = account()
    document["contacts"]["ann"]["phone"] = "+15005550001"  # type: ignore[index] # a document
    daemon.put(document)
    house.carrier.people(bob={"calls": [ACCEPTS]})
    house.carrier.ask("people", {"+15005550001": {"calls": [{"failed": "404"}]}})
    ucn = daemon.take()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    kinds = daemon.kinds(ucn, "dial")
    assert kinds[:3] == ["dial.started ann", "dial.failed ann", "dial.started bob"]


def test_too_many_requests_are_sent_again_when_the_carrier_said(
    house: RealHouse, daemon: Daemon
) -> None:
    ucn = faulty(house, daemon, "limit", retry_after=2)

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert daemon.kinds(ucn, "dial")[:2] == ["dial.started ann", "dial.answered ann"]
    assert [call["to"] for call in house.carrier.calls()] == [ANN]
    assert len(house.sql("select 1 from attempts")) == 1
    refused = 'dispatchd_carrier_request_seconds_count{operation="call",result="refused"} 1.0'
    assert refused in daemon.web.get(f"{daemon.url}/metrics").text


@pytest.mark.parametrize("kind", ["error_after", "drop"])
def test_a_call_that_was_accepted_in_spite_of_an_error_is_not_placed_again(
    house: RealHouse, daemon: Daemon, kind: str
) -> None:
    ucn = faulty(house, daemon, kind)

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]
    assert daemon.message(ucn)["delivered_to"] == "ann"


def test_a_call_that_no_callback_speaks_of_is_found_at_the_carrier(
    house: RealHouse, daemon: Daemon
) -> None:
    daemon.put(account(ring="20s"))
    house.carrier.ask("faults", {"lose_callbacks_for": "1m"})
    ucn = faulty(house, daemon, "drop")
    house.carrier.people(ann={"calls": [{**ACCEPTS, "answer_after": "12s"}]})

    assert daemon.told(ucn, "dial.adopted ann"), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]


def test_a_call_that_an_error_kept_from_being_placed_is_lost_and_the_next_person_called(
    house: RealHouse, daemon: Daemon
) -> None:
    ucn = faulty(house, daemon, "error_before")

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    kinds = daemon.kinds(ucn, "dial")
    assert kinds[:3] == ["dial.started ann", "dial.lost ann", "dial.started bob"]
    assert [call["to"] for call in house.carrier.calls()] == [BOB]


def test_a_carrier_that_answers_too_late_is_not_asked_twice(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.people(ann={"calls": [ACCEPTS]})
    house.carrier.ask("faults", {"latency": "13s"})
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where state = 'unsure'"))

    house.carrier.ask("faults", {"clear": True})

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]


def test_a_connection_that_is_refused_is_tried_again_until_the_next_persons_turn(
    house: RealHouse,
) -> None:
    daemon = house.daemon(TWILIO_BASE_URL=f"http://127.0.0.1:{free_port()}")
    daemon.start()
    daemon.put(account())
    ucn = daemon.take()

    assert in_time(lambda: house.sql("select 1 from attempts where tries >= 2"))
    assert daemon.kinds(ucn, "dial") == ["dial.started ann"]
    (attempt,) = house.sql("select state, outcome from attempts")
    assert attempt["outcome"] is None
    assert house.carrier.calls() == []


def test_a_carrier_that_is_back_in_time_gets_the_very_same_attempt(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.people(ann={"calls": [ACCEPTS]})
    house.carrier.ask("refuse", {"for": "3s"})
    ucn = daemon.take()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    assert len(house.sql("select 1 from attempts")) == 1
    assert len(house.carrier.calls()) == 1


def test_wrong_credentials_alert_a_lead_and_the_round_goes_on(house: RealHouse) -> None:
    daemon = house.daemon(TWILIO_AUTH_TOKENS="wrong")
    daemon.start()
    daemon.put(account())
    ucn = daemon.take()

    assert daemon.told(ucn, "dial.failed ann", "dial.failed bob", "lead.alerted")
    assert in_time(lambda: any("7001" in words for words in house.ear.heard))
    assert house.carrier.calls() == []


def test_a_mail_server_that_is_down_fails_the_mail_and_the_round_goes_on(
    house: RealHouse,
) -> None:
    daemon = house.daemon(
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(free_port()),
        SMTP_TLS="none",
        MAIL_FROM="dispatch@service.example",
    )
    daemon.start()
    house.carrier.ask("public", {"url": daemon.url})
    house.carrier.people(bob={"calls": [ACCEPTS]})
    daemon.put(account(by="email", wait="5m"))
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where tries >= 1"))
    daemon.process.kill()
    house.time_passes(31)
    daemon.start()

    assert daemon.delivered(ucn), daemon.kinds(ucn)
    kinds = daemon.kinds(ucn, "email", "dial")
    assert kinds[:3] == ["email.sent ann", "email.failed ann", "dial.started bob"]
    assert [call["to"] for call in house.carrier.calls()] == [BOB]


def test_the_job_of_a_deleted_account_is_held_and_a_lead_hears_of_it(
    house: RealHouse, daemon: Daemon
) -> None:
    house.carrier.people(ann={"calls": [{"no_answer": True}]})
    ucn = daemon.take()
    assert in_time(lambda: house.sql("select 1 from attempts where state = 'ringing'"))

    house.sql("update accounts set deleted_at = now() where account = '7001'")

    assert daemon.told(ucn, "dial.no_answer ann", "job.held", "lead.alerted"), daemon.kinds(ucn)
    assert [call["to"] for call in house.carrier.calls()] == [ANN]
    assert in_time(lambda: any(ucn in words for words in house.ear.heard))
    (job,) = house.sql("select state, reason from jobs")
    assert (job["state"], job["reason"]) == ("held", "account_missing")


def test_a_mail_server_that_takes_the_mail_is_no_delivery(house: RealHouse) -> None:
    post = Post()
    with post.listening():
        daemon = house.daemon(
            SMTP_HOST="127.0.0.1",
            SMTP_PORT=str(post.port),
            SMTP_TLS="none",
            MAIL_FROM="dispatch@service.example",
        )
        daemon.start()
        daemon.put(account(by="email", wait="5m"))
        ucn = daemon.take()

        assert daemon.told(ucn, "email.accepted ann"), daemon.kinds(ucn)
    assert post.taken == ["ann@northside.example"]
    assert daemon.message(ucn)["state"] == "open"


class Post:
    """A real mail server in a thread, which takes everything."""

    def __init__(self) -> None:
        """Take nothing yet."""
        self.taken: list[str] = []
        self.port = free_port()

    async def handle_DATA(  # noqa: N802 - the server calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take one message."""
        self.taken += envelope.rcpt_tos
        return "250 OK"

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Listen while the test runs."""
        server = Controller(self, hostname="127.0.0.1", port=self.port)
        server.start()
        try:
            yield
        finally:
            server.stop()
