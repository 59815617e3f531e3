from tests.processes.test_carrier_faults import *


def test_dbg(house, daemon):
    ucn = faulty(house, daemon, "limit", retry_after=2)
    assert daemon.delivered(ucn)
    for i in daemon.history(ucn):
        print(i["at"], i["kind"], i["text"])
    print(house.sql("select * from attempts"))
    print(
        [
            l
            for l in daemon.web.get(f"{daemon.url}/metrics").text.splitlines()
            if "carrier_request_seconds_count" in l
        ]
    )
    assert 0


def test_dbg2(house):
    daemon = house.daemon(
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(free_port()),
        SMTP_TLS="none",
        MAIL_FROM="dispatch@service.example",
    )
    daemon.start()
    daemon.put(account(by="email", wait="5m"))
    ucn = daemon.take()
    daemon.told(ucn, "email.failed ann")
    for i in daemon.history(ucn):
        print(i["at"], i["kind"], i["text"], i["data"])
    assert 0
