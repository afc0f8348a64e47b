"""What the demo shows: each stand-in's output in a box of its own, and what happened, for the story to wait for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

STYLES = {"slack": "magenta", "discord": "blue", "phone": "green"}
TITLES = {"slack": "Slack", "discord": "Discord", "phone": "☎"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a stand-in showed: ``kind`` is post, update, ring, or what became of a call."""

    channel: str
    kind: str
    alert_id: int | None
    text: str = ""


class Screen:
    """The terminal, and the list of what was shown."""

    def __init__(self, clock: Callable[[], str], console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.shown: list[Shown] = []
        self._clock = clock
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def box(self, channel: str, address: str, lines: list[str], shown: Shown) -> None:
        """Show one message or call."""
        title = Text(f"{self._clock()} {TITLES.get(channel, channel)} → {address}")
        text = Text("\n".join(lines[1:])) if len(lines) > 1 else Text("")
        body = Text.assemble((lines[0], "bold"), "\n" if text else "", text)
        width = min(88, self.console.width)
        self.console.print(
            Panel(body, title=title, title_align="left", border_style=STYLES.get(channel, "white"), width=width)
        )
        self.note(shown)

    def line(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))

    def note(self, shown: Shown) -> None:
        """Remember it, and wake whoever waits for it."""
        self.shown.append(shown)
        task = asyncio.get_running_loop().create_task(self._wake())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def wait_for(self, channel: str, kind: str, alert_id: int, seconds: float) -> Shown:
        """The first such thing shown. Raises TimeoutError."""

        def found() -> Shown | None:
            wanted = (channel, kind, alert_id)
            return next((one for one in self.shown if (one.channel, one.kind, one.alert_id) == wanted), None)

        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: found() is not None)
        result = found()
        assert result is not None
        return result
