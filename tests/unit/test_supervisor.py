"""A service that dies is alarmed and started again; a part that must not end ends the bot loudly."""

import asyncio
import contextlib
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App, Parts, StoppedError
from bot.clock import ManualClock
from bot.settings.load import load_bytes
from bot.supervisor import keep_running
from tests.acceptance.stage import SECRETS, START


class Service:
    """Ends as it is told, then runs until it is cancelled."""

    def __init__(self, *ends: Exception | None) -> None:
        self.ends = deque(ends)
        self.starts = 0
        self.is_running = asyncio.Event()

    async def run(self) -> None:
        self.starts += 1
        if not self.ends:
            self.is_running.set()
            await asyncio.Event().wait()
        end = self.ends.popleft()
        if end is not None:
            raise end


async def supervised(service: Service, alarms: list[tuple[str, str]], *, is_store_broken: bool = False) -> list[int]:
    """Run it until it stands; returns what the waits were asked for."""
    waits: list[int] = []

    async def alarm(name: str, reason: str) -> None:
        alarms.append((name, reason))
        if is_store_broken:
            raise OSError("full")

    def wait(failures: int) -> timedelta:
        waits.append(failures)
        return timedelta(0)

    task = asyncio.create_task(keep_running("slack", service.run, alarm, wait))
    async with asyncio.timeout(5):
        await service.is_running.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    return waits


@pytest.mark.parametrize("is_store_broken", [False, True])
async def test_a_service_that_dies_is_alarmed_and_started_again(is_store_broken: bool) -> None:
    service = Service(ValueError("a secret"), None)
    alarms: list[tuple[str, str]] = []
    waits = await supervised(service, alarms, is_store_broken=is_store_broken)
    assert alarms == [("slack", "a fault inside Kidoku; see its log"), ("slack", "it ended by itself")]
    assert (service.starts, waits) == (3, [1, 2])


async def test_a_service_that_swallows_its_cancellation_is_not_started_again() -> None:
    entered = asyncio.Event()
    starts = 0

    async def run() -> None:
        nonlocal starts
        starts += 1
        entered.set()
        with contextlib.suppress(*([asyncio.CancelledError] if starts == 1 else [])):
            await asyncio.Event().wait()

    async def alarm(name: str, reason: str) -> None:
        raise AssertionError(reason)

    task = asyncio.create_task(keep_running("slack", run, alarm, lambda _: timedelta(0)))
    await entered.wait()
    task.cancel()
    await asyncio.wait([task], timeout=5)
    assert (task.done(), starts) == (True, 1)


async def test_a_part_that_must_not_end_ends_the_bot_with_its_name(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "configs" / "stage.yaml").read_text("utf-8")
    loaded = load_bytes(f'{text}\ndatabase: "{tmp_path}/x.sqlite3"\n'.encode(), "stage.yaml", SECRETS, START.date())
    assert loaded.settings is not None
    parts = Parts(lambda inbox, board: [], watches_mail=False, serves_web=False)
    app = await App.build(loaded.settings, ManualClock(START), parts)
    running = asyncio.create_task(app.run(asyncio.Event()))
    await app.engine.stop()
    with pytest.raises(StoppedError, match="engine"):
        async with asyncio.timeout(10):
            await running
