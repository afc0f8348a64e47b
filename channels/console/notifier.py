"""The way out to a terminal. Also stands in for Slack, Discord and the phone in the demo, under their names."""

from collections.abc import Callable, Mapping
from datetime import datetime

from channels.base import Capabilities, Channel, Ended, FollowResult, NotFound, SendResult, Sent
from channels.console.render import render
from channels.message import Message
from escalation.event import Outcome

Print = Callable[[str, str, list[str]], None]
"""Shows (channel, address, lines)."""


def show(channel: str, address: str, lines: list[str]) -> None:
    """Print to standard output, one block a message."""
    print("\n".join([f"[{channel} → {address}] {lines[0]}", *(f"    {line}" for line in lines[1:])]), flush=True)


class ConsoleNotifier:
    """Prints each notification once, and again when it changes."""

    capabilities = Capabilities(can_update=True)

    def __init__(self, name: str = "console", out: Print = show) -> None:
        self.name = name
        self._out = out

    async def send(self, message: Message) -> SendResult:
        self._out(self.name, message.address, render(message))
        return Sent({"key": message.key})

    async def reconcile(self, message: Message, since: datetime) -> NotFound:
        """A terminal remembers nothing: it is printed again."""
        return NotFound()

    async def update(self, message: Message, ref: Mapping[str, str]) -> SendResult:
        self._out(self.name, message.address, render(message, is_update=True)[:1])
        return Sent(ref)

    async def follow(self, ref: Mapping[str, str]) -> FollowResult:
        return Ended(Outcome.ENDED)

    async def close(self) -> None:
        return None


def build(name: str = "console", out: Print = show) -> Channel:
    """The console as a channel."""
    return Channel(name, ConsoleNotifier(name, out))
