"""What the demo shows: each stand-in's output in a box of its own, and what happened, for the story to wait for."""

import asyncio
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from bot.demo.keyboard import Keyboard
from bot.linebreak import broken

STYLES = {"slack": "magenta", "discord": "blue", "phone": "green"}
TITLES = {"slack": "Slack", "discord": "Discord", "phone": "☎"}
WIDEST = 88
"""Of a box, in cells."""

_MARK = re.compile(r"[●◐○▲↻·▶✗☎] ")
_BUTTON = re.compile(r"\[[^\]]*\]")
_BUTTONS = re.compile(r"(?:\[[^\]]*\] ?)+")


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that a stand-in showed: ``kind`` is post, update, ring, or what became of a call."""

    channel: str
    kind: str
    alert_id: int | None
    text: str = ""


class Terminal(Console):
    """A console whose reader may go away (``| head``): that is told once, and nothing more is written."""

    def __init__(self) -> None:
        super().__init__(highlight=False)
        self.gone = asyncio.Event()

    def on_broken_pipe(self) -> None:
        self.quiet = True
        self.gone.set()
        # What Python flushes when it ends must not fail either (docs.python.org, signal, "Note on SIGPIPE").
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Screen:
    """The terminal, and the list of what was shown. ``keyboard``, if there is one, steps aside for what is shown."""

    def __init__(self, clock: Callable[[], str], console: Console) -> None:
        self.console = console
        self.keyboard: Keyboard | None = None
        self.shown: list[Shown] = []
        self._clock = clock
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def box(self, channel: str, address: str, lines: list[str], shown: Shown) -> None:
        """Show one message or call."""
        title = Text(f"{self._clock()} {TITLES.get(channel, channel)} → {address}")
        width = min(WIDEST, self.console.width)
        head, *rest = ("\n".join(_broken(line, width - 4)) for line in lines)
        body = Text.assemble((head, "bold"), *(f"\n{line}" for line in rest))
        self._print(
            Panel(body, title=title, title_align="left", border_style=STYLES.get(channel, "white"), width=width)
        )
        self.note(shown)

    def line(self, text: str, style: str = "", lead: str = "") -> None:
        """Show a line, broken to fit; ``lead`` stands before it, and room for it before what follows."""
        lines = broken(text, self.console.width, lead) if lead else _broken(text, self.console.width)
        self._print(Text("\n".join(lines), style=style))

    def command(self, text: str) -> None:
        """Show what somebody may copy into a shell: never broken."""
        self._print(Text(text, style="bold"), is_whole=True)

    def gap(self) -> None:
        self._print(Text(""))

    def _print(self, what: Panel | Text, *, is_whole: bool = False) -> None:
        if self.keyboard is not None:
            self.keyboard.hide()
        self.console.print(what, soft_wrap=is_whole)
        if self.keyboard is not None:
            self.keyboard.show()

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


def _broken(line: str, width: int) -> list[str]:
    """The lines of one: what follows a mark stands under what comes after it, and a button stays whole."""
    if _BUTTONS.fullmatch(line):
        return _buttons(_BUTTON.findall(line), width)
    mark = _MARK.match(line)
    return broken(line[mark.end() :], width, mark[0]) if mark else broken(line, width)


def _buttons(buttons: list[str], width: int) -> list[str]:
    lines = [""]
    for button in buttons:
        if lines[-1] and cell_len(f"{lines[-1]} {button}") > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {button}".strip()
    return lines
