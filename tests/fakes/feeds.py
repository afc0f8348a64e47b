"""Calendars on loopback: each path answers what the test put there."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

SAMPLES = Path(__file__).parents[1] / "calendars"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.ics").read_bytes()


def calendar(*events: str) -> bytes:
    """A calendar of these events; each is its lines."""
    inside = "".join(
        f"BEGIN:VEVENT\nUID:{number}@test\nDTSTAMP:20260501T000000Z\n{one}\nEND:VEVENT\n"
        for number, one in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def shift(words: str, start: str, end: str) -> str:
    return f"SUMMARY:{words}\nDTSTART:{start}\nDTEND:{end}"


def day(words: str, first: str) -> str:
    return f"SUMMARY:{words}\nDTSTART;VALUE=DATE:{first}"


@dataclass
class Feeds:
    """``data`` by path; a number is answered as a status, a text as a redirection there."""

    data: dict[str, bytes | int | str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(path, If-None-Match)"""
    base: str = ""

    def url(self, path: str) -> str:
        return f"{self.base}/{path}"

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path.lstrip("/")
        known = request.headers.get("If-None-Match", "")
        self.asked.append((path, known))
        found = self.data.get(path, 404)
        if isinstance(found, int):
            return web.Response(status=found)
        if isinstance(found, str):
            return web.Response(status=302, headers={"Location": found})
        etag = f'"{hashlib.sha256(found).hexdigest()[:16]}"'
        if known == etag:
            return web.Response(status=304)
        return web.Response(body=found, content_type="text/calendar", headers={"ETag": etag})


@asynccontextmanager
async def serving() -> AsyncIterator[Feeds]:
    feeds = Feeds()
    app = web.Application()
    app.router.add_get("/{path:.*}", feeds.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    feeds.base = f"http://{host}:{port}"
    try:
        yield feeds
    finally:
        await runner.cleanup()
