"""Texts are written once for all who ask, and kept within bounds."""

import asyncio
import threading

import pytest

from gateway.web.written import Written


async def test_those_who_ask_at_once_share_one_writing() -> None:
    texts, written = Written(), []

    def write() -> bytes:
        written.append(threading.current_thread())
        return b"text"

    assert await asyncio.gather(*(texts.of("x", write) for _ in range(9))) == [b"text"] * 9
    assert await texts.of("x", write) == b"text"
    assert len(written) == 1
    assert written[0] is not threading.main_thread()


async def test_whoever_leaves_takes_the_text_from_nobody() -> None:
    texts, go = Written(), threading.Event()

    def write() -> bytes:
        go.wait(10)
        return b"text"

    first = asyncio.create_task(texts.of("x", write))
    second = asyncio.create_task(texts.of("x", lambda: b"another"))
    await asyncio.wait([first, second], timeout=0)
    first.cancel()
    go.set()
    assert await second == b"text"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_fault_is_seen_and_tried_again() -> None:
    texts = Written()

    def fail() -> bytes:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await texts.of("x", fail)
    assert await texts.of("x", lambda: b"text") == b"text"


async def test_the_oldest_go_when_there_are_too_many() -> None:
    texts = Written(most=10)
    for name in "abc":
        await texts.of(name, lambda: b"12345")
    kept = [await texts.of(name, lambda: b"again") for name in "bca"]
    assert kept == [b"12345", b"12345", b"again"]


async def test_one_text_larger_than_all_is_kept_alone() -> None:
    texts = Written(most=3)
    await texts.of("a", lambda: b"12345")
    assert await texts.of("a", lambda: b"again") == b"12345"
