"""What people said of a case goes when it is over, by the account's retention; the rest stays."""

from dataclasses import dataclass, replace
from uuid import UUID

from gateway.clock import VirtualClock
from gateway.daemon.house_retention import HouseRetention
from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, CaseType, closed
from gateway.domain.casework_facts import Assignment
from gateway.domain.fieldjob_deeds import FIELDJOBS
from gateway.domain.fieldjobs import FieldJob, Status
from gateway.domain.handoffs import WAYS as HANDOFFS
from gateway.domain.matter_words import ERASED, without_words
from gateway.domain.matters import Item, Letter, Written
from gateway.domain.support_facts import Support
from gateway.store import matter_words, matters
from gateway.store.desk import Desk
from gateway.store.matters import Hand
from gateway.store.pool import Pool
from gateway.store.states import States
from tests.domain.handoff_tickets import CALLER, walked
from tests.kit.desk import NOON, Dice, later
from tests.kit.shelf import FREE

OPEN, OVER, YOUNG = (UUID(int=n) for n in (1, 2, 3))
ORDER = ("gateway", later(days=30), "retention")


@dataclass(frozen=True, slots=True)
class Note:
    """Facts within facts."""

    comments: str
    team: str


@dataclass(frozen=True, slots=True)
class Told:
    """Facts of some kind."""

    phone: str | None
    state: str
    notes: tuple[Note, ...] = ()
    email: str = ""


def test_what_is_personal_in_facts_says_that_it_was_erased_and_nothing_else_does() -> None:
    told = Told("+12025550101", "open", (Note("She cried", "Sales"), Note("", "Legal")))
    assert without_words(told) == Told(ERASED, "open", (Note(ERASED, "Sales"), Note("", "Legal")))
    assert without_words(replace(told, phone=None)).phone is None


def test_a_records_own_words_go_with_it() -> None:
    """An assignment's reason, a form's free lines; what a job's source is stays."""
    given = Assignment(1, "Sales", "Dana cried", "", NOON, "agent:1204", answer="No")
    assert without_words(given) == replace(given, reason=ERASED, answer=ERASED)
    asked = Support("Hal", "Repair for Hal", "Roof", "Leaks", "Hal", parent="contract")
    assert "Hal" not in str(without_words(asked))
    job = FieldJob(UUID(int=1), "Hal", Status.COMPLETE, "a", NOON, "UTC", source="booking_page")
    assert without_words(job) == replace(job, title=ERASED)
    assert FIELDJOBS.over(job)
    assert not FIELDJOBS.over(replace(job, status=Status.PAUSED))


async def test_only_what_is_over_and_old_is_erased_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        for case_id, at in ((OPEN, NOON), (OVER, NOON), (YOUNG, later(days=29))):
            case = Case(case_id, CaseType.DISPATCH, "Support", "gateway", at, account="7001")
            case = case if case_id == OPEN else closed(case, "done", at)
            item = Item("case.created", "A case was opened.", words="She cried")
            written = Written(case, (item,))
            await matters.open_one(conn, CASES, case_id, written, Hand("a", at, Dice(), FREE))
        before = later(days=20)
        assert await matter_words.erase_before(conn, "7002", before, ORDER) == 0
        assert await matter_words.erase_before(conn, "7001", before, ORDER) == 1
        assert await matter_words.erase_before(conn, "7001", later(days=60), ORDER) == 1
        assert await matter_words.erase_before(conn, "7001", later(days=60), ORDER) == 0
        left = [row["matter"] for row in await conn.fetch("select matter from matter_words")]
        assert left == [OPEN]
        for case_id, count in ((OPEN, 1), (OVER, 2), (YOUNG, 2)):
            assert await matters.check(conn, case_id) == (count, None)


async def test_what_belongs_to_no_account_goes_by_the_houses_retention(pool: Pool) -> None:
    """Hand-offs, and homeowners' cases: nothing that somebody said is left in facts or letters."""
    ticket = walked("resolve")
    hand = Hand("agent:1204", NOON, Dice(), FREE)
    letter = Letter("update", "email", CALLER.email, "Dana Doe", "Dear Dana Doe")
    async with pool.acquire() as conn:
        written = Written(ticket, (Item("handoff.created", "It was opened."),), letters=(letter,))
        await matters.open_one(conn, HANDOFFS, ticket.id, written, hand)
        await conn.execute("update letters set state = 'sent'")
        clock = VirtualClock(later(days=30))
        desk = Desk(pool, States("https://x.example"), clock, FREE, lambda _: None)
        assert await HouseRetention(desk, None).look() == 0
        assert await HouseRetention(desk, 31).look() == 0
        assert await HouseRetention(desk, 29).look() == 1
        assert await HouseRetention(desk, 29).look() == 0
        left = await conn.fetchval("select facts::text from matters")
        left += await conn.fetchval("select l::text from letters as l")
        for said in (*CALLER, ticket.note, ticket.subject):
            assert said not in left
