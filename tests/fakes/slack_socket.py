"""Socket Mode on loopback: tickets for one use, hello, envelopes and their acknowledgements, ``disconnect``.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web


@dataclass(eq=False)
class Socket:
    """One connection. A deaf one reads nothing more: pings get no pong."""

    ws: web.WebSocketResponse
    request: web.Request
    is_deaf: asyncio.Event = field(default_factory=asyncio.Event)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask for a new connection, as Slack does some seconds before it closes this one."""
        await self.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})

    def cut(self) -> None:
        """The network fails: no closing handshake."""
        assert self.request.transport is not None
        self.request.transport.abort()


class Sockets:
    """The connections that are open, and what was acknowledged over them."""

    def __init__(self, changed: asyncio.Condition, app_token: str) -> None:
        self.open: list[Socket] = []
        self.opened = 0
        self.acks: list[str] = []
        self.answers: dict[str, dict[str, Any]] = {}
        """What came with an acknowledgement, by its envelope."""
        self.port = 0
        self.is_refusing = False
        """The address is known to Slack no more: every handshake fails."""
        self.most = 10
        self._changed = changed
        self._tickets: set[str] = set()

    def ticket(self) -> str:
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self.port}/link?ticket={ticket}"

    async def link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or self.is_refusing:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        socket = Socket(ws, request)
        if len(self.open) >= self.most:
            await socket.disconnect("too_many_websockets")
            await ws.close()
            return ws
        await self._begin(socket)
        try:
            await self._read(socket)
        finally:
            self.open.remove(socket)
            await self._tell()
        return ws

    async def _begin(self, socket: Socket) -> None:
        self.open.append(socket)
        self.opened += 1
        await socket.ws.send_json(
            {
                "type": "hello",
                "num_connections": len(self.open),
                "connection_info": {"app_id": "A0KIDOKU"},
                "debug_info": {"host": "applink-1", "approximate_connection_time": 18_060},
            }
        )
        await self._tell()

    async def _read(self, socket: Socket) -> None:
        async for frame in socket.ws:
            if socket.is_deaf.is_set():
                continue
            if frame.type is WSMsgType.PING:
                await socket.ws.pong(frame.data)
            if frame.type is WSMsgType.TEXT:
                ack = json.loads(frame.data)
                self.answers[str(ack["envelope_id"])] = ack.get("payload") or {}
                self.acks.append(str(ack["envelope_id"]))
                await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def send(self, payload: Mapping[str, Any], envelope_id: str, socket: Socket | None = None) -> None:
        """Deliver a payload, of an interaction, a slash command or an event, over one of the connections."""
        is_command = "command" in payload
        is_event = payload.get("type") == "event_callback"
        is_answered = is_command or payload.get("type") in ("view_submission", "block_suggestion")
        envelope = {
            "type": "slash_commands" if is_command else "events_api" if is_event else "interactive",
            "envelope_id": envelope_id,
            "payload": dict(payload),
            "accepts_response_payload": is_answered,
        }
        await (socket or self.open[-1]).ws.send_json(envelope)

    async def close(self) -> None:
        for socket in list(self.open):
            socket.cut()
