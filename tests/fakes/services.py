"""The services of a channel, run for as long as a test needs them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from channels.base import Service


@asynccontextmanager
async def running(services: Iterable[Service]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in services]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
