"""What people said of a case goes when it is over, by the account's retention; the rest stays."""

from dataclasses import dataclass, replace
from uuid import UUID

from gateway.domain.case_ways import CASES
from gateway.domain.cases import Case, CaseType, closed
from gateway.domain.matter_words import ERASED, without_words
from gateway.domain.matters import Item, Written
from gateway.store import matter_words, matters
from gateway.store.matters import Hand
from gateway.store.pool import Pool
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
