"""A server of web receipts in a process of its own, with a desk that commits to SQLite as the store does.

``python -m tests.fakes.web_sqlite PATH [bare]`` prints its port and serves until killed; ``bare``: the picture alone,
from a Starlette route that records nothing.
"""

import asyncio
import socket
import sqlite3
import sys
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.clock import SystemClock
from bot.web.desk import ShownLetter, WebReport
from bot.web.pixel import GIF
from bot.web.receipts import WebReceipts
from tests.fakes.web_desk import LETTER, TOKENS


class SqliteDesk:
    """Reports as rows; a batch is a transaction that is on the disk before it counts."""

    def __init__(self, path: str) -> None:
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE IF NOT EXISTS receipt (key TEXT, kind TEXT, at TEXT, detail TEXT, PRIMARY KEY (key, kind))"
        )

    async def letter(self, key: str) -> ShownLetter | None:
        return LETTER

    async def report(self, reports: Sequence[WebReport]) -> None:
        rows = [(one.key, one.kind, one.at.isoformat(), one.detail) for one in reports]
        await asyncio.to_thread(self._insert, rows)

    def _insert(self, rows: Sequence[tuple[str, ...]]) -> None:
        self.database.execute("BEGIN IMMEDIATE")
        self.database.executemany("INSERT OR IGNORE INTO receipt VALUES (?, ?, ?, ?)", rows)
        self.database.execute("COMMIT")


async def _bare(request: Request) -> Response:
    return Response(GIF, media_type="image/gif", headers={"Cache-Control": "no-store"})


async def serve(routes: Sequence[BaseRoute]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        # Accepted sockets inherit it; asyncio itself sets it only for sockets whose protocol is named. Without it the
        # second half of an answer waits 40 ms for the client's acknowledgement of the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False, lifespan="off", ws="none")
        await uvicorn.Server(config).serve(sockets=[listener])


def main(path: str, *more: str) -> None:
    if "bare" in more:
        asyncio.run(serve([Route("/p/{token}.gif", _bare)]))
    else:
        asyncio.run(serve(WebReceipts(TOKENS, SqliteDesk(path), SystemClock().now).routes))


if __name__ == "__main__":
    main(*sys.argv[1:])
