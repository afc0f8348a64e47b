"""Socket Mode: two connections, for ever. When Slack asks for a new one, it is opened before the old one is closed.

https://docs.slack.dev/apis/events-api/using-socket-mode: an app may hold ten; each payload comes over any one of them;
Slack closes each after some hours, with a ``disconnect`` message some seconds before.

slack-sdk's client would reconnect by itself, but it closes the old connection before it opens the new one, and after a
failure tries the same address for ever, which is good for one use only. Here it holds one connection, notices when
that is stale (no pong), and says when it is over; the rest is done by ``SocketService``.
"""

import asyncio
import logging
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from channels.slack.answer import APP_TOKEN, classify
from channels.slack.backoff import wait_after
from channels.slack.client import proxy_for
from channels.slack.health import SOCKET, Health
from escalation.phrase import N_

log = structlog.get_logger(__name__)

CONNECTIONS = 2
PING_EVERY = 5.0
"""Seconds; a connection without a pong for half of it is dead."""
OPEN_WITHIN = 20.0
CLOSE_WITHIN = 1.0
"""Slack does not close its side after the closing handshake."""
ACK_WITHIN = 3.0
SHORT_LIFE = 30.0
_WHY = {
    "link_disabled": N_("it was switched off in the app's settings"),
    "too_many_websockets": N_("the app has too many connections open elsewhere"),
}
"""Slack's reasons to close a connection for which another will not do."""


class OneConnection(SocketModeClient):
    """slack-sdk's client for exactly one connection. ``greeted``: whether Slack said hello, or was gone before.
    ``over``: Slack asks for another, or the connection is dead; ``reason`` is Slack's."""

    def __init__(self, app_token: str, web_client: AsyncWebClient, ping_every: float) -> None:
        super().__init__(
            app_token, logging.getLogger("slack_sdk.socket_mode"), web_client=web_client, ping_interval=ping_every
        )
        self.greeted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.over = asyncio.Event()
        self.reason = ""

    async def connect(self) -> None:
        """One try. Raises what the client raises, and ConnectionError if Slack says no hello."""
        answer = await self.web_client.apps_connections_open(app_token=self.app_token)
        url = str(answer["url"])
        self.current_session = await self.aiohttp_client_session.ws_connect(
            url,
            autoping=False,
            heartbeat=self.ping_interval,
            proxy=proxy_for(url),
            ssl=self.web_client.ssl if self.web_client.ssl is not None else True,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_WITHIN),
        )
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        if not await self.greeted:
            raise ConnectionError(self.reason)

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """slack-sdk calls this when the connection is stale or closed, and when Slack asks for a new one."""
        self.over.set()
        self._greet(False)

    def _greet(self, is_welcome: bool) -> None:
        if not self.greeted.done():
            self.greeted.set_result(is_welcome)

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        if message.get("type") == "hello":
            self._greet(True)
        if message.get("type") == "disconnect":
            self.reason = str(message.get("reason") or "")
        await super().run_message_listeners(message, raw_message)

    async def close(self) -> None:
        await super().close()  # type: ignore[no-untyped-call]
        tasks = [self.message_processor, self.current_session_monitor, self.message_receiver]
        await asyncio.gather(*(one for one in tasks if one is not None), return_exceptions=True)


class Line(AsyncSocketModeHandler):
    """bolt's handler on one connection: every envelope is acknowledged over the connection that brought it."""

    client: OneConnection

    def __init__(self, app: AsyncApp, client: OneConnection) -> None:
        self.app = app
        self.app_token = client.app_token
        self.client = client
        self._busy: set[asyncio.Task[None]] = set()
        client.socket_mode_request_listeners.append(self._take)

    async def _take(self, client: Any, request: SocketModeRequest) -> None:
        task = asyncio.create_task(self.handle(client, request))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        await task

    async def retire(self) -> None:
        """Close, after what came in was acknowledged."""
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=ACK_WITHIN)
        try:
            await self.client.close()
        except Exception as error:
            log.info("A Socket Mode connection could not be closed in order", reason=type(error).__name__)


class SocketService:
    """Keeps the connections, for ever."""

    def __init__(self, app: AsyncApp, app_token: str, web_client: AsyncWebClient, health: Health) -> None:
        self._app = app
        self._app_token = app_token
        self._web_client = web_client
        self._health = health
        self._lines: set[Line] = set()
        """All that are not closed yet, and of these those that work."""
        self._up: set[Line] = set()

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONNECTIONS):
                    group.create_task(self._hold())
        finally:
            await asyncio.gather(*map(self._retire, set(self._lines)))

    async def _hold(self) -> None:
        """Keep one connection for ever; the old one goes on until there is a new one."""
        line: Line | None = None
        failures = 0
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            line = await self._replace(line)
            if line is not None and not line.client.over.is_set():
                await line.client.over.wait()
                self._lost(line)
            failures = 0 if clock() - began > SHORT_LIFE else failures + 1
            await asyncio.sleep(wait_after(failures))

    async def _replace(self, old: Line | None) -> Line | None:
        """A new connection, and the old one closed; the old one again if there is no new one to be had."""
        if old is not None and old.client.reason == "too_many_websockets":
            await self._retire(old)
            old = None
        fresh = await self._open()
        if fresh is None:
            if old is not None:
                self._lost(old)
            return old
        if old is not None:
            await self._retire(old)
        return fresh

    async def _retire(self, line: Line) -> None:
        self._up.discard(line)
        await line.retire()
        self._lines.discard(line)

    async def _open(self) -> Line | None:
        line = Line(self._app, OneConnection(self._app_token, self._web_client, PING_EVERY))
        self._lines.add(line)
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await line.client.connect()
        except Exception as error:
            await self._retire(line)
            self._down(_WHY.get(line.client.reason) or classify(error, APP_TOKEN).reason)
            return None
        self._up.add(line)
        self._health.up(SOCKET)
        return line

    def _lost(self, line: Line) -> None:
        """It is over: dead, or only asked to be replaced, and then it still works for a while."""
        session = line.client.current_session
        reason = line.client.reason
        if session is None or session.closed or line.client.stale or reason in _WHY:
            self._up.discard(line)
            self._down(_WHY.get(reason, N_("the connection was lost")))

    def _down(self, why: str) -> None:
        """One of several that is lost is worth a line; that none is up is told by the health, once."""
        if self._up:
            log.info("A Socket Mode connection is not up", reason=why)
        else:
            self._health.down(SOCKET, f"Socket Mode: {why}")
