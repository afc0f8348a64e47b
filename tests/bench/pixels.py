"""Pictures a second, each answered after its commit, against a bare Starlette route in the same run."""

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from tests.bench.setting import quantile, row
from tests.fakes.web_desk import TOKENS

MANY = 4_000
ROUNDS = 5
CONNECTIONS = 128
CALM = 200
TARGET = 0.6
STORE_TARGET = 1_000
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"


@contextmanager
def server(module: str, path: str, *more: str) -> Iterator[int]:
    """A server in a process of its own; its port."""
    command = [sys.executable, "-m", module, path, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def fetch(port: int, paths: Iterator[str]) -> list[float]:
    """One connection asks for one picture after the other; how long each took, in seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    for path in paths:
        began = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: {AGENT}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.split(b"\r\n")[0].decode())
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
        took.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()
    return took


async def burst(port: int, tokens: Sequence[str]) -> float:
    """Pictures a second over many connections."""
    paths = iter([f"/p/{token}.gif" for token in tokens])
    began = time.perf_counter()
    await asyncio.gather(*(fetch(port, paths) for _ in range(CONNECTIONS)))
    return len(tokens) / (time.perf_counter() - began)


def tokens_of(number: int) -> list[str]:
    """Those of ten mails' recipients in each round, none twice."""
    return [TOKENS.pixel_token(f"{number}{n % 10}.m{n}") for n in range(MANY)]


async def measure_store(folder: Path) -> None:
    """The same pictures as receipts of alerts: each is decided on and saved."""
    with server("web_store", str(folder)) as port:
        speed = await burst(port, (folder / "tokens").read_text().split())
    row("the same over the bot's store, each decided on", f"{speed:,.0f}/s", "", "≥ 1,000/s", speed >= STORE_TARGET)


def kept(path: str) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(DISTINCT key) FROM receipt").fetchone()[0])


async def measure(path: str) -> None:
    ours, bare = [], []
    with server("tests.fakes.web_sqlite", path) as port, server("tests.fakes.web_sqlite", path, "bare") as bare_port:
        for number in range(ROUNDS):
            bare.append(await burst(bare_port, tokens_of(number)))
            ours.append(await burst(port, tokens_of(number)))
        calm = await fetch(port, iter([f"/p/{TOKENS.pixel_token(f'99.m{n}')}.gif" for n in range(CALM)]))
    report(ours, bare, calm, kept(path))


def report(ours: Sequence[float], bare: Sequence[float], calm: Sequence[float], found: int) -> None:
    # Each round beside the bare one just before it: other work on the machine slows both.
    ratio = median(one / other for one, other in zip(ours, bare, strict=True))
    beside = f"bare Starlette route {max(bare):,.0f}/s"
    row("pictures, answered after the commit", f"{max(ours):,.0f}/s = {ratio:.0%}", beside, "≥ 60 %", ratio >= TARGET)
    lost = MANY * ROUNDS + CALM - found
    row("openings lost of those answered", str(lost), f"{found:,} kept", "0", lost == 0)
    figure = f"{median(calm) * 1000:.1f} ms"
    row("a picture alone, median", figure, f"p99 {quantile(calm, 0.99) * 1000:.1f} ms", "< 5 ms", median(calm) < 0.005)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kidoku-bench-") as folder:
        asyncio.run(measure(str(Path(folder) / "pixels.sqlite3")))
        asyncio.run(measure_store(Path(folder)))
