"""What a busy account publishes is taken back by the very limits that hold for strangers."""

from datetime import timedelta
from itertools import islice
from pathlib import Path

from adapters.feeds import FeedFetcher, Fetched
from adapters.ical.apart import read_apart
from adapters.ical.shapes import Event, Own
from adapters.ical.writing import Sheet, write
from gateway.domain.accounts import Account
from gateway.domain.calendars import details, entries, on_duty, published, title, uid
from gateway.domain.documents import compile_account, document_from
from gateway.domain.feeds import amended, feeds_of, matched, window
from schedules.timeline import changes
from tests.bench.rosters import busy_document
from tests.kit.desk import NOON


def text_of(account: Account) -> bytes:
    found = entries(account, account.schedules, None, published(account, NOON))
    assert len(found) > 5_000
    shown = [
        Event(
            *(uid(account, one), one.start, one.end, title(account, one)),
            description=details(account, one),
            own=Own(*one.duty, one.place),
        )
        for one in found
    ]
    return write(Sheet(account.name, NOON, shown))


async def test_an_account_of_two_hundred_shifts_comes_back_as_it_went_out(tmp_path: Path) -> None:
    account = compile_account(document_from(busy_document(), "test"))
    (tmp_path / "x.ics").write_bytes(text_of(account))
    got = await FeedFetcher(tmp_path).fetch("file:x.ics", None, None)
    assert isinstance(got, Fetched)
    events = (await read_apart(got.body.decode(), *window(NOON))).events
    fed = {"schedules": [{"name": "OnCall", "feed": {"file": "x.ics"}}]}
    document = document_from(busy_document() | fed, "test")
    ((_, feed),) = feeds_of(document)
    found = matched(events, document, feed, NOON)
    assert found.strangers == ()
    again = compile_account(amended(document, "OnCall", "file:x.ics", found.shifts))
    span = NOON, NOON + timedelta(days=150)
    for at in islice(changes(account.crew, account.schedule_named("OnCall"), *span), 0, None, 7):
        before, after = (one.roster("OnCall", at).lines for one in (account, again))
        assert on_duty(after) == on_duty(before), at
