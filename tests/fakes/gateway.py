"""The gateway on a loopback port, with a desk behind it that the test answers for."""

import asyncio
import smtplib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from channels.gateway.config import GatewaySettings
from channels.gateway.password import line_for
from channels.gateway.server import Gateway
from channels.gateway.submission import Refusal, Submitted
from tests.fakes.dovecot import make_certificate

AT = datetime(2026, 5, 3, 17, 0, tzinfo=UTC)
USER, PASSWORD = "zabbix", "correct horse ☃"
LINES = line_for(USER, PASSWORD)
T = TypeVar("T")


@dataclass
class Kept:
    """Implements ``Submissions``: keeps in a list; ``answers`` are given once each. ``gate`` holds every answer."""

    mails: list[Submitted] = field(default_factory=list)
    answers: deque[Refusal | Exception] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, submitted: Submitted) -> str | Refusal:
        self.arrived.set()
        await self.gate.wait()
        answer = self.answers.popleft() if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            self.mails.append(submitted)
        return answer or "kept"


@dataclass
class Stand:
    """A running gateway. ``slept`` is how long failed logins were kept waiting; ``now`` moves by hand."""

    gateway: Gateway
    kept: Kept
    slept: list[timedelta]
    certificate: Path | None
    now: datetime = AT

    @property
    def port(self) -> int:
        return self.gateway.port

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    async def asks(self, work: Callable[[smtplib.SMTP], T], *, is_tls: bool = False) -> T:
        """What the standard library's client gets, in a thread of its own."""
        return await asyncio.to_thread(self._work, work, is_tls)

    def _work(self, work: Callable[[smtplib.SMTP], T], is_tls: bool) -> T:
        if is_tls:
            client: smtplib.SMTP = smtplib.SMTP_SSL("localhost", self.port, timeout=20, context=self.trust)
        else:
            client = smtplib.SMTP("127.0.0.1", self.port, timeout=20)
        try:
            return work(client)
        finally:
            client.close()


def settings_for(**more: Any) -> GatewaySettings:
    given = {"port": 0, "security": "plain", "passwords": LINES, "name": "gate.example"}
    return GatewaySettings.model_validate({**given, **more})


@asynccontextmanager
async def standing(folder: Path | None = None, **more: Any) -> AsyncIterator[Stand]:
    """A gateway with these settings; with a ``folder`` it has a certificate."""
    certificate = None
    if folder is not None:
        certificate = await asyncio.to_thread(make_certificate, folder)
        more = {"cert_file": certificate, "key_file": folder / "key.pem", **more}
    kept, slept = Kept(), list[timedelta]()
    kept.gate.set()

    async def sleep(span: timedelta) -> None:
        slept.append(span)

    stand: Stand
    gateway = Gateway(settings_for(**more), kept, lambda: stand.now, sleep)
    stand = Stand(gateway, kept, slept, certificate)
    running = asyncio.create_task(gateway.run())
    started = asyncio.create_task(gateway.started.wait())
    await asyncio.wait([running, started], timeout=10, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    try:
        if running.done():
            running.result()
        yield stand
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
