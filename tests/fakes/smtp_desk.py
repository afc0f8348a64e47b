"""The mail channel as the bot builds it, and a letter for it to send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from channels.base import Channel, Notifier
from channels.message import Letter, Message
from channels.smtp import build
from channels.smtp.config import SmtpSettings

AT = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
PASSWORD = "hunter2-of-the-smart-host"
LETTER = Letter(
    sender="監視センター <noc@example.jp>",
    envelope_sender="bounces+t0k3n@example.jp",
    subject="【緊急】基幹網の障害",
    text="至急ご確認ください。\n.\n..\nFrom here on\n",
    html="<p>至急ご確認ください。</p>",
    message_id="<12.1.0-3@kidoku.example.jp>",
    envelope_id="12.1.0-3",
    to_name="田中 花子",
    receipt_to="receipts@example.jp",
)
MESSAGE = Message(
    key="12.1.0-3",
    address="hanako@company.example",
    language="ja",
    title="",
    summary="",
    alert_id=12,
    letter=LETTER,
)


def to(address: str, message: Message = MESSAGE, **letter: Any) -> Message:
    """The message, to somebody else, with these changes of its letter."""
    assert message.letter is not None
    return replace(message, address=address, letter=replace(message.letter, **letter))


@dataclass
class Desk:
    channel: Channel
    notifier: Notifier
    told: list[tuple[str, bool, str]] = field(default_factory=list)
    has_told: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_up(self) -> bool | None:
        return self.told[-1][1] if self.told else None


def settings_for(port: int, **more: Any) -> SmtpSettings:
    given = {"host": "127.0.0.1", "port": port, "security": "plain", "sender": "noc@example.jp", "timeout": 5}
    return SmtpSettings.model_validate({**given, "helo": "kidoku.example.jp", **more})


@asynccontextmanager
async def desk(port: int, **more: Any) -> AsyncIterator[Desk]:
    """The channel against a server on this port; it is closed at the end."""
    told: list[tuple[str, bool, str]] = []
    has_told = asyncio.Event()

    def listen(name: str, is_up: bool, detail: str) -> None:
        told.append((name, is_up, detail))
        has_told.set()

    channel = build(settings_for(port, **more), lambda: AT, listen)
    assert channel.notifier is not None
    try:
        yield Desk(channel, channel.notifier, told, has_told)
    finally:
        await channel.notifier.close()
