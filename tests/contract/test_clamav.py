"""The scanner against the real clamd."""

import asyncio
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels.clamav.scanner import CantScan, Clean, Infected, Scanner
from tests.fakes import clamd
from tests.fakes.clamd import EICAR, SIGNATURE, Clamd
from tests.fakes.dovecot import free_port

pytestmark = pytest.mark.real
SOON = timedelta(seconds=20)


@pytest.fixture(scope="module")
def daemon() -> Iterator[Clamd]:
    with clamd.running() as one:
        yield one


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eicar.com", data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        (b"Line A-1 will be down.", Clean()),
        (b"", Clean()),
        (EICAR, Infected(f"{SIGNATURE}.UNOFFICIAL")),
        (b"before\n" + EICAR + b"\nafter", Infected(f"{SIGNATURE}.UNOFFICIAL")),
        (zipped(EICAR), Infected(f"{SIGNATURE}.UNOFFICIAL")),
        (b"x" * 1_100_000, CantScan("clamd hung up: it is larger than its StreamMaxLength")),
    ],
    ids=["clean", "empty", "eicar", "within", "zipped", "large"],
)
async def test_what_is_found(daemon: Clamd, data: bytes, finding: object) -> None:
    assert await Scanner("127.0.0.1", daemon.port, SOON).scan(data) == finding


async def test_many_at_once(daemon: Clamd) -> None:
    scanner = Scanner("127.0.0.1", daemon.port, SOON)
    found = await asyncio.gather(*(scanner.scan(EICAR if number % 2 else b"clean") for number in range(20)))
    assert [isinstance(one, Infected) for one in found] == [bool(number % 2) for number in range(20)]


async def test_nobody_listens() -> None:
    found = await Scanner("127.0.0.1", free_port(), SOON).scan(b"x")
    assert found == CantScan("the virus scanner can't be reached")


@pytest.mark.parametrize("answer", [b"", b"nonsense\n", b"\xff\xfe\n", b"x" * 100_000])
async def test_somebody_else_listens(answer: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert isinstance(await Scanner("127.0.0.1", port, SOON).scan(b"x"), CantScan)


async def test_one_that_never_answers_takes_no_longer_than_allowed() -> None:
    held = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert isinstance(await Scanner("127.0.0.1", port, timedelta(milliseconds=100)).scan(b"x"), CantScan)
        held.set()
