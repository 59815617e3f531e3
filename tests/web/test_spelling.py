"""Spelling suggestions keep nobody waiting: asked for beside the event loop, and not too many."""

import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from adapters import dictionary
from gateway.domain.accounts import Account
from gateway.store import accounts
from gateway.store.pool import Pool
from gateway.web import reviews, spelling
from gateway.web.parts import Parts
from tests.kit.api import Api, serving
from tests.kit.desk import NOON, document

FORMS = {"hvac-service": {"kind": "hvac"}}
SPECIAL = {"start": "2026-02-02", "end": "2026-02-09"}
POST = "POST /v1/accounts/7001/specials"


class Asked:
    """A dictionary that notes who asked it for what."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the dictionary's place."""
        self.words: list[str] = []
        self.threads: set[threading.Thread] = set()
        monkeypatch.setattr(dictionary, "suggest", self._suggest)

    def _suggest(self, word: str) -> Sequence[str]:
        self.words.append(word)
        self.threads.add(threading.current_thread())
        return (f"{word}!",)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


@pytest.fixture
async def api(pool: Pool) -> AsyncIterator[Api]:
    async with serving(pool) as served:
        async with pool.acquire() as conn:
            await accounts.put(conn, document(forms=FORMS), "lead:L-7", NOON)
        yield served


@pytest.mark.parametrize("call", ["/reviews", "/messages", "/messages/49000001"])
async def test_no_answer_asks_the_dictionary_on_the_event_loop(
    api: Api, asked: Asked, call: str
) -> None:
    await api.take(text="The furnce is out", form="hvac-service")
    await api.ask("agent", POST, {"text": "Reach the ofice by text", **SPECIAL})
    answer = await api.ask("dispatcher", f"GET /v1{call}")
    assert "furnce!" in answer.text
    assert "furnce" in asked.words
    assert threading.current_thread() not in asked.threads


async def test_a_long_answer_asks_for_its_first_words_only_and_for_each_once(asked: Asked) -> None:
    words = [f"wrod{n // 2}" for n in range(400)]
    meant = await spelling.meant(words)
    assert len(meant) == len(asked.words) == spelling.MOST
    assert meant["wrod0"] == ("wrod0!",)
    assert "wrod199" not in meant


async def test_an_answer_in_which_nothing_is_misspelt_asks_nobody(asked: Asked) -> None:
    assert await spelling.meant([]) == {}
    assert asked.words == []


async def test_the_list_of_reviews_asks_for_an_account_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("Reach the ofice", "Text the ofice", "Call the ofice"):
        assert (await api.ask("agent", POST, {"text": text, **SPECIAL})).status_code == 201
    wanted: list[str] = []
    real = reviews.account_of

    async def account_of(parts: Parts, account: str) -> Account:
        wanted.append(account)
        return await real(parts, account)

    monkeypatch.setattr(reviews, "account_of", account_of)
    found = (await api.ask("dispatcher", "GET /v1/reviews")).json()
    assert [one["findings"][0]["words"] for one in found] == ["ofice"] * 3
    assert wanted == ["7001"]
