"""Slack on loopback as a process of its own: ``python -m tests.fakes.slack_serve [--port N]``.

Prints one JSON object a line: first ``{"url": …}``, the ``api_url``, then every call as it comes in
(``{"method": …, "arguments": {…}}``). Under /control it can be asked and told:

- ``GET /control/messages``: what is posted, as it stands now
- ``POST /control/press`` ``{"ts": …, "action_id": …, "user": "U0ALICE"}``: press a button, over Socket Mode
- ``POST /control/refuse`` ``{"method": …, "error": …, "status": 429, "headers": {"Retry-After": "30"}}``
"""

import argparse
import asyncio
import json
import signal
from collections.abc import Mapping
from itertools import count
from typing import Any

from aiohttp import web

from tests.fakes.slack import FakeSlack
from tests.fakes.slack_world import ALICE, Refusal


def say(line: Mapping[str, Any]) -> None:
    print(json.dumps(line), flush=True)


class ServedSlack(FakeSlack):
    """The fake with its control endpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.told = lambda method, arguments: say({"method": method, "arguments": arguments})
        self._numbers = count(1)

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.get("/control/messages", self._messages),
            web.post("/control/press", self._press),
            web.post("/control/refuse", self._refuse),
        ]

    async def _messages(self, request: web.Request) -> web.Response:
        return web.json_response([one.as_json(0, True) | {"channel": one.channel} for one in self.messages])

    async def _press(self, request: web.Request) -> web.Response:
        asked = await request.json()
        posted = next(one for one in self.messages if one.ts == asked["ts"])
        number = next(self._numbers)
        press = self.press_of(posted, asked["action_id"], asked.get("user", ALICE), f"{number}.0")
        await self.sockets.send(press, f"e{number}")
        return web.json_response({"envelope_id": f"e{number}"})

    async def _refuse(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.refuse(asked.pop("method"), Refusal(**asked))
        return web.json_response({})


async def serve(port: int) -> None:
    """Until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stopping.set)
    slack = ServedSlack()
    await slack.start(port)
    try:
        say({"url": slack.url})
        await stopping.wait()
    finally:
        await slack.stop()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--port", type=int, default=0)
    asyncio.run(serve(arguments.parse_args().port))
