"""No opening that was answered is lost when the process is killed."""

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from bot.web.pixel import GIF
from tests.fakes.web_desk import TOKENS

CONNECTIONS = 20
ANSWERED = 300


class Readers:
    """Mail programs that fetch one picture after the other, and note which were answered."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answered: list[str] = []
        self.enough = asyncio.Event()

    async def read(self, name: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for number in range(10_000):
                key = f"{number}.m{name}"
                writer.write(f"GET /p/{TOKENS.pixel_token(key)}.gif HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200")
                await reader.readexactly(len(GIF))
                self.answered.append(key)
                if len(self.answered) >= ANSWERED:
                    self.enough.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite3"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.web_sqlite", str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        readers = Readers(int(await process.stdout.readline()))
        running = [asyncio.create_task(readers.read(name)) for name in range(CONNECTIONS)]
        await readers.enough.wait()
        process.send_signal(signal.SIGKILL)
        await asyncio.gather(*running)
        await process.wait()
    with closing(sqlite3.connect(path)) as database:
        kept = {key for (key,) in database.execute("SELECT key FROM receipt")}
    assert len(readers.answered) >= ANSWERED
    assert set(readers.answered) <= kept
