"""Asking a translation service: once, a few at a time, not while it fails; and what is remembered."""

import asyncio
from collections import deque
from datetime import timedelta

import pytest

from bot.clock import ManualClock
from bot.metrics import Metrics
from bot.translation.interpreter import (
    FIRST_PAUSE,
    LASTING_PAUSE,
    MOST_AT_ONCE,
    MOST_FAILURES,
    MOST_PAUSE,
    MOST_REFUSED,
    MOST_WAITING,
    Interpreter,
)
from bot.translation.memory import MOST_KEPT, Memory
from bot.translation.script import needs_none
from channels.translation.service import Outcome, Refused, Translated, Unavailable
from tests.acceptance.stage import START

KEPT = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class Scripted:
    """A service that is the test; while ``is_open`` is not set it does not answer."""

    name = "Scripted"

    def __init__(self) -> None:
        self.answers: deque[Outcome | Exception] = deque()
        self.asked: list[str] = []
        self._came: asyncio.Queue[None] = asyncio.Queue()
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.is_closed = False

    async def translate(self, text: str, target: str) -> Outcome:
        self.asked.append(f"{target}:{text}")
        self._came.put_nowait(None)
        await self.is_open.wait()
        answer = self.answers.popleft() if self.answers else Translated(f"{target}({text})", "en")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def comes(self, count: int) -> None:
        """So many more requests have come."""
        for _ in range(count):
            await self._came.get()

    async def close(self) -> None:
        self.is_closed = True


Asked = tuple[Interpreter, Scripted, ManualClock]


@pytest.fixture
def asked() -> Asked:
    service, clock = Scripted(), ManualClock(START)
    return Interpreter(service, clock, Metrics()), service, clock


async def test_the_same_text_is_asked_for_once(asked: Asked) -> None:
    one, service, _ = asked
    service.is_open.clear()
    waiting = [asyncio.create_task(one.translated("Link down", "ja", KEPT)) for _ in range(MOST_AT_ONCE + 1)]
    await service.comes(1)
    service.is_open.set()
    assert await asyncio.gather(*waiting) == ["ja(Link down)"] * (MOST_AT_ONCE + 1)
    assert await one.translated("Link down", "ja", KEPT) == "ja(Link down)"
    assert await one.translated("Link down", "en", KEPT) == "", "by the first answer it is known to be English"
    assert service.asked == ["ja:Link down"]


async def test_whoever_waits_waits_no_longer_than_they_will(asked: Asked) -> None:
    one, service, _ = asked
    service.is_open.clear()
    assert await one.translated("Link down", "ja", KEPT, timedelta(milliseconds=10)) is None
    service.is_open.set()
    assert await one.translated("Link down", "ja", KEPT) == "ja(Link down)"
    assert len(service.asked) == 1, "it was still under way"


async def test_a_few_at_once_and_not_without_end(asked: Asked) -> None:
    one, service, _ = asked
    service.is_open.clear()
    waiting = [asyncio.create_task(one.translated(f"{n}", "ja", KEPT)) for n in range(MOST_WAITING + 5)]
    await service.comes(MOST_AT_ONCE)
    async with asyncio.timeout(5):
        assert await asyncio.gather(*waiting[MOST_WAITING:]) == [None] * 5
    assert len(service.asked) == MOST_AT_ONCE
    service.is_open.set()
    await asyncio.gather(*waiting)
    assert len(service.asked) == MOST_WAITING


FAULT = Unavailable("HTTP 500")


async def test_it_is_left_alone_for_longer_and_longer(asked: Asked) -> None:
    one, service, clock = asked
    spans = []
    for number in range(12):
        service.answers.append(FAULT)
        assert await one.translated(f"text {number}", "ja", KEPT) is None
        began = clock.now()
        while one.is_shut:
            clock.move_to(clock.now() + FIRST_PAUSE)
        spans.append(clock.now() - began)
    assert spans[:6] == [timedelta(0), timedelta(0), FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4, FIRST_PAUSE * 8]
    assert max(spans) == MOST_PAUSE
    assert await one.translated("at last", "ja", KEPT) == "ja(at last)"
    service.answers.append(FAULT)
    await one.translated("another", "ja", KEPT)
    assert not one.is_shut, "it is counted anew"


@pytest.mark.parametrize(
    ("outcome", "span"),
    [
        (Unavailable("HTTP 429", timedelta(seconds=7)), timedelta(seconds=7)),
        (Unavailable("HTTP 429", timedelta(hours=20)), timedelta(hours=20)),
        (Unavailable("HTTP 456", is_lasting=True), LASTING_PAUSE),
        (Unavailable("HTTP 456", SECOND, is_lasting=True), LASTING_PAUSE),
        (Unavailable("HTTP 456", timedelta(hours=3), is_lasting=True), timedelta(hours=3)),
    ],
)
async def test_it_is_left_alone_as_it_wants(asked: Asked, outcome: Unavailable, span: timedelta) -> None:
    one, service, clock = asked
    service.answers.append(outcome)
    await one.translated("Link down", "ja", KEPT)
    clock.move_to(START + span - SECOND)
    assert await one.translated("Link down", "ja", KEPT) is None
    assert len(service.asked) == 1
    clock.move_to(START + span)
    assert await one.translated("Link down", "ja", KEPT) == "ja(Link down)"


