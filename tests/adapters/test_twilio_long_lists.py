"""A list that is long is read piece by piece to its end, however many texts strangers send."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.simulator.carrier import Carrier
from adapters.simulator.core import Options
from adapters.twilio.client import InboundText, TextRequest, TwilioWire
from adapters.twilio.reading import Walk
from adapters.wire import Broken, Reply, Unread
from gateway.rehearsal.stage import Line
from tests.adapters.conftest import ACCOUNT

TOKEN = "a-token"  # noqa: S105 - opens nothing
OURS, ANN = "+15005550006", "+12025550101"
SERVICE = "MG" + "3" * 32
NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


class Breaking(Line):
    """A line to the simulated carrier on which chosen requests break; keeps what was asked."""

    def __init__(self) -> None:
        self.now = NOON
        options = Options(services={SERVICE: (OURS,)})
        super().__init__(Carrier(ACCOUNT, TOKEN, lambda: self.now, self._nobody, options=options))
        self.asked: list[dict[str, list[str]]] = []
        self.breaks: set[int] = set()
        self.forgets = False

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        self.asked.append(parse_qs(urlsplit(url).query))
        if len(self.asked) in self.breaks:
            raise Broken("timeout")
        if self.forgets:
            url = url.partition("&Page")[0]
        return await super().request(method, url, headers, body)

    async def receives(self, many: int, *, each: timedelta = timedelta()) -> None:
        """Have strangers send so many texts."""
        assert self.carrier is not None
        for _ in range(many):
            await self.carrier.text_from("+12025570000", "spam", OURS)
            self.now += each

    @staticmethod
    async def _nobody(*_: object) -> tuple[int, str]:
        raise ConnectionRefusedError


@pytest.fixture
def line() -> Breaking:
    return Breaking()


@pytest.fixture
def wire(line: Breaking) -> TwilioWire:
    return TwilioWire(ACCOUNT, ACCOUNT, TOKEN, line)


async def pieces(walk: Walk[InboundText]) -> list[list[InboundText]]:
    found = []
    while walk.more:
        found.append(await walk.piece())
    return found


def sizes(line: Breaking) -> list[int]:
    return [int(query["PageSize"][0]) for query in line.asked]


async def test_a_short_list_is_asked_for_in_a_small_page(line: Breaking, wire: TwilioWire) -> None:
    await line.receives(49)
    assert len(await wire.list_inbound(OURS, NOON).whole()) == 49
    assert sizes(line) == [50]


async def test_a_long_list_is_begun_anew_with_large_pages(line: Breaking, wire: TwilioWire) -> None:
    await line.receives(1_011)
    found = await wire.list_inbound(OURS, NOON).whole()
    assert len({one.sid for one in found}) == len(found) == 1_011
    assert sizes(line) == [50, 500, 500, 500]


async def test_a_list_of_any_length_is_read_piece_by_piece(
    line: Breaking, wire: TwilioWire
) -> None:
    """All within one second: nothing but the pages tells them apart."""
    await line.receives(10_100)
    read = await pieces(wire.list_inbound(OURS, NOON))
    assert [len(piece) for piece in read] == [4_500, 5_000, 600]
    assert len({one.sid for piece in read for one in piece}) == 10_100


async def test_what_was_read_before_a_fault_is_kept_and_reading_goes_on_there(
    line: Breaking, wire: TwilioWire
) -> None:
    await line.receives(1_200)
    line.breaks = {4}
    read = await pieces(wire.list_inbound(OURS, NOON))
    assert [len(piece) for piece in read] == [1_000, 200]
    assert line.asked[3] == line.asked[4]


async def test_a_piece_of_which_nothing_can_be_read_is_an_error(
    line: Breaking, wire: TwilioWire
) -> None:
    await line.receives(1_200)
    line.breaks = {4, 5}
    walk = wire.list_inbound(OURS, NOON)
    assert len(await walk.piece()) == 1_000
    with pytest.raises(Broken):
        await walk.piece()


async def test_a_whole_list_is_not_taken_for_read_when_a_later_page_breaks(
    line: Breaking, wire: TwilioWire
) -> None:
    await line.receives(1_200)
    line.breaks = {4}
    with pytest.raises(Broken):
        await wire.list_inbound(OURS, NOON).whole()


async def test_a_service_is_read_through_all_that_the_account_sent(
    line: Breaking, wire: TwilioWire
) -> None:
    assert line.carrier is not None
    await line.carrier.text_from(ANN, "ok", OURS)
    ours = TextRequest("a-1", "+12025550102", SERVICE, "hello", None, 300)
    for _ in range(5_000):
        await wire.send_text(ours)
    read = await pieces(wire.list_inbound(SERVICE, NOON))
    assert [[one.from_ for one in piece] for piece in read] == [[], [ANN]]


async def test_texts_from_before_end_the_list(line: Breaking, wire: TwilioWire) -> None:
    await line.receives(2_000, each=timedelta(seconds=1))
    found = await wire.list_inbound(OURS, NOON + timedelta(seconds=1_300)).whole()
    assert len(found) == 700
    assert sizes(line) == [50, 500, 500, 500]


async def test_a_carrier_that_gives_its_first_page_again_and_again_is_an_error(
    line: Breaking, wire: TwilioWire
) -> None:
    """It minds neither page nor token, as one of another make might."""
    await line.receives(1_200)
    line.forgets = True
    with pytest.raises(Unread, match="does not end"):
        await pieces(wire.list_inbound(OURS, NOON))
    assert len(line.asked) == 4
