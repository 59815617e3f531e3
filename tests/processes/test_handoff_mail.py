"""The mail to the product team, through `kill -9`: it leaves once, with the note of the instant."""

import re
from typing import Any

import httpx

from tests.domain.handoff_tickets import CALLER, FORM
from tests.kit.mailbox import Mailbox, served
from tests.kit.programs import Daemon, free_port, in_time
from tests.kit.real_house import RealHouse

PRODUCT = "product@accurence.example"


def settings(port: int) -> dict[str, str]:
    """Return a daemon's settings for that mail server."""
    return {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_TLS": "none",
        "MAIL_FROM": "desk@dispatch.example",
        "HANDOFF_PRODUCT_EMAIL": PRODUCT,
    }


def handed_off(daemon: Daemon, *notes: str) -> str:
    """Take a ticket through every step to its product; return the path of its calls."""
    path = f"/v1/handoffs/{daemon.ask('POST /v1/handoffs', CALLER._asdict())['id']}"
    daemon.ask(f"POST {path}/call-ended")
    daemon.ask(f"PATCH {path}", dict(FORM))
    for note in notes:
        daemon.ask(f"POST {path}/notes", {"text": note})
    daemon.ask(f"POST {path}/product", {"product": "Dispatch"})
    return path


def product_mail(daemon: Daemon, path: str) -> str:
    ticket: dict[str, Any] = daemon.ask(f"GET {path}")
    return str(ticket["product_mail"]["state"])


def killed_on_the_wire(house: RealHouse, daemon: Daemon, mailbox: Mailbox) -> str:
    """Hand a ticket off, and kill the daemon before it hears that the mail was taken."""
    mailbox.mute = True
    path = handed_off(daemon, "Third.")
    assert in_time(lambda: len(mailbox.taken) == 2)
    daemon.process.kill()
    late = "update duties set lease_until = lease_until - interval '121 seconds'"
    house.sql(late)
    mailbox.mute = False
    return path


def resolved(daemon: Daemon, path: str, mail: str) -> None:
    """Take a ticket on to its end: confirmed by the mail's link and its button (S0-13 to S0-16)."""
    daemon.ask(f"POST {path}/customer-update")
    link = re.search(r"/handoffs/\S+", mail)
    assert link is not None
    with httpx.Client(base_url=daemon.url, trust_env=False) as browser:
        (word,) = re.findall(r'name="nonce" value="([^"]+)"', browser.get(link[0]).text)
        assert browser.post(link[0], data={"nonce": word}).status_code == httpx.codes.OK
    assert daemon.ask(f"POST {path}/closing")["state"] == "CLOSING"
    assert in_time(lambda: daemon.ask(f"GET {path}")["closing_mail"]["state"] == "sent")
    assert daemon.ask(f"POST {path}/resolve")["status"] == "Resolved"


def test_the_product_team_is_written_to_once_whenever_the_process_dies(house: RealHouse) -> None:
    """S0-07, S0-11: killed before the mail is on the wire, and while it is; then to its end."""
    mailbox, port = Mailbox(), free_port()
    # Nobody is there to send yet when this one dies.
    web = house.daemon(role="web", **settings(port))
    web.start()
    before = handed_off(web, "First.", "Second.")
    web.process.kill()
    with served(mailbox, port):
        daemon = house.daemon(**settings(port))
        daemon.start()
        assert in_time(lambda: product_mail(daemon, before) == "sent")
        ((to, body),) = mailbox.taken
        assert (to, body.splitlines()[0]) == (PRODUCT, "Second.")

        during = killed_on_the_wire(house, daemon, mailbox)
        daemon.start()
        assert in_time(lambda: product_mail(daemon, during) == "unsure")
        assert in_time(lambda: any("the product team" in told for told in house.ear.heard))
        # Asked for again or not, that mail is not sent a second time.
        daemon.ask(f"POST {during}/product", {"product": "Dispatch"})
        daemon.ask(f"POST {during}/customer-update")
        assert in_time(lambda: len(mailbox.taken) == 3)
        assert [to for to, _ in mailbox.taken] == [PRODUCT, PRODUCT, CALLER.email]
        assert daemon.ask(f"POST {during}/ack")["state"] == "ACKNOWLEDGED"
        resolved(daemon, before, body)
        assert [to for to, _ in mailbox.taken[3:]] == [CALLER.email] * 2