@pytest.mark.parametrize("after", [timedelta(0), SECOND])
async def test_a_service_that_wants_to_be_asked_at_once_is_left_alone_all_the_same(
    asked: Asked, after: timedelta
) -> None:
    """``Retry-After: 0``, or a date that has passed."""
    one, service, clock = asked
    service.answers.extend([Unavailable("HTTP 429", after)] * 10)
    for number in range(10):
        await one.translated(f"text {number}", "ja", KEPT)
        clock.move_to(clock.now() + after)
    assert len(service.asked) == MOST_FAILURES
    clock.move_to(clock.now() + FIRST_PAUSE)
    await one.translated("another", "ja", KEPT)
    assert len(service.asked) == MOST_FAILURES + 1


async def test_a_service_that_refuses_everything_is_left_alone(asked: Asked) -> None:
    """As LibreTranslate does that wants a key: each of its answers is a 400."""
    one, service, clock = asked
    service.answers.extend([Refused("HTTP 400")] * (MOST_REFUSED - 1))
    for number in range(MOST_REFUSED - 1):
        await one.translated(f"text {number}", "zh", KEPT)
    assert await one.translated("another", "ja", KEPT) == "ja(another)"
    assert one.is_refused("text 0", "zh")
    assert not one.is_refused("another", "ja")
    service.answers.extend([Refused("HTTP 400")] * (MOST_REFUSED + 1))
    for number in range(MOST_REFUSED + 5):
        await one.translated(f"more {number}", "ja", KEPT)
    assert len(service.asked) == MOST_REFUSED * 2
    clock.move_to(START + LASTING_PAUSE)
    assert one.is_refused("never asked for", "ja")
    for number in range(2):
        await one.translated(f"late {number}", "ja", KEPT)
    assert len(service.asked) == MOST_REFUSED * 2 + 1, "one is tried, and refused again"
    clock.move_to(START + LASTING_PAUSE * 2)
    assert await one.translated("at last", "ja", KEPT) == "ja(at last)"
    assert not one.is_refused("never asked for", "ja")


async def test_what_waited_in_the_queue_is_not_asked_when_the_service_has_failed(asked: Asked) -> None:
    one, service, _ = asked
    service.is_open.clear()
    service.answers.extend([Unavailable("HTTP 456", is_lasting=True)] * 10)
    waiting = [asyncio.create_task(one.translated(f"{n}", "ja", KEPT)) for n in range(10)]
    await service.comes(MOST_AT_ONCE)
    service.is_open.set()
    assert await asyncio.gather(*waiting) == [None] * 10
    assert len(service.asked) == MOST_AT_ONCE


async def test_what_is_refused_is_not_asked_again(asked: Asked) -> None:
    one, service, _ = asked
    service.answers.append(Refused("HTTP 400"))
    assert [await one.translated("Link down", "ja", KEPT) for _ in range(2)] == ["", ""]
    assert len(service.asked) == 1
    assert not one.is_shut


async def test_a_service_that_raises_is_one_that_fails(asked: Asked) -> None:
    one, service, _ = asked
    service.answers.append(RuntimeError("a slip of ours"))
    assert await one.translated("Link down", "ja", KEPT) is None
    assert await one.translated("Link down", "ja", KEPT) == "ja(Link down)"


async def test_a_translation_without_end_is_cut(asked: Asked) -> None:
    one, service, _ = asked
    service.answers.append(Translated("長" * 100_000))
    assert len(await one.translated("Link down", "ja", KEPT) or "") < 200


async def test_one_into_its_own_language_is_none(asked: Asked) -> None:
    one, service, _ = asked
    service.answers.append(Translated("The link is down", "en"))
    assert await one.translated("Link down", "en", KEPT) == ""


async def test_one_that_says_nothing_else_is_none(asked: Asked) -> None:
    one, service, _ = asked
    service.answers.append(Translated(" link DOWN ", ""))
    assert await one.translated("Link down", "ja", KEPT) == ""


async def test_closing_waits_for_nobody(asked: Asked) -> None:
    one, service, _ = asked
    service.is_open.clear()
    waiting = asyncio.create_task(one.translated("Link down", "ja", KEPT))
    await service.comes(1)
    await one.close()
    assert await waiting is None
    assert service.is_closed


def test_memory_is_bounded_and_ends() -> None:
    clock = ManualClock(START)
    memory = Memory(clock)
    for number in range(MOST_KEPT):
        memory.put((f"{number}", "ja"), "x", KEPT)
    assert memory.get(("0", "ja")) == "x"
    memory.put(("new", "ja"), "x", KEPT * 2)
    assert (len(memory), memory.get(("0", "ja")), memory.get(("1", "ja"))) == (MOST_KEPT, "x", None)
    clock.move_to(START + KEPT)
    assert (memory.get(("0", "ja")), memory.get(("new", "ja"))) == (None, "x")
    memory.forget()
    assert len(memory) == 1


@pytest.mark.parametrize(
    ("text", "language", "is_needless"),
    [
        ("大阪で回線断", "ja", True),
        ("ﾘﾝｸ断", "ja", True),
        ("大阪で回線断", "zh", False),
        ("回線断", "ja", False),
        ("线路中断", "zh", False),
        ("Link down", "en", False),
        ("2026-05-03 17:00 !!", "en", True),
        ("", "ja", True),
    ],
)
def test_what_the_script_tells(text: str, language: str, is_needless: bool) -> None:
    assert needs_none(text, language) is is_needless
