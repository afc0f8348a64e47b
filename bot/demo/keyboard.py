"""The terminal's keyboard: what is typed is echoed by the demo itself, so that it can step aside for what is shown."""

import asyncio
import os
import signal
import sys
import termios
import tty
from types import TracebackType
from typing import Any, Self

from rich.cells import cell_len
from rich.console import Console

from bot.demo.typed import TypedLine

PROMPT = "kidoku> "


class Keyboard:
    """Reads the terminal key by key (the kernel would echo into the boxes) and gives whole lines.

    While somebody asks for a line, the prompt and what has been typed stand in the last line of the
    terminal. ``hide`` takes them away and ``show`` brings them back. What is typed while nobody asks is kept.
    """

    def __init__(self, console: Console) -> None:
        self.line = TypedLine()
        self._console = console
        self._fd = sys.stdin.fileno()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_asking = False
        self._drawn = 0
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._fd)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._fd, self._read)
        loop.add_signal_handler(signal.SIGCONT, self._take)
        self._take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._fd)
        loop.remove_signal_handler(signal.SIGCONT)
        termios.tcsetattr(self._fd, termios.TCSANOW, self._before)

    def _take(self) -> None:
        """Set the terminal; again after Ctrl+Z, for the shell has set it back."""
        tty.setcbreak(self._fd, termios.TCSANOW)
        self.show()

    async def ask(self) -> str | None:
        """The next line that is typed; None when there is no more."""
        self._is_asking = True
        self.show()
        try:
            line = await self._lines.get()
        finally:
            self._is_asking = False
            self.hide()
        self._write(f"{PROMPT}{line or ''}\n")
        return line

    def hide(self) -> None:
        if self._drawn:
            self._write(f"\r{' ' * self._drawn}\r")
            self._drawn = 0

    def show(self) -> None:
        if not self._is_asking:
            return
        self.hide()
        shown = PROMPT + _tail(self.line.text, self._console.width - len(PROMPT) - 1)
        self._drawn = cell_len(shown)
        self._write(shown)

    def _read(self) -> None:
        try:
            typed = os.read(self._fd, 4096)
        except OSError:  # the terminal is gone
            typed = b""
        if not typed:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._lines.put_nowait(None)
            return
        for line in self.line.feed(typed):
            self._lines.put_nowait(line)
        self.show()

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()


def _tail(text: str, room: int) -> str:
    """The end of a text that is too long for a line: a prompt of several lines could not be taken away again."""
    if cell_len(text) <= room:
        return text
    while text and cell_len(text) > room - 1:
        text = text[1:]
    return f"…{text}"
