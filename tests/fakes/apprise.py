"""Services on loopback that apprise can be led to. Each keeps what came, and answers as it is told."""

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from aiohttp import web
from apprise.plugins import pagerduty
from apprise.plugins.google_chat import NotifyGoogleChat
from apprise.plugins.line import NotifyLine
from apprise.plugins.pushover import NotifyPushover

from channels.apprise.lineworks import NotifyLineWorks

HANG = 0
"""In the place of a status: no answer comes."""

LINE_TOKEN = "lineTOKENabcdefghijklmnopqrstuvwxyz0123456789lineTOKEN"
SECRETS = {
    "json": "json://user7:passW0rdX@{at}/secretPath99",
    "ntfy": "ntfy://user7:passW0rdX@{at}/topicSecret99",
    "line": f"line://{LINE_TOKEN}/U0123456789abcdef0123456789abcdef",
    "teams": "workflow://{at}/wfSecret0123456789abcdef0123456789ab/sigSecret0123456789abcdef",
    "gchat": "gchat://spaceSecret1/keySecret12345/tokenSecret12345",
    "lineworks": "lineworks://webhookSecret-0123-4567-89ab",
    "pushover": "pover://userSecret0123456789abcdefABCD@tokenSecret123456789abcdefABCD/",
    "pagerduty": "pagerduty://integrationSecret0123456789ab@apiSecret0123456789",
}
"""A URL for each service, with the host where it has one of its own."""

HIDDEN = {
    "json": ("passW0rdX", "secretPath99"),
    "ntfy": ("passW0rdX", "topicSecret99"),
    "line": (LINE_TOKEN, "U0123456789abcdef0123456789abcdef"),
    "teams": ("wfSecret", "sigSecret"),
    "gchat": ("keySecret", "tokenSecret", "spaceSecret"),
    "lineworks": ("webhookSecret",),
    "pushover": ("userSecret", "tokenSecret"),
    "pagerduty": ("integrationSecret", "apiSecret"),
}


@dataclass
class Services:
    """``bodies`` are the JSON of every request, or the form's fields; ``paths`` where each went."""

    port: int
    answers: deque[int] = field(default_factory=deque)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    texts: deque[str] = field(default_factory=deque)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, name: str) -> str:
        return SECRETS[name].format(at=self.at)

    async def serve(self, request: web.Request) -> web.Response:
        raw = await request.text()
        is_json = raw.lstrip().startswith("{")
        self.bodies.append(json.loads(raw) if is_json else dict(await request.post()))
        self.paths.append(request.path)
        status = self.answers.popleft() if self.answers else 200
        if status == HANG:
            await self.released.wait()
            return web.json_response({})
        # What a service says of a fault may repeat what it was sent, tokens too.
        body: dict[str, Any] = {} if status < 400 else {"error": str(request.url), "code": status * 100 + 1}
        return web.json_response(body, status=status)


@asynccontextmanager
async def services(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    """The addresses that apprise has written down, and only those, are of this machine now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Services(listener.getsockname()[1])
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", found.serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        base = f"http://{found.at}"
        monkeypatch.setattr(NotifyLine, "notify_url", f"{base}/line")
        monkeypatch.setattr(NotifyGoogleChat, "notify_url", base + "/gchat/{workspace}")
        monkeypatch.setattr(NotifyLineWorks, "notify_url", f"{base}/lineworks")
        monkeypatch.setattr(NotifyPushover, "notify_url", f"{base}/pushover")
        lookup = dict.fromkeys(pagerduty.PAGERDUTY_API_LOOKUP, f"{base}/pagerduty")
        monkeypatch.setattr(pagerduty, "PAGERDUTY_API_LOOKUP", lookup)
        _lead_teams(monkeypatch)
        try:
            yield found
        finally:
            found.released.set()
            await runner.cleanup()


def _lead_teams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teams' address is always https: on loopback it goes without."""
    post = requests.post

    def plain_post(url: str, **more: Any) -> Any:
        return post(url.replace("https://127.0.0.1", "http://127.0.0.1"), **more)

    monkeypatch.setattr(requests, "post", plain_post)
