"""The door for receipts against real clients: no login, only awaited addresses, a 250 only after the commit."""

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from channels.gateway.config import ReceiptsPlace
from channels.gateway.receipts import MOST_RECIPIENTS
from channels.gateway.server import ReceiptsDoor
from channels.gateway.submission import Refusal
from tests.fakes.dovecot import make_certificate
from tests.fakes.gateway import AT, settings_for

BOUNCE = b"Subject: Undelivered\r\n\r\n.dot\r\n\xff\r\n"
OURS = "bounce+1@team.example"
T = TypeVar("T")


@dataclass
class Awaited:
    """Implements ``Receipts``: all of our domain is awaited."""

    got: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    answer: str | Refusal | Exception = "Read"

    def is_awaited(self, address: str) -> bool:
        return address.endswith("@team.example")

    async def accept(self, recipients: tuple[str, ...], data: bytes) -> str | Refusal:
        if isinstance(self.answer, Exception):
            raise self.answer
        self.got.append((recipients, data))
        return self.answer


@asynccontextmanager
async def opened(awaited: Awaited, certificate: Path | None = None, **more: object) -> AsyncIterator[ReceiptsDoor]:
    settings = settings_for(**more)
    if certificate is not None:
        files = {"cert_file": certificate, "key_file": certificate.parent / "key.pem", "security": "starttls"}
        settings = settings_for(**files, **more)
    door = ReceiptsDoor(settings, ReceiptsPlace(port=0), awaited, lambda: AT)
    running = asyncio.create_task(door.run())
    try:
        await asyncio.wait_for(door.started.wait(), 10)
        yield door
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def asks(door: ReceiptsDoor, work: Callable[[smtplib.SMTP], T], host: str = "127.0.0.1") -> T:
    def talk() -> T:
        client = smtplib.SMTP(host, door.port, timeout=20)
        try:
            return work(client)
        finally:
            client.close()

    return await asyncio.to_thread(talk)


def hands_in(client: smtplib.SMTP, *to: str, sender: str = "") -> list[int]:
    """The codes of MAIL, each RCPT and the text."""
    client.ehlo("mx.partner.example")
    codes = [client.mail(sender)[0], *(client.rcpt(one)[0] for one in to)]
    return [*codes, client.data(BOUNCE)[0]] if 250 in codes[1:] else codes


@pytest.mark.parametrize("sender", ["", "someone@partner.example"])
async def test_without_a_login_a_receipt_is_taken_byte_for_byte(sender: str) -> None:
    awaited = Awaited()
    async with opened(awaited) as door:
        assert await asks(door, lambda client: hands_in(client, OURS, sender=sender)) == [250, 250, 250]
    assert awaited.got == [((OURS,), BOUNCE)]


async def test_nothing_is_passed_on_and_no_password_is_asked_for() -> None:
    awaited = Awaited()
    async with opened(awaited) as door:
        to = ("guest@partner.example", "no address")
        assert await asks(door, lambda client: hands_in(client, *to)) == [250, 550, 553]

        def logs_in(client: smtplib.SMTP) -> tuple[bool, int]:
            client.ehlo()
            return client.has_extn("auth"), client.docmd("AUTH", "PLAIN AGEAYg==")[0]

        has_auth, code = await asks(door, logs_in)
        assert not has_auth
        assert code in (502, 504, 538)
    assert awaited.got == []


@pytest.mark.parametrize(
    ("answer", "code"), [(Refusal(451, "4.3.0 later"), 451), (RuntimeError("a secret"), 451), ("Read", 250)]
)
async def test_the_answer_is_what_became_of_it(answer: str | Refusal | Exception, code: int) -> None:
    async with opened(Awaited(answer=answer)) as door:
        assert (await asks(door, lambda client: hands_in(client, OURS)))[-1] == code


async def test_tls_is_offered_with_a_certificate_and_not_demanded(tmp_path: Path) -> None:
    certificate = await asyncio.to_thread(make_certificate, tmp_path)
    awaited = Awaited()

    def securely(client: smtplib.SMTP) -> list[int]:
        client.ehlo()
        client.starttls(context=ssl.create_default_context(cafile=str(certificate)))
        return hands_in(client, OURS)

    async with opened(awaited, certificate) as door:
        assert await asks(door, lambda client: hands_in(client, OURS)) == [250, 250, 250]
        assert await asks(door, securely, "localhost") == [250, 250, 250]
    assert len(awaited.got) == 2


async def test_one_server_may_not_flood_and_one_mail_is_not_for_many() -> None:
    async with opened(Awaited(), messages_per_minute=2) as door:
        assert [(await asks(door, lambda client: hands_in(client, OURS)))[0] for _ in range(3)] == [250, 250, 452]
    async with opened(Awaited()) as door:
        many = [f"bounce+{n}@team.example" for n in range(MOST_RECIPIENTS + 1)]
        assert (await asks(door, lambda client: hands_in(client, *many)))[-2:] == [452, 250]
